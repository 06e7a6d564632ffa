"""Registry files in layers, and names looked up in them."""

import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cached_property, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from xxhash import xxh3_128

from ..cache.files import open_regular
from ..errors import RegistryError, UnknownBenchmarkError, UnknownVariantError
from ..messages.printable import shorten
from .names import scan_names, split_reference
from .plugins import list_plugin_files

if TYPE_CHECKING:
    from .benchmark import Benchmark
    from .matching import Index
    from .reader import Entry
    from .variant import Variant
    from .variant_names import VariantName

PATH_VARIABLE = "GLOVE_REGISTRY_PATH"
FILE_NAME = "registry.yaml"  # in a folder

# The limit of `strict_yaml` on characters; a text never has more of them than bytes.
MAX_BYTES = 4_000_000


class Registry:
    """A set of variants by name, from registry files.

    Parameters
    ----------
    paths : iterable of str or path-like, optional
        Registry files, or folders with a ``registry.yaml``, or URLs of such; the lowest
        layer first. An entry whose name exists in a lower layer is refused unless it
        says ``override: true``. The files are read immediately, and parsed at the first
        lookup.
    cache_dir, offline
        As for `load`. The cache has what was fetched from a URL.

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

    def __init__(
        self,
        paths: Iterable[str | os.PathLike[str]] = (),
        *,
        cache_dir: str | os.PathLike[str] | None = None,
        offline: bool | None = None,
    ) -> None:
        if isinstance(paths, str | os.PathLike):
            raise TypeError(
                f"paths={paths!r}: expected several paths: write [{paths!r}], or use "
                "Registry.from_file()"
            )
        self._places = [*map(_find_place, paths)]  # as they were named
        self._files: list[tuple[Path | str, bytes]] = []
        for place in self._places:
            self._files.append(
                _read_url(place, cache_dir, offline, self.check_next)
                if isinstance(place, str)
                else _read(place)
            )

    def _parse_layers(self) -> "Iterator[Mapping[str, Entry]]":
        return (parse_registry(place, content) for place, content in self._files)

    @cached_property
    def _layers(self) -> "list[Mapping[str, Entry]]":
        return [*self._parse_layers()]

    @cached_property
    def _entries(self) -> "dict[str, Entry]":
        from .joining import join_layers

        return join_layers(self._layers, self._places)

    @cached_property
    def _variants(self) -> "dict[str, Entry]":
        return {name: entry for name, entry in self._entries.items() if entry.variants}

    @cached_property
    def _aliases(self) -> "dict[str, Entry]":
        # Of two entries with the same alias, that of the higher layer is found.
        return {
            alias: entry
            for layer in self._layers
            for entry in layer.values()
            if entry.variants and self._entries[entry.name] is entry
            for alias in entry.variants[0].aliases
        }

    @cached_property
    def _index(self) -> "Index":
        from .matching import Index

        return Index(self._defaults)

    @cached_property
    def _defaults(self) -> "list[Variant]":
        return [entry.variants[0] for entry in self._variants.values()]

    @cached_property
    def _benchmarks(self) -> "dict[str, Benchmark]":
        return {
            name: entry.benchmark
            for name, entry in self._entries.items()
            if entry.benchmark
        }

    @classmethod
    def from_file(cls, path: str | os.PathLike[str]) -> "Registry":
        """Read a single registry file, without the default registry.

        Parameters
        ----------
        path : str or path-like
            A YAML file in the form of the built-in ``registry.yaml``, or its URL.

        Raises
        ------
        RegistryError
            The file cannot be read or has faults; all of them are listed with line and
            column.
        """
        registry = cls([path])
        _ = registry._entries  # faults are raised now
        return registry

    @classmethod
    def default(cls) -> "Registry":
        """Read the built-in registry and the layers above it.

        The next layers are the files of installed packages (entry points of the group
        ``glove_registry.registries``). The highest layers are the files of
        GLOVE_REGISTRY_PATH, which contains paths separated as in PATH and is read at
        every call.
        """
        registry = cls(list_default_files())
        _ = registry._entries
        return registry

    @classmethod
    def over_default(
        cls,
        registry: "Registry | str | os.PathLike[str] | None",
        *,
        cache_dir: str | os.PathLike[str] | None = None,
        offline: bool | None = None,
    ) -> "Registry":
        """Return the registry that the argument ``registry=`` of a function stands for.

        Parameters
        ----------
        registry : Registry, str, path-like or None
            None stands for the default registry, a path or URL for that file above the
            default registry, and a `Registry` for itself.
        cache_dir, offline
            As for `load`.

        Returns
        -------
        Registry
            Faults in its files are raised at the first lookup.
        """
        if isinstance(registry, Registry):
            return registry
        if not isinstance(registry, str | os.PathLike | None):
            raise RegistryError(
                "registry= takes the path or URL of a registry file, or a Registry; "
                f"found {type(registry).__name__}"
            )
        paths: list[str | os.PathLike[str]] = [*list_default_files()]
        if registry is not None:
            paths.append(registry)
        return cls(paths, cache_dir=cache_dir, offline=offline)

    def check_next(self, url: str, content: bytes) -> None:
        """Raise `RegistryError` if a text from a URL cannot be the next layer."""
        from .joining import join_layers

        new = parse_registry(url, content)
        join_layers([*self._parse_layers(), new], self._places[: len(self._files)])

    @property
    def fingerprint(self) -> str | None:
        """Hash of all its files, to notice changes; None for one without files."""
        if not self._files:
            return None
        digest = xxh3_128()
        for place, content in self._files:
            # What is named by a URL may do less.
            url = place.encode() if isinstance(place, str) else b""
            # With the lengths, so that no two lists of files are hashed alike.
            digest.update(b"%d:%b%d:%b" % (len(url), url, len(content), content))
        return digest.hexdigest()

    def scan_names(self) -> list[str]:
        """Return the names of all variants, without reading the entries if possible.

        For completion in shells; mistakes in the files are not reported.
        """
        names: dict[str, None] = {}
        for place, content in self._files:
            found = scan_names(content.decode("utf-8", "replace"))
            names |= dict.fromkeys(found or [*parse_registry(place, content)])
        return list(names)

    def __contains__(self, name: object) -> bool:
        return name in self._variants or name in self._aliases

    def __iter__(self) -> Iterator[str]:
        return iter(self._variants)

    def __len__(self) -> int:
        return len(self._variants)

    def find(self, reference: "VariantName | str") -> "Variant":
        """Return a variant by its name, or by an alias of it.

        Parameters
        ----------
        reference : str
            ``"name"`` or ``"name@revision"``. An alias stands for a name if no variant
            has it as its name; of several layers with the same alias, the highest
            counts.

        Raises
        ------
        UnknownVariantError
            There is no such name or revision; the message suggests the nearest ones.
        """
        if not isinstance(reference, str):
            raise UnknownVariantError(
                "expected the name of a variant, such as 'glove.6B.100d', found "
                f"{type(reference).__name__} {reference!r}"
                + (", which open_file() opens" * isinstance(reference, os.PathLike))
            )
        name, revision = split_reference(reference)
        entry = self._variants.get(name) or self._aliases.get(name)
        if entry is None:
            raise self._make_error(name)
        if revision is None:
            return entry.variants[0]
        for variant in entry.variants:
            if variant.revision == revision:
                return variant
        known = ", ".join(repr(r) for r in entry.variants[0].revisions)
        raise UnknownVariantError(
            f"{name!r} has no revision {revision!r}: "
            + (
                f"it has {known}"
                if known
                else "it has a single revision without a name"
            )
        )

    def list_variants(
        self,
        pattern: str = "*",
        *,
        dimension: int | None = None,
        language: str | None = None,
    ) -> "list[Variant]":
        """Return the default revision of every variant that matches.

        Parameters
        ----------
        pattern : str
            A name or an alias; a shell pattern for them such as ``"glove.*.300d"``; or
            a part of a name, of the corpus or of the language. Case is ignored, except
            that of a complete name.
        dimension : int, optional
            Only variants with so many numbers in a vector.
        language : str, optional
            Only variants of this language: a tag of BCP 47 such as ``"de"``, which also
            stands for ``"de-AT"``, or a name such as ``"German"`` or ``"Deutsch"``.

        Raises
        ------
        TypeError
            `pattern` or `language` is not a str, or `dimension` not an int.
        ValueError
            `language` is neither a tag nor a name.
        """
        from .matching import list_matching

        if isinstance(pattern, str) and pattern in self:
            return list_matching([self.find(pattern)], "*", dimension, language)
        return list_matching(self._defaults, pattern, dimension, language)

    def search(self, text: str) -> "list[Variant]":
        """Return the variants that have the most words of a text, the best first.

        See `glove_registry.search`.
        """
        if not isinstance(text, str):
            raise TypeError(f"text={text!r}: expected words, as 'german wikipedia 300'")
        return self._index.search(text)

    def list_revisions(self, pattern: str = "*") -> "list[Variant]":
        """Return every revision of every variant whose name matches."""
        return [
            revision
            for variant in self.list_variants(pattern)
            for revision in self._variants[variant.name].variants
        ]

    def find_benchmark(self, name: str) -> "Benchmark":
        """Return a benchmark by its name.

        Raises
        ------
        UnknownBenchmarkError
            There is no such name; the message suggests the nearest ones.
        """
        if not isinstance(name, str):
            raise UnknownBenchmarkError(
                "expected the name of a benchmark, such as 'simlex-999', found "
                f"{type(name).__name__} {name!r}"
            )
        if name in self._benchmarks:
            return self._benchmarks[name]
        from .suggestions import LONGEST_SHOWN, MOST_SHOWN, find_near_name

        near = find_near_name(name, self._benchmarks)
        names = ", ".join(map(repr, list(self._benchmarks)[:MOST_SHOWN])) or "none"
        raise UnknownBenchmarkError(
            f"no benchmark is called {shorten(repr(name), LONGEST_SHOWN)}: "
            + (f"did you mean {near[0]!r}? " if near else "")
            + f"The registry has {names}"
        )

    def list_benchmarks(self, pattern: str = "*") -> "list[Benchmark]":
        """Return every benchmark whose name matches a pattern or contains a text."""
        from .matching import matches_name

        if pattern in self._benchmarks:
            return [self._benchmarks[pattern]]
        return [
            benchmark
            for name, benchmark in self._benchmarks.items()
            if matches_name(name, pattern)
        ]

    def find_resource(self, reference: str) -> "Variant | Benchmark":
        """Return the variant or the benchmark of a name."""
        if isinstance(reference, str):
            if reference in self._benchmarks:
                return self._benchmarks[reference]
            name, _ = split_reference(reference)
            if name not in self:
                raise self._make_error(name, also=self._benchmarks)
        return self.find(reference)

    def _make_error(self, name: str, also: Iterable[str] = ()) -> UnknownVariantError:
        """Return the error that a name is unknown, where `also` can be meant, too."""
        from .suggestions import explain_unknown
        from .urls import is_pinned

        is_benchmark = name in self._benchmarks
        reason = explain_unknown(name, self._defaults, also, is_benchmark)
        for place in self._places:
            if isinstance(place, str) and not is_pinned(place):
                reason += (
                    f"; {place} is as it was when it was first used, and "
                    f"`glove-registry update {place}` looks for newer entries"
                )
        return UnknownVariantError(reason)


def builtin_path() -> Path:
    """Return the path of the built-in registry.yaml."""
    package = Path(__file__).resolve().parent.parent
    # The wheel contains the top-level registry.yaml as package data; a checkout, or an
    # editable install, has it at the root of the repository.
    installed = package / "_data" / "registry.yaml"
    return installed if installed.is_file() else package.parent / "registry.yaml"


def is_builtin(name: str) -> bool:
    """Return whether a name means something in the built-in registry.

    That one is below every other: a registry that is named by a URL, and has an entry
    of this name, cannot be read on top of it.
    """
    from .joining import join_layers
    from .reader import Entry

    known = parse_registry(*_read(builtin_path()))
    new = Entry(name, (), override=False, origin="", from_url=True)
    try:
        join_layers([known, {name: new}], ())
    except RegistryError:
        return True
    return False


def list_default_files() -> list[Path | str]:
    """Return the files of the default registry, or their URLs, lowest layer first."""
    return [builtin_path(), *list_plugin_files(), *list_own_files()]


def list_own_files() -> list[Path | str]:
    """Return the registry files, or their URLs, that GLOVE_REGISTRY_PATH names now."""
    paths = os.environ.get(PATH_VARIABLE, "")
    parts = paths.split(os.pathsep)
    if os.pathsep == ":" in paths and ("://" in paths or "hf:" in paths):
        import re

        # A colon is part of a URL behind its scheme, and before a port.
        url = r"[a-z][a-z0-9]+://(?:\[[^]]*\]|[^/:]*)(?::[0-9]+(?=/))?|hf:(?!/)"
        parts = re.findall(rf"((?:{url})?[^:]*)(?::|$)", paths)
    return [_find_place(part) for part in parts if part]


def _find_place(name: str | os.PathLike[str]) -> Path | str:
    """Return a URL as it is, and anything else as the path of a file."""
    # One letter is a drive of Windows.
    is_url = isinstance(name, str) and (name.find("://") > 1 or name[:3] == "hf:")
    return str(name) if is_url else Path(name).expanduser()


def _read(path: Path) -> tuple[Path, bytes]:
    """Return the path of a registry file, and its content."""
    if path.is_dir():
        path /= FILE_NAME
    try:
        with open_regular(path) as file:
            content = file.read(MAX_BYTES + 1)
    except OSError as error:
        raise RegistryError(
            f"{path}: cannot read this registry file ({error.strerror}): check the path"
        ) from None
    if len(content) > MAX_BYTES:
        raise RegistryError(
            f"{path}: the file has more than {MAX_BYTES:,} bytes, the limit for a "
            "registry file: split it, and name the parts in GLOVE_REGISTRY_PATH"
        )
    return path, content


def _read_url(
    reference: str,
    cache_dir: str | os.PathLike[str] | None,
    offline: bool | None,
    check: Callable[[str, bytes], None],
) -> tuple[str, bytes]:
    """Return the URL at which a registry lies, and its content."""
    # By its name: the way to the network is a later room, and not needed otherwise.
    from importlib import import_module

    from ..cache import Cache

    reader = import_module("..download.registries", __package__)
    found: tuple[str, bytes] = reader.read_registry_url(
        reference, Cache.locate(cache_dir), check, offline
    )
    return found


def parse_registry(place: Path | str, content: bytes) -> "Mapping[str, Entry]":
    """Return the entries of a registry file by their names, in its order.

    Raises `RegistryError`, which lists its faults.
    """
    # The built-in one is parsed once in a process, and not at each call of `info`.
    parse = _parse_once if place == builtin_path() else _parse
    return parse(place, content)


def _parse(place: Path | str, content: bytes) -> "Mapping[str, Entry]":
    # Imported here, because importing YAML takes longer than mapping a store.
    from .reader import read_registry

    try:
        # With universal newlines.
        text = content.decode("utf-8").replace("\r\n", "\n").replace("\r", "\n")
    except UnicodeDecodeError as error:
        raise RegistryError(
            f"{place}: not UTF-8 at byte {error.start}: save the file as UTF-8"
        ) from None
    return read_registry(text, place)


_parse_once = lru_cache(maxsize=1)(_parse)
