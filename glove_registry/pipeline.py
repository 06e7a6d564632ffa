"""From a name to vectors: the stages in order, each imported when it is needed.

    name -> registry -> download -> formats -> store -> vectors

An existing store is mapped at once; only a missing one needs download and formats.
"""

import os
import re
from pathlib import Path
from typing import TYPE_CHECKING, Literal, TypeAlias, TypeVar

from .cache import Cache
from .cache.digests import check_sha256
from .errors import (
    ChecksumError,
    FetchError,
    FormatError,
    GloveRegistryError,
    UnverifiableError,
)
from .messages.caller import warn_caller
from .registries import Registry, check_flags
from .registry import Tokenizer, check_tokenizer
from .store import Store
from .store.numbers import NumberType, check_number_type
from .store.shortcut import follow_shortcut, leave_shortcut
from .vectors import Vectors

if TYPE_CHECKING:
    from collections.abc import Iterable

    from .registry import Format, Resource, Variant
    from .registry.variant_names import VariantName

StrPath: TypeAlias = "str | os.PathLike[str]"
_R = TypeVar("_R", bound="Resource")


def load(
    name: "VariantName | str",
    *,
    sha256: str | None = None,
    registry: "Registry | StrPath | None" = None,
    cache_dir: "StrPath | None" = None,
    offline: bool | None = None,
    progress: bool | None = None,
    trust_on_first_use: bool = False,
    dtype: NumberType = "float32",
) -> Vectors:
    """Load a variant of the registry, fetching and compiling it on first use.

    The first load of a variant fetches its text, verifies its sha256 and compiles it
    into the cache as it arrives. Later loads only map the compiled store: they use
    neither the network nor the original, and take no lock.

    Parameters
    ----------
    name : str
        ``"glove.6B.100d"``, or ``"glove.6B.100d@with-unk"`` for a revision.
    sha256 : str, optional
        Refuse any text with another sha256. Write down ``vectors.provenance["sha256"]``
        and pass it here to give an experiment the same bytes next year. The entry's own
        checksum is verified as well; an entry without one then needs no
        `trust_on_first_use`.
    registry : str, path-like or Registry, optional
        A registry file to add above the default registry, or its URL, such as
        ``"hf:ORG/REPO"``; or a `Registry` to use instead of the default.
    cache_dir : str or path-like, optional
        The cache folder. By default, the one that the environment variable
        GLOVE_REGISTRY_CACHE names, or else one in the operating system's folder for
        caches.
    offline : bool, optional
        Whether to work without the network. By default, GLOVE_REGISTRY_OFFLINE decides.
    progress : bool, optional
        By default, a bar is drawn on a terminal and in a notebook; elsewhere, a line is
        written to standard error every ten seconds. True always writes the last line;
        False writes nothing.
    trust_on_first_use : bool
        Accept an entry without any checksum: the sha256 of the first download is
        recorded in the cache, and later loads on this machine refuse other bytes.
        Entries with a checksum are always verified.
    dtype : {"float32", "float16", "int8"}
        Type of the numbers on disk; all results are float32. ``"float16"`` needs half
        the space, ``"int8"``, with one scale for each row, a quarter. Made from the
        store of float32 if there is one, else from the text.

    Returns
    -------
    Vectors

    Raises
    ------
    UnknownVariantError
        The registry has no such name; the message suggests similar ones.
    RegistryError
        A registry file is invalid.
    UnverifiableError
        The entry has no checksum.
    FetchError
        No source has the file.
    ChecksumError
        The sha256 of the file, or of the entry, is not the expected one.
    OfflineError
        The file would have to be fetched, but `offline` forbids it.
    FormatError
        The file does not contain what the entry states.
    CacheError
        The cache folder cannot be used.
    TypeError
        `offline`, `progress` or `trust_on_first_use` is not a bool.

    Examples
    --------
    >>> import glove_registry
    >>> vectors = glove_registry.load("glove.6B.50d-first10k")
    >>> len(vectors), vectors.dimension
    (10000, 50)
    """
    check_number_type(dtype)
    check_flags(progress=progress, trust_on_first_use=trust_on_first_use)
    cache = Cache.locate(cache_dir)
    known = Registry.over_default(registry, cache_dir=cache_dir, offline=offline)
    found = follow_shortcut(name, known, cache, dtype)
    if found is None or sha256 not in (None, found[0].manifest.provenance["sha256"]):
        variant = known.find(name)
        store = _find_store(
            variant, cache, dtype, sha256, trust_on_first_use, offline, progress
        )
        leave_shortcut(name, known, cache, store)
        found = store, variant.tokenizer
    return _open_vectors(*found, cache)


