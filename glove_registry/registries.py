"""Registry files in layers, and names looked up in them."""

import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from xxhash import xxh3_128

from .errors import RegistryError, UnknownBenchmarkError, UnknownVariantError
from .messages.printable import quote
from .registry.files import (
    FILE_NAME,
    find_place,
    list_default_files,
    parse_registry,
    read_file,
)
from .registry.names import scan_names, split_reference

if TYPE_CHECKING:
    from .registry.benchmark import Benchmark
    from .registry.matching import Index
    from .registry.reader import Entry
    from .registry.variant import Variant
    from .registry.variant_names import VariantName


class Registry:
    """A set of variants by name, from registry files.

    Parameters
    ----------
    paths : iterable of str or path-like, optional
        Registry files, folders with a ``registry.yaml``, or URLs of either; the lowest
        layer first. An entry whose name exists in a lower layer is refused unless it
        says ``override: true``. The files are read immediately, and parsed at the first
        lookup.
    cache_dir, offline
        As for `load`. The cache keeps files that were fetched from a URL.

    Raises
    ------
    TypeError
        `paths` is a single path.
    RegistryError
        A file cannot be read. Faults in it are raised at the first lookup.
    FetchError, OfflineError
        The file at a URL cannot be fetched.

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
        check_flags(offline=offline)
        self._places = [*map(find_place, paths)]  # as they were named
        self._files: list[tuple[Path | str, bytes]] = []
        for place in self._places:
            self._files.append(
                _read_url(place, cache_dir, offline, self.check_next)
                if isinstance(place, str)
                else read_file(place)
            )

    def _parse_files(self) -> "list[Mapping[str, Entry]]":
        """Parse the files so far; `check_next` is called before all have been read."""
        return [parse_registry(place, content) for place, content in self._files]

    @cached_property
    def _layers(self) -> "list[Mapping[str, Entry]]":
        return self._parse_files()

    @cached_property
    def _entries(self) -> "dict[str, Entry]":
        from .registry.joining import join_layers

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
        from .registry.matching import Index

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

        Returns
        -------
        Registry

        Raises
        ------
        RegistryError
            The file cannot be read or has faults; all of them are listed with line and
            column.

        Examples
        --------
        >>> import glove_registry
        >>> registry = glove_registry.Registry.from_file("registry.yaml")
        ... # doctest: +SKIP
        >>> list(registry)  # doctest: +SKIP
        ['lab.news.100d']
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

        Returns
        -------
        Registry

        Raises
        ------
        RegistryError
            As for `from_file`.

        Examples
        --------
        >>> import glove_registry
        >>> "fasttext.wiki.de.300d" in glove_registry.Registry.default()
        True
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
        check_flags(offline=offline)
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
        from .registry.joining import join_layers

        new = parse_registry(url, content)
        join_layers([*self._parse_files(), new], self._places[: len(self._files)])

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
            names |= dict.fromkeys(found or parse_registry(place, content))
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

        Returns
        -------
        Variant

        Raises
        ------
        UnknownVariantError
            There is no such name or revision; the message suggests the nearest ones.

        Examples
        --------
        >>> import glove_registry
        >>> registry = glove_registry.Registry.default()
        >>> registry.find("glove-wiki-gigaword-100").name
        'glove.6B.100d'
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
        pattern, dimension, language
            As for `glove_registry.list_variants`.

        Returns
        -------
        list of Variant
            In the order of the registry.

        Raises
        ------
        TypeError, ValueError
            As for `glove_registry.list_variants`.

        Examples
        --------
        >>> import glove_registry
        >>> registry = glove_registry.Registry.default()
        >>> [one.name for one in registry.list_variants("fasttext.*", language="de")]
        ['fasttext.wiki.de.300d']
        """
        from .registry.matching import list_matching

        if isinstance(pattern, str) and pattern in self:
            return list_matching([self.find(pattern)], "*", dimension, language)
        return list_matching(self._defaults, pattern, dimension, language)

    def search(self, text: str) -> "list[Variant]":
        """Return the variants that have the most words of a text, the best first.

        Parameters
        ----------
        text : str
            As for `glove_registry.search`.

        Returns
        -------
        list of Variant

        Raises
        ------
        TypeError
            `text` is not a str.

        Examples
        --------
        >>> import glove_registry
        >>> registry = glove_registry.Registry.default()
        >>> registry.search("twitter 200")[0].name
        'glove.twitter.27B.200d'
        """
        if not isinstance(text, str):
            raise TypeError(
                f"text={text!r}: expected words, like 'german wikipedia 300'"
            )
        return self._index.search(text)

    def list_revisions(self, pattern: str = "*") -> "list[Variant]":
        """Return every revision of every variant that matches.

        Parameters
        ----------
        pattern : str
            As for `glove_registry.list_variants`.

        Returns
        -------
        list of Variant

        Raises
        ------
        TypeError
            `pattern` is not a str.

        Examples
        --------
        >>> import glove_registry
        >>> registry = glove_registry.Registry.default()
        >>> [one.reference for one in registry.list_revisions("glove.6B.100d")]
        ['glove.6B.100d@original', 'glove.6B.100d@with-unk']
        """
        return [
            revision
            for variant in self.list_variants(pattern)
            for revision in self._variants[variant.name].variants
        ]

    def find_by_sha256(self, sha256: str) -> "list[Variant]":
        """Return the variants whose text, or the file it is in, has a sha256.

        Parameters
        ----------
        sha256 : str
            64 hexadecimal digits in lower case.

        Returns
        -------
        list of Variant

        Examples
        --------
        >>> import glove_registry
        >>> registry = glove_registry.Registry.default()
        >>> [known] = registry.find_by_sha256(
        ...     "d8f717f8dd4b545cb7f418ef9f3d0c3e6e68a6f48b97d32f8b7aae40cb31f96f"
        ... )
        >>> known.name
        'glove.6B.50d'
        """
        # Of any other file, this is known without parsing.
        if not any(sha256.encode() in content for _, content in self._files):
            return []
        return [
            variant
            for variant in self.list_revisions()
            if sha256
            in (variant.member.sha256, *(source.sha256 for source in variant.sources))
        ]

    def find_file(self, variant: "Variant") -> Path | str:
        """Return the path of the registry file of a variant, or its URL as given.

        Parameters
        ----------
        variant : Variant
            One of this registry.
        """
        origin = variant.origin.rpartition(":")[0]
        return next(
            named if isinstance(named, str) else place
            for named, (place, _) in zip(self._places, self._files, strict=True)
            if str(place) == origin
        )

    def find_benchmark(self, name: str) -> "Benchmark":
        """Return a benchmark by its name.

        Parameters
        ----------
        name : str

        Returns
        -------
        Benchmark
            What its entry says, as attributes.

        Raises
        ------
        UnknownBenchmarkError
            There is no such name; the message suggests the nearest ones.

        Examples
        --------
        >>> import glove_registry
        >>> glove_registry.Registry.default().find_benchmark("simlex-999").task
        'similarity'
        """
        if not isinstance(name, str):
            raise UnknownBenchmarkError(
                "expected the name of a benchmark, such as 'simlex-999', found "
                f"{type(name).__name__} {name!r}"
            )
        if name in self._benchmarks:
            return self._benchmarks[name]
        from .registry.suggestions import explain_unknown_benchmark

        raise UnknownBenchmarkError(explain_unknown_benchmark(name, self._benchmarks))

    def list_benchmarks(self, pattern: str = "*") -> "list[Benchmark]":
        """Return every benchmark whose name matches.

        Parameters
        ----------
        pattern : str
            A name, a part of one, or a shell pattern such as ``"*-analogies"``. Case is
            ignored.

        Returns
        -------
        list of Benchmark

        Examples
        --------
        >>> import glove_registry
        >>> registry = glove_registry.Registry.default()
        >>> [benchmark.name for benchmark in registry.list_benchmarks("*sim*")]
        ['wordsim-353', 'simlex-999']
        """
        from .registry.matching import matches_name

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
        from .registry.suggestions import explain_unknown
        from .registry.urls import is_pinned

        # It is not read by itself, as programs run in folders of strangers.
        if _is_in_working_folder(name):
            reason = (
                f"no variant is called {name!r}, except in {FILE_NAME} of the working "
                f"folder, which is not read by itself: pass registry={FILE_NAME!r} "
                f"(--registry {FILE_NAME}), or name that file in GLOVE_REGISTRY_PATH"
            )
        else:
            is_benchmark = name in self._benchmarks
            reason = explain_unknown(name, self._defaults, also, is_benchmark)
        for place in self._places:
            if isinstance(place, str) and not is_pinned(place):
                reason += (
                    f"; {place} is as it was when it was first used, and "
                    f"`glove-registry update {place}` looks for newer entries"
                )
        return UnknownVariantError(reason)


