"""The registry people ask: several files in layers, and a name looked up in them."""

import difflib
import fnmatch
import os
from collections.abc import Iterable, Iterator
from pathlib import Path

from ..errors import RegistryError, UnknownVariantError
from .names import split_reference
from .schema import Entry, read_registry
from .variant import Variant

PATH_VARIABLE = "GLOVE_REGISTRY_PATH"


class Registry:
    """A set of variants by name.

    Parameters
    ----------
    entries : iterable of Entry, optional
        Lowest layer first. A name that stands in a lower layer already is refused
        unless its entry says ``override: true``.

    Examples
    --------
    >>> import glove_registry
    >>> registry = glove_registry.Registry.default()
    >>> "glove.6B.100d" in registry
    True
    >>> [variant.name for variant in registry.list_variants("glove.6B.*")]
    ... # doctest: +NORMALIZE_WHITESPACE
    ['glove.6B.50d', 'glove.6B.100d', 'glove.6B.200d', 'glove.6B.300d',
     'glove.6B.50d-first10k']
    """

    def __init__(self, entries: Iterable[Entry] = ()) -> None:
        self._entries: dict[str, Entry] = {}
        # A name is also a folder's, and some file systems ignore case.
        by_folded: dict[str, Entry] = {}
        for entry in entries:
            known = by_folded.get(entry.name.lower())
            if known is not None and not (entry.override and known.name == entry.name):
                raise RegistryError(
                    f"{entry.origin}: {entry.name!r} is also defined at "
                    f"{known.origin}"
                    + (f" as {known.name!r}" * _differ(entry, known))
                    + ": choose another name, or write `override: true` in an entry "
                    "of exactly that name to replace it"
                )
            by_folded[entry.name.lower()] = self._entries[entry.name] = entry

    @classmethod
    def from_file(cls, path: str | os.PathLike[str]) -> "Registry":
        """Read one registry file, and nothing else.

        Parameters
        ----------
        path : str or path-like
            A YAML file in the form of the built-in ``registry.yaml``.

        Raises
        ------
        RegistryError
            The file cannot be read, or has faults; all of them are listed with
            line and column.
        """
        return cls(_read_file(Path(path).expanduser()))

    @classmethod
    def default(cls) -> "Registry":
        """Give the built-in registry with the files of GLOVE_REGISTRY_PATH above it.

        The variable holds paths separated as in PATH and is read at every call.
        """
        return cls(_default_entries())

    @classmethod
    def over_default(
        cls, registry: "Registry | str | os.PathLike[str] | None"
    ) -> "Registry":
        """Give what the argument ``registry=`` of the public functions means.

        Parameters
        ----------
        registry : Registry, str, path-like or None
            None is the default registry, a path is that file above the default, a
            `Registry` is itself.
        """
        if registry is None:
            return cls.default()
        if isinstance(registry, Registry):
            return registry
        if not isinstance(registry, str | os.PathLike):
            raise RegistryError(
                "registry= takes the path of a registry file, or a Registry; found "
                f"{type(registry).__name__}"
            )
        return cls([*_default_entries(), *_read_file(Path(registry).expanduser())])

    def __contains__(self, name: object) -> bool:
        return name in self._entries

    def __iter__(self) -> Iterator[str]:
        return iter(self._entries)

    def __len__(self) -> int:
        return len(self._entries)

    def find(self, reference: str) -> Variant:
        """Look a variant up.

        Parameters
        ----------
        reference : str
            ``"name"`` or ``"name@revision"``.

        Raises
        ------
        UnknownVariantError
            There is no such name, or no such revision of it; the message offers the
            nearest ones.
        """
        if not isinstance(reference, str):
            raise UnknownVariantError(
                "a variant is asked for by its name, such as 'glove.6B.100d', not by "
                f"{type(reference).__name__} {reference!r}"
            )
        name, revision = split_reference(reference)
        entry = self._entries.get(name)
        if entry is None:
            raise UnknownVariantError(self._explain_unknown(name))
        if revision is None:
            return entry.variants[0]
        for variant in entry.variants:
            if variant.revision == revision:
                return variant
        known = ", ".join(repr(r) for r in entry.variants[0].revisions)
        raise UnknownVariantError(
            f"{name!r} has no revision {revision!r}: "
            + (f"it has {known}" if known else "it has only one, without a name")
        )

    def list_variants(self, pattern: str = "*") -> list[Variant]:
        """Give the default revision of every variant whose name matches.

        Parameters
        ----------
        pattern : str
            A shell pattern such as ``"glove.*.300d"``; upper and lower case are one.
        """
        return [
            entry.variants[0]
            for name, entry in self._entries.items()
            if fnmatch.fnmatchcase(name.lower(), pattern.lower())
        ]

    def list_revisions(self, pattern: str = "*") -> list[Variant]:
        """Give every revision of every variant whose name matches, as above."""
        return [
            revision
            for variant in self.list_variants(pattern)
            for revision in self._entries[variant.name].variants
        ]

    def _explain_unknown(self, name: str) -> str:
        by_folded = {known.lower(): known for known in self._entries}
        near = [
            by_folded[folded]
            for folded in difflib.get_close_matches(name.lower(), by_folded, n=3)
        ]
        hint = (
            f"did you mean {' or '.join(repr(n) for n in near)}?"
            if near
            else "`glove-registry list` shows the names there are"
        )
        return f"no variant is called {name!r}: {hint}"


