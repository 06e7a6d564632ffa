"""From vectors to a folder that stands by itself, published where others load it."""

import os
import re
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..cache import Cache
from ..errors import RegistryError, UnknownVariantError
from ..formats.apart import is_projector
from ..frameworks.export import check_format, check_words
from ..frameworks.export.writers import FileNumberType
from ..messages.layout import format_count
from ..pipeline import load, open_file
from ..registries import Registry, check_flags
from ..registry import split_reference
from ..registry.fields import VARIANT
from ..registry.joining import is_builtin
from ..registry.kinds import Invalid
from ..registry.names import explain_bad_name
from ..registry.suggestions import is_path, strip_endings
from ..vectors import Vectors
from .destinations import Destination, choose_destination
from .entries import Fields
from .folder import Folder

if TYPE_CHECKING:
    from ..analysis import Evaluation
    from ..coverage import Coverage

# Facts of an entry that hold for a copy of its vectors, too, in the order in which they
# are written; the others are between them.
_INHERITED = (
    *("language", "cased", "corpus", "tokens", "license", "homepage", "citation"),
)
_ORDER = ("description", *_INHERITED[:2], "tokenizer", *_INHERITED[2:])


@dataclass(frozen=True, slots=True, repr=False)
class Publication:
    """What was published, or would be.

    Attributes
    ----------
    name : str
        Name of the variant in the new registry.
    files : mapping of str to int
        Names of the files, and their sizes in bytes.
    license : str or None
        The licence that is stated.
    card : str
        The text of ``README.md``.
    text : str
        The text of ``registry.yaml``.
    destination : str
        Where the files are, or would be.
    registry : str
        What to pass as ``registry=`` to load from there.
    is_written : bool
        Whether anything was written; false after a dry run.
    """

    name: str
    files: Mapping[str, int]
    license: str | None
    card: str
    text: str
    destination: str
    registry: str
    is_written: bool

    def __repr__(self) -> str:
        """Return the name and place, without the texts of the files."""
        count = format_count(len(self.files), "file")
        return f"<Publication {self.name}: {count} in {self.destination}>"

    def to_dict(self) -> dict[str, Any]:
        """Return plain values for JSON."""
        return {
            "name": self.name,
            "files": dict(self.files),
            "license": self.license,
            "card": self.card,
            "text": self.text,
            "destination": self.destination,
            "registry": self.registry,
            "written": self.is_written,
        }


def push(
    vectors: "Vectors | str | os.PathLike[str]",
    to: str | os.PathLike[str],
    *,
    name: str | None = None,
    dtype: FileNumberType = "float32",
    description: str | None = None,
    language: str | None = None,
    corpus: str | None = None,
    license: str | None = None,
    citation: str | None = None,
    homepage: str | None = None,
    evaluation: "Evaluation | None" = None,
    coverage: "Mapping[str, Coverage] | None" = None,
    private: bool = False,
    registry: "Registry | str | os.PathLike[str] | None" = None,
    dry_run: bool = False,
    cache_dir: str | os.PathLike[str] | None = None,
    progress: bool | None = None,
) -> Publication:
    """Publish vectors as a folder that stands by itself.

    The folder has the words and vectors as ``NAME.safetensors``, a page for people as
    ``README.md``, and a ``registry.yaml`` whose entry loads and verifies them.

    Parameters
    ----------
    vectors : Vectors, str or path-like
        Vectors, the name of a variant, or a file that `open_file` reads; if both exist,
        the file.
    to : str or path-like
        A folder of this machine, which must not exist; ``"hf:ORG/REPO"``; or the URL of
        a folder in a bucket, such as ``"s3://BUCKET/FOLDER"``. Existing files are never
        replaced.
    name : str, optional
        Name of the variant in the new registry. By default that of `vectors`; as names
        of the built-in registry are taken, these begin with that of the organization,
        or of the folder.
    dtype : {"float32", "float16"}
        Type of the numbers in the file.
    description, language, corpus, license, citation, homepage : str, optional
        As the fields of a registry. By default, what is known of `vectors`.
    evaluation : Evaluation, optional
        Scores for the page, from ``vectors.evaluate()``. With ``dtype="float16"``, the
        page says that they are those before the numbers were rounded.
    coverage : mapping of str to Coverage, optional
        Results of ``vectors.coverage()`` for the page, each by the name of its texts or
        its vocabulary.
    private : bool
        Whether only members of the organization may read the new repository of the hub.
        An existing one must be private already.
    registry
        As for `load`, to find a variant by its name.
    dry_run : bool
        Whether to write nothing, except for temporary files in the cache. The network
        is then used only to load `vectors`, so that nothing asks a place elsewhere
        what it has.
    cache_dir, progress
        As for `load`.

    Returns
    -------
    Publication

    Raises
    ------
    OutputError
        `to` has some of the files already, or they cannot be written there; or with
        `private`, it is a public repository, or none of the hub.
    RegistryError
        The name is taken or invalid, or a fact is not valid in a registry.
    ValueError
        There is no such `dtype`, or a number is too large for it; those of `vectors`
        were rounded when they were loaded; or `evaluation` is of other vectors.
    GloveRegistryError
        `vectors` cannot be loaded, as for `load` and `open_file`.

    Examples
    --------
    >>> import tempfile
    >>> import glove_registry
    >>> from glove_registry.authoring import push
    >>> mine = glove_registry.from_arrays(
    ...     ["good", "film"], [[1, 0], [0.5, 2]], name="mine"
    ... )
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     made = push(mine, f"{folder}/mine", license="CC0-1.0", language="en")
    ...     loaded = glove_registry.load("mine", registry=made.registry)
    >>> sorted(made.files)
    ['README.md', 'mine.safetensors', 'registry.yaml']
    >>> loaded["film"]
    array([0.5, 2. ], dtype=float32)
    """
    check_format("safetensors", dtype)
    check_flags(private=private, dry_run=dry_run, progress=progress)
    destination = choose_destination(to, private)
    known = Registry.over_default(registry, cache_dir=cache_dir)
    opened = find_vectors(vectors, known, cache_dir, progress)
    check_words(opened, "safetensors")
    if rounded := opened.provenance["rounded_to"]:
        raise ValueError(
            f"the numbers of {opened.name} were rounded to {rounded}, and the page "
            'would state them as the original\'s: load it with dtype="float32"; '
            'push(dtype="float16") rounds when it writes'
        )
    if evaluation is not None:
        _check_evaluation(evaluation, opened)
    stated = {
        **{"description": description, "language": language, "corpus": corpus},
        **{"license": license, "citation": citation, "homepage": homepage},
    }
    given = {field: value for field, value in stated.items() if value is not None}
    _check_given(given)
    folder = Folder(
        vectors=opened,
        name=_choose_name(name, opened, destination),
        dtype=dtype,
        fields=_find_fields(opened, known, given),
        loaded_by=destination.loaded_by,
        evaluation=evaluation,
        coverage=coverage or {},
        progress=progress,
    )
    # Whatever can be known to be wrong before hundreds of megabytes are written.
    _, variant = folder.read_entry(folder.fields)
    cache = Cache.locate(cache_dir)
    if destination.is_local or not dry_run:
        destination.check(folder.names)
    if not dry_run:
        made, loaded_by = destination.publish(folder.write, cache)
    else:
        with cache.writing(), cache.open_scratch("push") as scratch:
            made, loaded_by = folder.write(scratch / "folder"), destination.loaded_by
    return Publication(
        name=folder.name,
        files=made.files,
        license=variant.license,
        card=made.card,
        text=made.registry,
        destination=destination.shown,
        registry=loaded_by,
        is_written=not dry_run,
    )