def load_variant(
    variant: "Variant",
    *,
    sha256: str | None = None,
    cache_dir: "StrPath | None" = None,
    offline: bool | None = None,
    progress: bool | None = None,
    trust_on_first_use: bool = False,
    dtype: NumberType = "float32",
) -> Vectors:
    """Load a variant where the registry that describes it need not exist.

    Parameters
    ----------
    variant : Variant
    sha256, cache_dir, offline, progress, trust_on_first_use, dtype
        As for `load`.

    Returns
    -------
    Vectors

    Raises
    ------
    GloveRegistryError
        As for `load`.
    """
    check_flags(
        offline=offline, progress=progress, trust_on_first_use=trust_on_first_use
    )
    cache = Cache.locate(cache_dir)
    store = _find_store(
        variant, cache, dtype, sha256, trust_on_first_use, offline, progress
    )
    return _open_vectors(store, variant.tokenizer, cache)


def fetch(
    name: "VariantName | str",
    *,
    registry: "Registry | StrPath | None" = None,
    cache_dir: "StrPath | None" = None,
    offline: bool | None = None,
    progress: bool | None = None,
    trust_on_first_use: bool = False,
    from_file: "StrPath | None" = None,
) -> Path:
    """Fetch the original file of a variant or benchmark, verified, for other tools.

    `load` uses this file, too: to use vectors without a network, fetch them on another
    machine and copy the cache.

    Parameters
    ----------
    name, registry, cache_dir, offline, progress, trust_on_first_use
        As for `load`.
    from_file : str or path-like, optional
        Use this file instead of the sources: the variant's text, or the archive as
        its authors publish it. It is verified even if the cache has the original.

    Returns
    -------
    Path
        The uncompressed file, as its authors wrote it.

    Raises
    ------
    GloveRegistryError
        As for `load`.

    Examples
    --------
    >>> import glove_registry
    >>> path = glove_registry.fetch("glove.6B.50d-first10k")
    >>> path.read_bytes()[:12]
    b'the 0.418 0.'
    """
    from .cache.digests import hash_file
    from .download import ensure_original
    from .messages.interrupt import explaining_interrupts
    from .store.cleanup import clear_leftovers

    check_flags(progress=progress, trust_on_first_use=trust_on_first_use)
    cache = Cache.locate(cache_dir)
    known = Registry.over_default(registry, cache_dir=cache_dir, offline=offline)
    resource = known.find_resource(name)
    source = None if from_file is None else Path(from_file)
    try:
        with explaining_interrupts(f"fetch {resource.name}"):
            return ensure_original(
                _check_hash(resource, cache, trust_on_first_use),
                cache,
                from_file=source,
                offline=offline,
                progress=progress,
                clear=clear_leftovers,
            )
    except ChecksumError as error:
        # Hashed without a record of it: of a refused file, nothing is kept.
        others = source and known.find_by_sha256(hash_file(source))
        if not others:
            raise
        names = " or ".join(other.reference for other in others)
        raise ChecksumError(f"{error}. This is the file of {names}") from error


