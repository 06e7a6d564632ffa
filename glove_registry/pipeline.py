"""From a name to vectors: the stages in their order, each one imported when needed.

    name -> registry -> fetching -> formats -> store -> vectors

A store that exists is mapped at once; only a missing one makes the stages between run.
"""

import hashlib
import os
import re
from dataclasses import replace
from pathlib import Path
from typing import Literal, TypeAlias

from .cache import Cache
from .cache.digests import check_sha256
from .errors import ChecksumError, FetchError, FormatError, UnverifiableError
from .messages.caller import warn_caller
from .registry import FORMATS, Format, Member, Registry, Source, Variant
from .registry.urls import redact
from .store import Store
from .store.build import make_store, open_store
from .store.shortcut import follow_shortcut, leave_shortcut
from .vectors import Vectors

StrPath: TypeAlias = "str | os.PathLike[str]"


def load(
    name: str,
    *,
    sha256: str | None = None,
    registry: "Registry | StrPath | None" = None,
    cache_dir: "StrPath | None" = None,
    offline: bool | None = None,
    progress: bool | None = None,
    trust_on_first_use: bool = False,
) -> Vectors:
    """Load a variant of the registry: fetched and compiled once, then mapped.

    The first load of a variant fetches its text, verifies its sha256 and compiles it
    into the cache while it arrives. Every later load maps the compiled store: it
    reads neither the network nor the original, and takes no lock.

    Parameters
    ----------
    name : str
        ``"glove.6B.100d"``, or ``"glove.6B.100d@with-unk"`` for a revision.
    sha256 : str, optional
        Refuse any other text than the one with this sha256, which is what
        ``vectors.provenance["sha256"]`` gives: so an experiment gets the same bytes
        next year. An entry without a checksum needs no trust then.
    registry : str, path-like or Registry, optional
        A registry file, seen above the built-in registry; or a `Registry` to be used
        in its place.
    cache_dir : str or path-like, optional
        The cache folder. Without it the environment variable GLOVE_REGISTRY_CACHE
        decides, then the operating system's folder for caches.
    offline : bool, optional
        Whether the network is out of bounds. Without it GLOVE_REGISTRY_OFFLINE
        decides.
    progress : bool, optional
        Without it a bar is drawn on a terminal and in a notebook, and elsewhere a line
        is written to standard error every ten seconds. True writes the last line in
        any case; False writes nothing.
    trust_on_first_use : bool
        For an entry without any checksum: take what comes, record its sha256 in the
        cache, and hold all later loads on this machine to it. Such an entry is
        refused otherwise. Entries with a checksum are verified in any case.

    Returns
    -------
    Vectors

    Raises
    ------
    UnknownVariantError
        The registry has no such name; the message offers the nearest ones.
    RegistryError
        A registry file has faults.
    UnverifiableError
        The entry has no checksum.
    FetchError, ChecksumError, OfflineError
        No source had the file; what arrived, or what the entry promises, is another
        one; or it would have had to be fetched offline.
    FormatError
        The file does not hold what the entry says.
    CacheError
        The cache folder cannot be written.

    Examples
    --------
    >>> import glove_registry
    >>> vectors = glove_registry.load("glove.6B.50d-first10k")
    >>> len(vectors), vectors.dimension
    (10000, 50)
    """
    cache = Cache.locate(cache_dir)
    known = Registry.over_default(registry)
    store = follow_shortcut(name, known, cache)
    if store is None or sha256 not in (None, store.manifest.provenance["sha256"]):
        variant = _find(name, known, cache, trust_on_first_use or sha256 is not None)
        store = open_store(variant, cache)
        if sha256 is not None:
            text = store.manifest.provenance["sha256"] if store else None
            # Where the entry knows an archive's hash alone, the text's takes its place.
            variant = _hold_to(variant, sha256, text or variant.member.sha256)
            store = store or open_store(variant, cache)
        if store is None:
            store = make_store(variant, cache, offline, progress)
        leave_shortcut(name, known, cache, store)
    cache.note_use(store.folder.name)
    return _hand_out(store)