def find_vectors(
    vectors: "Vectors | str | os.PathLike[str]",
    registry: "Registry | str | os.PathLike[str] | None" = None,
    cache_dir: "str | os.PathLike[str] | None" = None,
    progress: bool | None = None,
) -> Vectors:
    """Return vectors as they are, those of a variant's name, or those of a file."""
    if isinstance(vectors, Vectors):
        return vectors
    # What can be opened is: its path could also be an alias in another's registry.
    if isinstance(vectors, str) and not (
        os.path.isfile(vectors) or is_projector(Path(vectors))
    ):
        known = Registry.over_default(registry, cache_dir=cache_dir)
        is_file = os.path.exists(vectors) or is_path(vectors)
        if split_reference(vectors)[0] in known or not is_file:
            return load(vectors, registry=known, cache_dir=cache_dir, progress=progress)
    return open_file(vectors, cache_dir=cache_dir, progress=progress)


def _check_given(given: Mapping[str, str]) -> None:
    """Raise `RegistryError` if a fact is not valid in a registry."""
    for field, value in given.items():
        try:
            VARIANT[field].kind.parse(value)
        except Invalid as reason:
            raise RegistryError(f"{field} (--{field}): {reason}") from None


def _check_evaluation(evaluation: "Evaluation", vectors: Vectors) -> None:
    """Raise `ValueError` if results are of other vectors, or of a part of them."""
    from ..analysis.scoring import label_vectors

    names = vectors.name, f"{vectors.name}@{vectors.revision}"
    own, named = (label_vectors(name, vectors) for name in names)
    if others := {result.vectors for result in evaluation} - {own, named}:
        raise ValueError(
            f"evaluation: expected scores of {own} alone, found those of "
            f"{', '.join(sorted(others))}: pass what vectors.evaluate() returns"
        )


def _find_fields(
    vectors: Vectors, registry: Registry, given: Mapping[str, str]
) -> Fields:
    """Return the fields of an entry that hold for a copy of the vectors, too."""
    origin = vectors.provenance
    found: dict[str, Any] = {"license": vectors.license, "citation": vectors.citation}
    # Several releases that were joined are not one of them.
    if "parts" not in origin:
        with suppress(UnknownVariantError):
            known = registry.find(
                "@".join(filter(None, (vectors.name, vectors.revision)))
            )
            if known.key == origin.get("key"):
                found |= {name: getattr(known, name) for name in _INHERITED}
    found |= given
    found["tokenizer"] = origin["tokenizer"]
    return {name: found[name] for name in _ORDER if found.get(name) is not None}


def _choose_name(name: str | None, vectors: Vectors, destination: Destination) -> str:
    """Return the name of the new variant; it is not one of the built-in registry."""
    if name is None:
        name = strip_endings(vectors.name)
        if is_builtin(name):
            label = re.sub(r"[^A-Za-z0-9_-]+", "-", destination.label).strip("-_")
            name = f"{label or 'copy'}.{name}"
    if reason := explain_bad_name(name):
        raise RegistryError(reason)
    if is_builtin(name):
        raise RegistryError(
            f"{name!r} is also defined in the built-in registry, on top of which yours "
            "is loaded: choose another name"
        )
    return name
