"""An approximate index of neighbours: a graph (HNSW), mapped from the cache."""

import mmap
import sys
import time
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import NDArray

from ..errors import CacheError
from ..lookup.rows import Rows
from ..messages.layout import format_bytes
from ..messages.log import log
from ..messages.progress import open_bar
from .directions import check_rows, find_directions, normalize
from .questions import Nearest
from .search import NO_ROW, rank_exactly, search

if TYPE_CHECKING:
    from usearch.index import Index

_FILE = "neighbours.usearch"

# Half the size of float32. What it rounds is scored exactly afterwards.
_NUMBERS = "bf16"
_CONNECTIVITY = 16
_EXPANSION_ADD = 128
# How many candidates a query keeps while it walks the graph: the more, the slower and
# the better. The first one that is good enough is used.
_EXPANSIONS = (48, 64, 80, 96, 128, 192, 256, 384, 512)
_GOOD_RECALL = 0.955
# Rows that are scored exactly, for each that was asked for.
_CANDIDATES = 2

_SAMPLE = 1000
_TIMED = 50
_NEIGHBOURS = 10


@dataclass(frozen=True, slots=True)
class IndexReport:
    """What an index for approximate search is worth; returned by `build_index`.

    Attributes
    ----------
    vectors : str
        Name of the vectors.
    words : int
        Number of words in the index.
    bytes : int
        Size of its file.
    seconds : float
        How long building it took.
    expansion : int
        Number of candidates that a search keeps, chosen by the recall.
    recall : float
        Share of the 10 nearest words that an approximate search finds, for words drawn
        at random.
    sample : int
        Number of these words.
    milliseconds, exact_milliseconds : float
        How long the approximate and the exact search took for one of them.
    """

    vectors: str
    words: int
    bytes: int
    seconds: float
    expansion: int
    recall: float
    sample: int
    milliseconds: float
    exact_milliseconds: float

    def __str__(self) -> str:
        return (
            f"{self.vectors}: index of {self.words:,} words, {format_bytes(self.bytes)}"
            f", built in {self.seconds:.0f} s; recall@{_NEIGHBOURS} is "
            f"{self.recall:.3f} for {self.sample:,} words drawn at random, "
            f"{self.milliseconds:.2f} ms a word (exact: {self.exact_milliseconds:.2f} "
            "ms)"
        )


def build_index(rows: Rows, *, progress: bool | None = None) -> IndexReport:
    """Build the index for ``nearest(..., approximate=True)``, and measure its recall.

    It is kept in the cache, where later processes map it. If the cache cannot be
    written, only this process can use it.

    Parameters
    ----------
    rows : Vectors
        The vectors to search later.
    progress : bool, optional
        As for `load`. The report is also written to standard error, unless this is
        False.

    Returns
    -------
    IndexReport

    Raises
    ------
    ImportError
        usearch is not installed.
    ValueError
        The release has n-grams and no words.

    Examples
    --------
    >>> import glove_registry
    >>> from glove_registry import analysis
    >>> vectors = glove_registry.load("glove.840B.300d")  # doctest: +SKIP
    >>> report = analysis.build_index(vectors)  # doctest: +SKIP
    >>> words = ["film", "paris"]
    >>> analysis.nearest(vectors, words, 10, approximate=True)  # doctest: +SKIP
    """
    check_rows(rows)
    if not len(rows):
        raise ValueError(f"{rows.name} has n-grams and no words that could be found")
    index = _make_empty(rows)
    start = time.perf_counter()
    _fill(index, rows, progress)
    seconds = time.perf_counter() - start
    facts = _choose_expansion(index, rows)

    file = rows.locate_derived(_FILE)
    path = file.keep(lambda part: index.save(str(part)), **facts)
    if path is None:
        log.warning(
            "the index of %s cannot be kept in the cache: only this process has it",
            rows.name,
        )
    _opened[rows] = index
    report = IndexReport(
        vectors=rows.name,
        words=len(index),
        bytes=int(index.serialized_length),
        seconds=seconds,
        sample=min(_SAMPLE, len(rows)),
        **facts,
    )
    if progress is not False and sys.stderr is not None:
        print(report, file=sys.stderr)
    return report


