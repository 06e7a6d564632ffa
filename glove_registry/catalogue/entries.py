"""What the catalogue shows of an entry, and which entries are on one card."""

import itertools
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from ..cache import Cache
from ..download import Cost, estimate_costs
from ..registries import Registry
from ..registry import Benchmark, Variant
from ..registry.benchmark import Published
from ..registry.languages import describe_language
from ..registry.urls import redact
from .neighbours import Sample, find_sample


@dataclass(frozen=True, slots=True)
class Score:
    """What a variant got on a benchmark, as somebody has published it.

    Attributes
    ----------
    benchmark : Benchmark
    published : Published
        By whom, where, and how it was measured.
    parts : mapping of str to float
        A score by the name of its part, such as ``"total"``.
    """

    benchmark: Benchmark
    published: Published
    parts: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Entry:
    """One name of the registry.

    Attributes
    ----------
    revisions : tuple of Variant
        The first is the default.
    cost : Cost
        Of the default, with an empty cache, as readers of the page have others.
    registry_file : str or None
        Name or URL of the registry file that `load` must be given, if any.
    scores : tuple of Score
    sample : Sample or None
        Neighbours of some words; None where the cache does not have the vectors.
    """

    revisions: tuple[Variant, ...]
    cost: Cost
    registry_file: str | None
    scores: tuple[Score, ...]
    sample: Sample | None

    @property
    def head(self) -> Variant:
        """The default revision."""
        return self.revisions[0]

    @property
    def name(self) -> str:
        """The name by which `load` finds it."""
        return self.head.name


@dataclass(frozen=True, slots=True)
class Card:
    """Entries that differ in dimension, language and size alone.

    Attributes
    ----------
    entries : tuple of Entry
    """

    entries: tuple[Entry, ...]

    @property
    def head(self) -> Variant:
        """The default revision of the first entry, whose other facts all share."""
        return self.entries[0].head

    @property
    def title(self) -> str:
        """The name of the only entry, or of the group of all."""
        return self.head.name if len(self.entries) == 1 else str(self.head.group)

    @property
    def fragment(self) -> str:
        """What a link to the card ends with; cards of one group have the same title."""
        return f"card:{self.head.name}"

    @property
    def languages(self) -> list[str]:
        """The languages of the entries, in words, each once."""
        found = (describe_language(entry.head.language) for entry in self.entries)
        return list(dict.fromkeys(filter(None, found)))

    @property
    def ranges(self) -> dict[str, tuple[float, float]]:
        """For each benchmark the lowest and the highest total of the entries."""
        totals: dict[str, list[float]] = {}
        for entry in self.entries:
            for score in entry.scores:
                if "total" in score.parts:
                    found = totals.setdefault(score.benchmark.name, [])
                    found.append(score.parts["total"])
        return {name: (min(found), max(found)) for name, found in totals.items()}

    @property
    def sampled(self) -> Entry | None:
        """The first entry of which neighbours are known."""
        return next((entry for entry in self.entries if entry.sample), None)


def collect_entries(registry: Registry, cache: Cache | None) -> list[Entry]:
    """Return the entries of a registry in its order.

    Neighbours are those of vectors that the cache has; nothing is fetched.
    """
    known = Registry.default()
    listed = [
        tuple(revisions)
        for _, revisions in itertools.groupby(
            registry.list_revisions(), lambda variant: variant.name
        )
    ]
    heads = [revisions[0] for revisions in listed]
    benchmarks = registry.list_benchmarks()
    return [
        Entry(
            revisions,
            cost,
            _name_file(revisions[0], registry, known),
            tuple(_list_scores(revisions[0].name, benchmarks)),
            find_sample(revisions[0], cache) if cache else None,
        )
        for revisions, cost in zip(listed, estimate_costs(heads, None), strict=True)
    ]


def make_cards(entries: Iterable[Entry]) -> list[Card]:
    """Return the cards of entries, each in the place of its first entry."""
    together: dict[tuple[object, ...], list[Entry]] = {}
    for entry in entries:
        head = entry.head
        file = head.origin.rpartition(":")[0]
        shared = (head.corpus, head.tokens, head.cased, head.license, head.format)
        key = (file, head.group, head.choose_when, *shared)
        together.setdefault(key if head.group else (entry.name,), []).append(entry)
    return [Card(tuple(entries)) for entries in together.values()]


def _list_scores(name: str, benchmarks: Sequence[Benchmark]) -> list[Score]:
    return [
        Score(benchmark, published, published.scores[name])
        for benchmark in benchmarks
        for published in benchmark.published
        if name in published.scores
    ]


def _name_file(variant: Variant, registry: Registry, known: Registry) -> str | None:
    if variant.name in known and known.find(variant.name).origin == variant.origin:
        return None
    file = registry.find_file(variant)
    # Of a path only the name: where it lies on this machine is nobody else's business.
    return file.name if isinstance(file, Path) else redact(file)