def _is_in_working_folder(name: str) -> bool:
    """Return whether the registry of the working folder has a variant of this name."""
    with suppress(RegistryError):
        entry = parse_registry(*read_file(Path(FILE_NAME))).get(name)
        return entry is not None and bool(entry.variants)
    return False


def check_flags(**flags: object) -> None:
    """Raise `TypeError` if an argument is neither a bool nor left out."""
    for name, flag in flags.items():
        # A string is true, whatever it says.
        if not isinstance(flag, bool | None):
            raise TypeError(f"{name}={quote(flag)}: expected True or False, as a bool")


def _read_url(
    reference: str,
    cache_dir: str | os.PathLike[str] | None,
    offline: bool | None,
    check: Callable[[str, bytes], None],
) -> tuple[str, bytes]:
    """Return the URL at which a registry lies, and its content."""
    # Imported here, because few registries are named by a URL.
    from .cache import Cache
    from .download.remote_registries import read_registry_url

    return read_registry_url(reference, Cache.locate(cache_dir), check, offline)


def list_variants(
    pattern: str = "*",
    *,
    dimension: int | None = None,
    language: str | None = None,
    registry: Registry | str | os.PathLike[str] | None = None,
) -> "list[Variant]":
    """List the variants of the registry, each at its default revision.

    Parameters
    ----------
    pattern : str
        A name or an alias; a shell pattern for them such as ``"glove.*.300d"``; or a
        part of a name, of the corpus or of the language. Case is ignored, except that
        of a complete name.
    dimension : int, optional
        Only variants with this many numbers per vector.
    language : str, optional
        Only variants of this language: a tag of BCP 47 such as ``"de"``, which also
        stands for ``"de-AT"``, or a name such as ``"German"`` or ``"Deutsch"``.
    registry : str, path-like or Registry, optional
        As for `load`.

    Returns
    -------
    list of Variant
        In the order of the registry.

    Raises
    ------
    TypeError
        `pattern` or `language` is not a str, or `dimension` not an int.
    ValueError
        `language` is neither a tag nor a name.

    Examples
    --------
    >>> import glove_registry
    >>> [variant.name for variant in glove_registry.list_variants("glove.twitter.*")]
    ... # doctest: +NORMALIZE_WHITESPACE
    ['glove.twitter.27B.25d', 'glove.twitter.27B.50d', 'glove.twitter.27B.100d',
     'glove.twitter.27B.200d']
    >>> [variant.name for variant in glove_registry.list_variants("gigaword",
    ...                                                           dimension=200)]
    ['glove.6B.200d', 'glove.2024.wikigiga.200d']
    """
    return Registry.over_default(registry).list_variants(
        pattern, dimension=dimension, language=language
    )