def list_variants(
    pattern: str = "*",
    *,
    registry: Registry | str | os.PathLike[str] | None = None,
) -> list[Variant]:
    """List the variants of the registry, each at its default revision.

    Parameters
    ----------
    pattern : str
        A shell pattern for names; upper and lower case are one.
    registry : str, path-like or Registry, optional
        As for `load`.

    Returns
    -------
    list of Variant

    Examples
    --------
    >>> import glove_registry
    >>> [variant.name for variant in glove_registry.list_variants("glove.twitter.*")]
    ... # doctest: +NORMALIZE_WHITESPACE
    ['glove.twitter.27B.25d', 'glove.twitter.27B.50d', 'glove.twitter.27B.100d',
     'glove.twitter.27B.200d']
    """
    return Registry.over_default(registry).list_variants(pattern)


def info(
    name: str,
    *,
    registry: Registry | str | os.PathLike[str] | None = None,
) -> Variant:
    """Say what the registry knows of a variant, without fetching anything.

    Parameters
    ----------
    name : str
        ``"name"`` or ``"name@revision"``.
    registry : str, path-like or Registry, optional
        As for `load`.

    Returns
    -------
    Variant

    Raises
    ------
    UnknownVariantError
        The registry has no such name; the message offers the nearest ones.

    Examples
    --------
    >>> import glove_registry
    >>> variant = glove_registry.info("glove.6B.50d-first10k")
    >>> variant.license, variant.cased
    ('PDDL-1.0', False)
    """
    return Registry.over_default(registry).find(name)


def builtin_path() -> Path:
    """Say where the built-in registry.yaml is, in an installation or a checkout."""
    package = Path(__file__).resolve().parent.parent
    # The wheel carries the one top-level file as package data; a checkout, or an
    # editable install of it, has it where it is edited.
    installed = package / "_data" / "registry.yaml"
    return installed if installed.is_file() else package.parent / "registry.yaml"


def _default_entries() -> list[Entry]:
    files = [builtin_path()]
    files += [
        Path(part).expanduser()
        for part in os.environ.get(PATH_VARIABLE, "").split(os.pathsep)
        if part
    ]
    return [entry for file in files for entry in _read_file(file)]


def _read_file(path: Path) -> list[Entry]:
    try:
        text = path.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise RegistryError(
            f"{path}: not UTF-8 at byte {error.start}: save the file as UTF-8"
        ) from None
    except OSError as error:
        raise RegistryError(
            f"{path}: cannot read this registry file ({error.strerror})"
        ) from None
    return list(read_registry(text, path).values())


def _differ(entry: Entry, known: Entry) -> bool:
    return entry.name != known.name