def open_file(
    path: "StrPath",
    *,
    format: "Format | None" = None,
    member: str | None = None,
    dimension: int | None = None,
    rows: int | Literal["any"] | None = None,
    prefix: str | None = None,
    words: "StrPath | Iterable[str] | None" = None,
    tokenizer: Tokenizer | None = None,
    cache_dir: "StrPath | None" = None,
    progress: bool | None = None,
    dtype: NumberType = "float32",
) -> Vectors:
    """Open your own file of vectors, compiling it on first use.

    This does for a file what `load` does for an entry of the registry. The file is not
    modified. If its content changes, it is compiled again.

    For the file of a release, use ``fetch(name, from_file=path)`` instead, and then
    `load`: these vectors have the tokenizer, licence, citation and published scores of
    the release, too.

    Parameters
    ----------
    path : str or path-like
        GloVe text, word2vec text (fastText's ``.vec``), word2vec binary, a model of
        fastText (``.bin``, ``.ftz``), text separated by tabs, npz, safetensors or
        Parquet; plain, or in a zip, tar, gz, bz2, xz or zst. Or a folder of
        TensorBoard's projector, read into memory.
    format : str, optional
        Name of a format, for example ``"word2vec"``; detected from the first bytes by
        default.
    member : str, optional
        Which member of a zip or tar; not needed if it contains only one file.
    dimension : int, optional
        Numbers per vector that the file must have. Needed only if a file without a
        header begins with a token that ends in a number, such as ``10 000``.
    rows : int or "any", optional
        Number of words that the file must have. ``"any"`` accepts a file whose header
        announces another number.
    prefix : str, optional
        A prefix that marks the tokens to read, such as ``"/c/en/"`` in Numberbatch: it
        is removed, and rows without it are left out.
    words : path-like, str or iterable of str, optional
        For a .npy, .npz or safetensors file with a single array of two dimensions and
        no words: the words of its rows; or the path of a file with one word on each
        line, or of JSON with a list or with the row of each word. Both are read into
        memory, as by `from_arrays`.
    tokenizer : {"ptb", "lower-ptb", "tweets", "words", "whitespace"}, optional
        How the texts of the corpus were split into tokens, for `Vectors.tokenize`. By
        default, as the file says if it is an npz, safetensors or Parquet that `export`
        has written, and otherwise ``"ptb"``.
    cache_dir, progress, dtype
        As for `load`.

    Returns
    -------
    Vectors

    Raises
    ------
    FetchError
        The file cannot be read.
    FormatError
        The file does not contain valid vectors, and the message gives the line; or an
        argument does not describe a file.
    CacheError
        The cache folder cannot be used.
    ValueError
        There is no such `tokenizer` or `dtype`.
    TypeError
        `path` is not the path of a file.

    Examples
    --------
    >>> import glove_registry
    >>> path = glove_registry.fetch("glove.6B.50d-first10k")
    >>> vectors = glove_registry.open_file(path)
    >>> len(vectors), vectors.dimension
    (10000, 50)
    """
    from .download import find_hash
    from .registry import Member, Source, Variant
    from .store.find import open_store

    check_number_type(dtype)
    check_flags(progress=progress)
    _check_reading(format, member, dimension, rows, prefix, tokenizer)
    path = _check_path(path)
    if words is not None or os.path.isdir(path):
        if (format, member, prefix, dtype) != (None, None, None, "float32"):
            raise FormatError(
                f"{path}: format, member, prefix and dtype do not apply to numbers "
                "whose words are in another file: leave them out"
            )
        vectors = _open_apart(path, words, tokenizer)
        stated = (None if rows == "any" else rows) or len(vectors)
        expected = stated, dimension or vectors.dimension
        if vectors.shape != expected:
            raise FormatError(
                f"{path} has the shape {vectors.shape}, expected {expected}"
            )
        return vectors
    cache = Cache.locate(cache_dir)
    try:
        sha256 = find_hash(path, cache)
    except (OSError, ValueError) as error:  # a path with a null character
        reason = getattr(error, "strerror", error)
        raise FetchError(
            f"{path} cannot be read ({reason}): give the path of a file; load() loads "
            "a variant by its name"
        ) from error
    variant = Variant(
        name=_make_name(path, member, format, dimension, rows, prefix),
        sources=(Source(url=path.as_uri(), sha256=sha256),),
        member=Member(name=member),
        format=format,
        dimension=dimension,
        rows=rows,
        prefix=prefix,
        origin=str(path),
    )
    store = open_store(variant, cache, dtype)
    if store is None:
        store = _make_store(variant, cache, dtype, None, progress)
        _name_release(path, sha256, member, cache_dir)
    if tokenizer is None:
        tokenizer = store.manifest.provenance.get("tokenizer")
    return _open_vectors(store, tokenizer, cache)