def search(
    text: str, *, registry: Registry | str | os.PathLike[str] | None = None
) -> "list[Variant]":
    """Find variants by words about them, the best match first.

    The words are those of names, aliases, corpus, language, dimension, description and
    licence, or begin one of them. Returned are the variants that have the most words of
    the text; all of them, unless no variant has all. Those that `load` accepts come
    before those without a checksum; then rare words count more than frequent ones,
    names more than descriptions, and small vectors come before large ones.

    Parameters
    ----------
    text : str
        For example ``"german wikipedia 300"``; case and accents are ignored.
    registry : str, path-like or Registry, optional
        As for `load`.

    Returns
    -------
    list of Variant
        Empty if no variant has any of the words.

    Raises
    ------
    TypeError
        `text` is not a str.

    Examples
    --------
    >>> import glove_registry
    >>> [variant.name for variant in glove_registry.search("twitter 100")]
    ['glove.twitter.27B.100d']
    """
    return Registry.over_default(registry).search(text)


def info(
    name: "VariantName | str",
    *,
    registry: Registry | str | os.PathLike[str] | None = None,
) -> "Variant":
    """Return what the registry knows about a variant, without fetching anything.

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
        There is no such name; the message suggests the nearest ones.

    Examples
    --------
    >>> import glove_registry
    >>> variant = glove_registry.info("glove.6B.50d-first10k")
    >>> variant.license, variant.cased
    ('PDDL-1.0', False)
    """
    return Registry.over_default(registry).find(name)