def search_approximately(
    rows: Rows, questions: Nearest, k: int, exclude: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
    """Return what `search` does, for candidates that the index finds.

    Raises
    ------
    CacheError
        There is no index.
    ImportError
        usearch is not installed.
    """
    index = _open(rows)
    count = min(_CANDIDATES * k + exclude.shape[1], len(index))
    return rank_exactly(rows, questions, _find(index, questions, count), k, exclude)


def _find(index: "Index", questions: Nearest, count: int) -> NDArray[np.int64]:
    """Return candidates for each question; `NO_ROW` where there are fewer."""
    found = np.full((len(questions), count), NO_ROW)
    if not count:
        return found
    matches = index.search(questions.queries, count)
    if len(questions) == 1:
        found[0, : len(matches)] = matches.keys
    else:
        is_found = np.arange(count) < matches.counts[:, None]
        found[is_found] = matches.keys[is_found]
    return found


_opened: "WeakKeyDictionary[Rows, Index]" = WeakKeyDictionary()


def _open(rows: Rows) -> "Index":
    """Return the index of these vectors, mapped once."""
    if rows not in _opened:
        found = rows.locate_derived(_FILE).find()
        if found is not None:
            path, facts = found
            index = _make_empty(rows)
            with suppress(FileNotFoundError), path.open("rb") as file:
                # Not by its path: where it was removed meanwhile, usearch 2.26 closes
                # standard input.
                mapped = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
                # The library trusts what is mapped, so the file was hashed. It does not
                # keep the map.
                index.view(mapped)
                index.mapped = mapped
                index.expansion_search = facts["expansion"]
                _opened[rows] = index
    if rows not in _opened:
        raise CacheError(
            f"{rows.name} has no index for approximate search: build it, once, by "
            "glove_registry.analysis.build_index(vectors)"
        )
    return _opened[rows]


def _make_empty(rows: Rows) -> "Index":
    # With the option enable_key_lookups=False, usearch 2.25 corrupts its memory.
    try:
        from usearch.index import Index
    except ImportError as error:
        raise ImportError(
            "approximate search needs usearch: pip install 'glove_registry[ann]'"
        ) from error
    return Index(
        ndim=rows.dimension,
        metric="ip",
        dtype=_NUMBERS,
        connectivity=_CONNECTIVITY,
        expansion_add=_EXPANSION_ADD,
    )


def _fill(index: "Index", rows: Rows, progress: bool | None) -> None:
    repeated = find_directions(rows).repeated
    with open_bar(f"index {rows.name}", progress) as bar:
        bar.reset(4 * len(rows) * rows.dimension)
        for start, block in rows.blocks():
            unit = normalize(block).astype(np.float32)
            numbers = np.arange(start, start + len(block))
            # Zeros have no direction, and repeated tokens are never found.
            kept = unit.any(axis=1) & ~np.isin(numbers, repeated)
            index.add(numbers[kept], unit[kept])
            bar.update(block.nbytes)


def _choose_expansion(index: "Index", rows: Rows) -> dict[str, Any]:
    """Choose how thoroughly to search; return that, the recall and the times."""
    directions = find_directions(rows)
    sample = np.random.default_rng(0).permutation(len(rows))[:_SAMPLE]
    questions = Nearest(rows.take(sample))
    own = sample[:, None]
    expected, _ = search(directions, questions, _NEIGHBOURS, exclude=own)
    count = min(_CANDIDATES * _NEIGHBOURS + 1, len(index))
    for expansion in _EXPANSIONS:
        index.expansion_search = expansion
        candidates = _find(index, questions, count)
        found, _ = rank_exactly(rows, questions, candidates, _NEIGHBOURS, own)
        recall = _measure_recall(expected, found)
        if recall >= _GOOD_RECALL:
            break
    timed = [(Nearest(rows.take(one)), one[:, None]) for one in own[:_TIMED]]
    start = time.perf_counter()
    for question, excluded in timed:
        search(directions, question, _NEIGHBOURS, exclude=excluded)
    middle = time.perf_counter()
    for question, excluded in timed:
        candidates = _find(index, question, count)
        rank_exactly(rows, question, candidates, _NEIGHBOURS, excluded)
    end = time.perf_counter()
    return {
        "expansion": expansion,
        "recall": recall,
        "milliseconds": (end - middle) / len(timed) * 1000,
        "exact_milliseconds": (middle - start) / len(timed) * 1000,
    }


def _measure_recall(expected: NDArray[np.int64], found: NDArray[np.int64]) -> float:
    """Return the share of expected rows that are found, question by question."""
    hits = (expected[:, :, None] == found[:, None, :]).any(axis=2)[expected != NO_ROW]
    # There is nothing to miss among one word.
    return float(hits.mean()) if len(hits) else 1.0