def _check_reading(
    format: "Format | None",
    member: str | None,
    dimension: int | None,
    rows: int | Literal["any"] | None,
    prefix: str | None,
    tokenizer: Tokenizer | None,
) -> None:
    """Raise an error if a file cannot be read as the arguments of `open_file` say."""
    from .messages.printable import quote
    from .registry import FORMATS

    if tokenizer is not None:
        check_tokenizer(tokenizer)
    if format not in (None, *FORMATS):
        raise FormatError(f"format={format!r}: expected one of {', '.join(FORMATS)}")
    for name, count, other in (
        ("dimension", dimension, ""),
        ("rows", None if rows == "any" else rows, " or 'any'"),
    ):
        if count is not None and (type(count) is not int or count < 1):
            raise FormatError(
                f"{name}={count!r}: expected a whole number from 1 on{other}"
            )
    if member is not None and not _is_text(member):
        raise FormatError(
            f"member={quote(member)}: expected the name of a file in an archive"
        )
    if prefix is not None and not (_is_text(prefix) and prefix.strip()):
        raise FormatError(
            f"prefix={quote(prefix)}: expected what tokens begin with, such as '/c/en/'"
        )


def _is_text(value: object) -> bool:
    """Return whether a value is a str that UTF-8 can encode: no lone surrogates."""
    return isinstance(value, str) and not re.search("[\ud800-\udfff]", value)


def _check_path(path: "StrPath") -> Path:
    """Return the absolute path of a file; a URL or anything else is an error."""
    from .registry.urls import redact

    if not isinstance(path, str | os.PathLike):
        raise TypeError(
            f"path={path!r}: expected the path of a file, as a str or a pathlib.Path"
        )
    if re.match(r"[A-Za-z][A-Za-z0-9+.-]+://", os.fspath(path)):
        raise FetchError(
            f"{redact(os.fspath(path))} is a URL, expected the path of a file: add it "
            "to a registry, for example by `glove-registry add`"
        )
    try:
        return Path(path).absolute()
    except FileNotFoundError:
        raise FetchError(
            f"{path} is named from the working folder, which was removed: give its "
            "absolute path"
        ) from None


def _name_release(
    path: Path, sha256: str, member: str | None, cache_dir: "StrPath | None"
) -> None:
    """Say that a file is that of a release, of which the registry knows more."""
    from shlex import quote

    from .messages.log import log

    try:
        # A hint is worth no request.
        known = Registry.over_default(None, cache_dir=cache_dir, offline=True)
        releases = known.find_by_sha256(sha256)
    except GloveRegistryError:
        return  # to open a file, none is needed
    names = [
        release.reference
        for release in releases
        if member in (None, release.member.name)
    ]
    if names:
        log.warning(
            "%s is the file of %s: `glove-registry fetch %s --from %s`, then "
            "load(%r), which knows its tokenizer, licence and citation",
            *(path, " or ".join(names), names[0], quote(str(path)), names[0]),
        )


def _open_apart(
    path: Path, words: "StrPath | Iterable[str] | None", tokenizer: Tokenizer | None
) -> Vectors:
    """Return vectors whose words and numbers are in files of their own, in memory."""
    from .combine import from_arrays
    from .formats import apart

    def join(words: "Iterable[str]") -> Vectors:
        name = _make_name(path)
        try:
            return from_arrays(words, numbers, name=name, tokenizer=tokenizer)
        except FormatError as error:
            raise FormatError(f"{path}: {error}") from None

    if words is None:
        if not apart.is_projector(path):
            raise FetchError(
                f"{path} is a folder that does not have both {apart.NUMBERS} and "
                f"{apart.LABELS}, as TensorBoard's projector has: give the path of a "
                "file"
            )
        found, numbers = apart.read_projector(path)
    else:
        apart.check_readable(path)
        numbers = apart.read_numbers(path)
        if not isinstance(words, str | os.PathLike):
            return join(words)
        apart.check_readable(Path(words))
        found = apart.read_words(Path(words))
    vectors = join(found)
    checked = apart.check_words(found, vectors.matrix, warn_caller)
    if checked == found:
        return vectors
    return join(checked)