def fetch(
    name: str,
    *,
    registry: "Registry | StrPath | None" = None,
    cache_dir: "StrPath | None" = None,
    offline: bool | None = None,
    progress: bool | None = None,
    trust_on_first_use: bool = False,
    from_file: "StrPath | None" = None,
) -> Path:
    """Bring the verified original of a variant, for use by other tools.

    `load` uses it too, so that fetching on one machine and copying the cache is a way
    to use vectors where there is no network.

    Parameters
    ----------
    name, registry, cache_dir, offline, progress, trust_on_first_use
        As for `load`.
    from_file : str or path-like, optional
        Take the bytes from this file in place of the sources: the variant's text, or
        the archive as its authors publish it. The file is verified even if the cache
        already holds the original.

    Returns
    -------
    Path
        The uncompressed file of vectors, as its authors wrote it.

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
    from .download import (
        apply_trusted_hash,
        choose_sources,
        fetch_original,
        find_verified_original,
        read_to_end,
        read_verified,
    )
    from .store.cleanup import clear_leftovers

    cache = Cache.locate(cache_dir)
    variant = _find(name, registry, cache, trust_on_first_use)
    if from_file is not None and not Path(from_file).is_file():
        raise FetchError(f"{from_file} does not exist or is not a regular file")

    with cache.access():
        kept = find_verified_original(variant, cache)
    if kept is not None:
        if from_file is not None:
            # It is not needed, but whoever names it wants to know what it is.
            read_verified(
                variant,
                cache,
                lambda text, source: read_to_end(text),
                action="verify",
                sources=[_take_from(Path(from_file), variant)],
                progress=progress,
            )
        cache.note_use(kept.name)
        return kept

    with (
        cache.writing(),
        cache.hold_lock(variant.key or variant.reference, variant.name),
    ):
        clear_leftovers(cache)
        # Another process may have brought it meanwhile.
        if variant.anchor is None:
            variant = apply_trusted_hash(variant, cache)
        path = find_verified_original(variant, cache)
        if path is None:
            if from_file is None:
                sources = choose_sources(variant, cache, offline)
            else:
                sources = [_take_from(Path(from_file), variant)]
            path = fetch_original(variant, cache, sources=sources, progress=progress)
    cache.note_use(path.name)
    return path


def open_file(
    path: "StrPath",
    *,
    format: Format | None = None,
    member: str | None = None,
    dimension: int | None = None,
    rows: int | Literal["any"] | None = None,
    cache_dir: "StrPath | None" = None,
    progress: bool | None = None,
) -> Vectors:
    """Open a file of vectors of your own: compiled once, then mapped.

    Does for a file what `load` does for an entry of the registry. The file is left as
    it is; if it changes, it is compiled anew.

    Parameters
    ----------
    path : str or path-like
        GloVe text, word2vec text (fastText's ``.vec``) or word2vec binary; plain, or
        in a zip, tar, gz, bz2, xz or zst.
    format : {"glove", "word2vec", "word2vec-binary"}, optional
        Found out from the first rows if not given.
    member : str, optional
        Which member of a zip or tar; not needed if it holds one file.
    dimension : int, optional
        Numbers in a vector, held against the file. It is needed only if a file without
        a header begins with a token that ends in a number, such as ``10 000``.
    rows : int or "any", optional
        Words in the file, held against it. ``"any"``: as many as there are, whatever
        its header announces.
    cache_dir, progress
        As for `load`.

    Returns
    -------
    Vectors

    Raises
    ------
    FetchError
        The file cannot be read.
    FormatError
        It does not hold vectors; the message says on which line.
    CacheError
        The cache folder cannot be written.

    Examples
    --------
    >>> import glove_registry
    >>> path = glove_registry.fetch("glove.6B.50d-first10k")
    >>> vectors = glove_registry.open_file(path)
    >>> len(vectors), vectors.dimension
    (10000, 50)
    """
    from .download import find_hash

    if format not in (None, *FORMATS):
        raise FormatError(f"format={format!r}: expected one of {', '.join(FORMATS)}")
    _check_count("dimension", dimension)
    if rows != "any":
        _check_count("rows", rows, " or 'any'")
    if re.match(r"[A-Za-z][A-Za-z0-9+.-]+://", os.fspath(path)):
        raise FetchError(
            f"{redact(os.fspath(path))} is a URL and no file of this machine: give it "
            "an entry of a registry, for example by `glove-registry add`"
        )
    path = Path(path).absolute()
    cache = Cache.locate(cache_dir)
    try:
        sha256 = find_hash(path, cache)
    except (OSError, ValueError) as error:  # a path with a null character
        reason = getattr(error, "strerror", error)
        raise FetchError(f"{path} cannot be read ({reason})") from error
    variant = Variant(
        name=_name_after(path, member, format, dimension, rows),
        sources=(Source(url=path.as_uri(), sha256=sha256),),
        member=Member(name=member),
        format=format,
        dimension=dimension,
        rows=rows,
        origin=str(path),
    )
    store = open_store(variant, cache) or make_store(variant, cache, None, progress)
    cache.note_use(store.folder.name)
    return _hand_out(store)


def _hand_out(store: Store) -> Vectors:
    """Warn of what was odd with the file, each time it is opened, and return it."""
    origin = store.manifest.provenance
    for sentence in origin.get("warnings") or ():
        warn_caller(f"{origin['name']}: {sentence}")
    return Vectors(store)


def _check_count(name: str, value: object, other: str = "") -> None:
    """Raise `FormatError` if a value is no number of things."""
    if value is not None and (type(value) is not int or value < 1):
        raise FormatError(f"{name}={value!r}: expected a whole number from 1 on{other}")


def _name_after(path: Path, *how_to_read: object) -> str:
    """Make a variant's name of a file's, and of how the file is to be read."""
    name = re.sub(r"[^A-Za-z0-9_]+", ".", path.name).strip("._")[:60] or "file"
    if any(how is not None for how in how_to_read):
        # One file can hold several vectors, and be read in several ways.
        how = hashlib.sha256("/".join(map(str, how_to_read)).encode()).hexdigest()
        name = f"{name}-{how[:8]}"
    return name


def _find(
    name: str,
    registry: "Registry | StrPath | None",
    cache: Cache,
    trust_on_first_use: bool,
) -> Variant:
    """Look a variant up, and see that there is a hash to hold it to."""
    variant = Registry.over_default(registry).find(name)
    if variant.anchor is None and not trust_on_first_use:
        raise UnverifiableError(
            f"{variant.reference} has no checksum, so that nothing could be verified "
            f"({variant.origin}). Check the file by other means and give it an entry "
            "of your own with its sha256, or say sha256= in each load; or say "
            "trust_on_first_use=True (--trust-on-first-use) in each call, which "
            "records the sha256 of what arrives first and holds later calls to it"
        )
    if variant.anchor is None:
        from .download import apply_trusted_hash

        return apply_trusted_hash(variant, cache)
    return variant


def _hold_to(variant: Variant, sha256: str, known: str | None) -> Variant:
    """Give the variant whose text must have this sha256, unless another is known."""
    check_sha256(sha256)
    if known not in (None, sha256):
        raise ChecksumError(
            f"{variant.reference} is a text with sha256 {known} ({variant.origin}), "
            f"and sha256={sha256} was asked for: name the revision that has it, or "
            "give it an entry of its own"
        )
    return replace(variant, member=replace(variant.member, sha256=sha256))


def _take_from(path: Path, variant: Variant) -> Source:
    """Give a file of the user's as a source, with the hash that decides on it."""
    # The member's own hash decides in whatever container it is; else the file has to
    # be the very archive.
    published = Source(url="") if variant.member.sha256 else variant.sources[0]
    return replace(published, url=path.absolute().as_uri())