def _check_hash(variant: _R, cache: Cache, trust_on_first_use: bool) -> _R:
    """Return a variant that a hash can verify, or that may be trusted."""
    if variant.anchor is not None:
        return variant
    if not trust_on_first_use:
        raise UnverifiableError(
            f"{variant.reference} has no checksum, so its bytes cannot be verified "
            f"({variant.origin}). If you know its sha256, write an entry of your own "
            "with it, or pass sha256= in each call; otherwise pass "
            "trust_on_first_use=True (--trust-on-first-use) in each call, which "
            "records the sha256 of the first download and refuses other bytes later"
        )
    from .download import apply_trusted_hash

    return apply_trusted_hash(variant, cache)


def require(variant: "Variant", sha256: str) -> "Variant":
    """Return the variant, held to the caller's sha256 if its entry has no checksum.

    It never replaces the checksum of an entry: a text of which only the archive's is
    known is compared after the archive has been verified.
    """
    check_sha256(sha256)
    if variant.anchor is None:
        from dataclasses import replace  # not needed on the warm path

        return replace(variant, member=replace(variant.member, sha256=sha256))
    if variant.member.sha256 is not None:
        _refuse_other(variant, sha256, variant.member.sha256)
    return variant


def _refuse_other(variant: "Variant", sha256: str, found: str) -> None:
    if found != sha256:
        raise ChecksumError(
            f"{variant.reference} has the sha256 {found} ({variant.origin}), but "
            f"sha256={sha256} was asked for: name the revision that has it, or write "
            "an entry for it"
        )


def _find_store(
    variant: "Variant",
    cache: Cache,
    dtype: NumberType,
    sha256: str | None,
    trust_on_first_use: bool,
    offline: bool | None,
    progress: bool | None,
) -> Store:
    """Return the store of an entry, fetched and compiled if there is none."""
    from .store.find import open_store

    variant = _check_hash(variant, cache, trust_on_first_use or sha256 is not None)
    if sha256 is not None:
        variant = require(variant, sha256)
    store = open_store(variant, cache, dtype)
    if store is None:
        store = _make_store(variant, cache, dtype, offline, progress)
    if sha256 is not None:
        _refuse_other(variant, sha256, store.manifest.provenance["sha256"])
    return store


def _make_store(
    variant: "Variant",
    cache: Cache,
    dtype: NumberType,
    offline: bool | None,
    progress: bool | None,
) -> Store:
    # Not needed on the warm path.
    from .messages.interrupt import explaining_interrupts
    from .store.build import make_store

    with explaining_interrupts(f"load {variant.name}"):
        return make_store(variant, cache, dtype, offline=offline, progress=progress)


def _open_vectors(store: Store, tokenizer: Tokenizer | None, cache: Cache) -> Vectors:
    """Return the vectors of a store, and repeat the warnings about their file."""
    cache.note_use(store.folder.name)
    origin = store.manifest.provenance
    for sentence in origin.get("warnings") or ():
        warn_caller(f"{origin['name']}: {sentence}")
    return Vectors(store, tokenizer)


def _make_name(path: Path, *how_to_read: object) -> str:
    """Return a variant's name for a file and the options it is read with."""
    name = re.sub(r"[^A-Za-z0-9_]+", ".", path.name).strip("._")[:60] or "file"
    if any(how is not None for how in how_to_read):
        import hashlib  # not needed for a name of the registry

        # Each way of reading the same file has a store of its own.
        how = hashlib.sha256("/".join(map(str, how_to_read)).encode()).hexdigest()
        name = f"{name}-{how[:8]}"
    return name
