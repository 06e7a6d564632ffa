"""Evaluate vectors on benchmarks."""

import fnmatch
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from itertools import count

import numpy as np
from numpy.typing import NDArray

from ..errors import BenchmarkError, UnknownVariantError
from ..lookup.case import match_words
from ..lookup.rows import Rows
from ..messages.layout import format_count
from ..registries import Registry
from ..registry import Benchmark, EvaluationCase, UnknownRule
from ..registry.names import EVALUATION_CASES, UNKNOWN_RULES
from .analogies import Rule, answer, check_rule
from .association import compare, measure_effect
from .benchmarks import Analogies, Pairs, WordSets, read_benchmark
from .directions import normalize
from .evaluation import Evaluation
from .results import Protocol, Reference, Result, Score
from .search import NO_ROW
from .terms import check_count

# The cosines of equal vectors differ by less.
_ROUNDING = 1e-12


def evaluate(
    vectors: Rows | Iterable[Rows],
    benchmark: str | Iterable[str] | None = None,
    *,
    restrict: int | None = None,
    case: EvaluationCase | None = None,
    oov: UnknownRule | None = None,
    rule: Rule = "3CosAdd",
    registry: "Registry | str | os.PathLike[str] | None" = None,
    cache_dir: str | os.PathLike[str] | None = None,
    offline: bool | None = None,
    progress: bool | None = None,
) -> Evaluation:
    """Return the scores of several sets of vectors, side by side.

    Parameters
    ----------
    vectors : Vectors or iterable of Vectors
        Results call a set ``"NAME (int8)"`` if its numbers are not float32,
        ``"NAME (500 of 400,000 words)"`` if it is a subset, and ``"NAME #2"`` if
        another one before it is called the same.
    benchmark, restrict, case, oov, rule, registry, cache_dir, offline, progress
        As for `Vectors.evaluate`.

    Returns
    -------
    Evaluation

    Raises
    ------
    GloveRegistryError, ValueError
        As for `Vectors.evaluate`.
    TypeError
        `vectors` are anything else, such as names.

    Examples
    --------
    >>> import glove_registry
    >>> from glove_registry import analysis
    >>> names = ["glove.6B.50d", "glove.6B.100d"]
    >>> sets = [glove_registry.load(name) for name in names]  # doctest: +SKIP
    >>> print(analysis.evaluate(sets, "simlex-999"))  # doctest: +SKIP
    """
    sets = _list_sets(vectors)
    known = Registry.over_default(registry, cache_dir=cache_dir, offline=offline)
    benchmarks = _find_benchmarks(benchmark, known)
    if not benchmarks:
        raise ValueError("benchmark: expected at least one name, found none")
    _check("case", case, EVALUATION_CASES)
    _check("oov", oov, UNKNOWN_RULES)
    check_rule(rule)
    restrict = None if restrict is None else check_count(restrict, "restrict")
    read = [
        read_benchmark(each, cache_dir=cache_dir, offline=offline, progress=progress)
        for each in benchmarks
    ]
    results: list[Result] = []
    labels: set[str] = set()
    for rows in sets:
        name = _find_name(rows, known)
        label = base = label_vectors(name, rows)
        for number in count(2):
            if label not in labels:
                break
            label = f"{base} #{number}"
        labels.add(label)
        own = []
        for each, questions in zip(benchmarks, read, strict=True):
            protocol = Protocol(
                restrict,
                case or each.case,
                oov or each.oov,
                rule if each.task == "analogies" else None,
            )
            own.append(_evaluate(rows, name, label, each, questions, protocol))
        if not any(score.answered for result in own for score in result.scores):
            raise BenchmarkError(
                f"{label} has too few of the words of "
                f"{', '.join(each.name for each in benchmarks)} to answer a question: "
                "check the language, and what case and restrict are set to"
            )
        results += own
    if not results:
        raise ValueError("vectors: expected at least one set of vectors, found none")
    return Evaluation(tuple(results))


def _list_sets(vectors: object) -> Iterable[Rows]:
    if isinstance(vectors, Rows):
        return [vectors]
    if isinstance(vectors, Iterator):
        # Loaded one after the other.
        return map(_check_set, vectors)
    if isinstance(vectors, str | Mapping) or not isinstance(vectors, Iterable):
        return [_check_set(vectors)]
    return [_check_set(each) for each in vectors]


def _check_set(rows: object) -> Rows:
    if isinstance(rows, Rows):
        return rows
    found = f"found {type(rows).__name__}"
    if isinstance(rows, str):
        found += f" {rows!r}: load it first: glove_registry.load({rows!r})"
    raise TypeError(f"vectors: expected Vectors or a list of them, {found}")


def _find_benchmarks(
    names: str | Iterable[str] | None, registry: Registry
) -> list[Benchmark]:
    """Return benchmarks by name, each once; all if `names` is None."""
    if names is None:
        return registry.list_benchmarks()
    if isinstance(names, str) or not isinstance(names, Iterable):
        names = [names]
    found = map(registry.find_benchmark, names)
    return list({each.name: each for each in found}.values())


def label_vectors(name: str, rows: Rows) -> str:
    """Return what results call vectors: their name, and how they differ from these."""
    origin = rows.provenance
    # A subset keeps the name of its release, and its scores are not those of it.
    if total := origin.get("subset_of_rows"):
        return f"{name} ({len(rows):,} of {format_count(total, 'word')})"
    return name if origin["dtype"] == "float32" else f"{name} ({origin['dtype']})"


def _find_name(rows: Rows, registry: Registry) -> str:
    """Return the name of vectors, with their revision if it is not the default one."""
    with suppress(UnknownVariantError):
        if rows.revision not in (None, registry.find(rows.name).revision):
            return f"{rows.name}@{rows.revision}"
    return rows.name


def _check(name: str, value: object, known: Sequence[str]) -> None:
    if value is not None and value not in known:
        raise ValueError(f"{name}={value!r}: expected one of {', '.join(known)}")


def _evaluate(
    rows: Rows,
    name: str,
    label: str,
    benchmark: Benchmark,
    questions: Analogies | Pairs | WordSets,
    protocol: Protocol,
) -> Result:
    words = _Words(rows, protocol)
    sections: Iterable[str] = ()
    if isinstance(questions, Analogies):
        scores = _score_analogies(words, questions, benchmark.totals)
        sections = questions.sections
    elif isinstance(questions, Pairs):
        scores = [_score_pairs(words, questions)]
    else:
        scores = _score_associations(words, questions, benchmark.tests)
    return Result(
        vectors=label,
        dtype=rows.provenance["dtype"],
        benchmark=benchmark.name,
        task=benchmark.task,
        protocol=protocol,
        scores=tuple(scores),
        sections=frozenset(sections),
        published=tuple(
            Reference(each.source, each.url, each.protocol, each.scores[name])
            for each in benchmark.published
            if name in each.scores
        ),
    )


class _Words:
    """The words of a benchmark, looked up by a protocol."""

    def __init__(self, rows: Rows, protocol: Protocol) -> None:
        self.rows = rows
        self.protocol = protocol

    def find(self, words: Sequence[str]) -> NDArray[np.int64]:
        """Return the row of each word; `NO_ROW` if it is unknown."""
        case = self.protocol.case
        if case == "lower":
            found = self.rows.rows([word.lower() for word in words])
        else:
            found = match_words(self.rows, words, case).rows
        if self.protocol.restrict is not None:
            found[found >= self.protocol.restrict] = NO_ROW
        return found

    @property
    def skips_unknown(self) -> bool:
        """Whether questions with an unknown word are left out."""
        return self.protocol.oov == "skip"

    def make_unknown(self) -> NDArray[np.float64]:
        """Return the vector for unknown words."""
        if self.protocol.oov != "mean":
            return np.zeros(self.rows.dimension)
        stop = min(self.protocol.restrict or len(self.rows), len(self.rows))
        if stop == len(self.rows):
            mean: NDArray[np.float64] = self.rows.moments[0]
            return mean
        total = np.zeros(self.rows.dimension)
        for start, block in self.rows.blocks():
            total += block[: max(stop - start, 0)].sum(axis=0, dtype=np.float64)
        return total / stop

    def take(self, found: NDArray[np.int64]) -> NDArray[np.float64]:
        """Return the vectors of rows."""
        vectors = self.rows.take(found.clip(0)).astype(np.float64)
        unknown = found == NO_ROW
        if unknown.any():
            vectors[unknown] = self.make_unknown()
        return vectors


def _score_analogies(
    words: _Words, questions: Analogies, totals: Mapping[str, tuple[str, ...]]
) -> list[Score]:
    found = words.find(questions.words).reshape(-1, 4)
    known = (found != NO_ROW).all(axis=1)
    used = known if words.skips_unknown else np.ones(len(found), np.bool_)
    correct = np.zeros(len(found), np.bool_)
    answers = answer(
        words.rows,
        found[used, :3],
        rule=words.protocol.rule or "3CosAdd",
        restrict=words.protocol.restrict,
        unknown=words.make_unknown(),
    )
    expected = found[used, 3]
    correct[used] = (answers == expected) & (expected != NO_ROW)

    def count(part: str, names: Iterable[str]) -> Score:
        chosen = np.zeros(len(found), np.bool_)
        for name in names:
            chosen[questions.sections[name]] = True
        right, of = int((correct & chosen).sum()), int((used & chosen).sum())
        answered, asked = int((known & chosen).sum()), int(chosen.sum())
        return Score(part, right / of if of else None, answered, asked, right)

    scores = [count("total", questions.sections)]
    for total, patterns in totals.items():
        names = [
            name
            for name in questions.sections
            if any(fnmatch.fnmatchcase(name, pattern) for pattern in patterns)
        ]
        scores.append(count(total, names))
    return scores + [count(name, [name]) for name in questions.sections]


def _score_pairs(words: _Words, pairs: Pairs) -> Score:
    found = words.find(pairs.words).reshape(-1, 2)
    known = (found != NO_ROW).all(axis=1)
    used = known if words.skips_unknown else np.ones(len(found), np.bool_)
    left, right = words.take(found[used, 0]), words.take(found[used, 1])
    value = correlate_ranks(_compare_pairs(left, right), pairs.scores[used])
    return Score("total", value, int(known.sum()), len(found))


def _compare_pairs(
    left: NDArray[np.float64], right: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return the cosine of each pair; 0 if a vector is zeros."""
    products = np.einsum("ij,ij->i", left, right)
    lengths = np.sqrt(np.einsum("ij,ij->i", left, left)) * np.sqrt(
        np.einsum("ij,ij->i", right, right)
    )
    # In this order, as word-embeddings-benchmarks has it. Pairs of equal vectors, such
    # as two unknown words, then differ from 1 by their rounding errors. In WordSim-353,
    # these put "tiger, tiger" behind six such pairs, in the published scores as well,
    # which is worth 0.0001.
    cosines = np.zeros(len(left))
    np.divide(products, lengths, out=cosines, where=lengths > 0)
    is_constant = len(cosines) and np.ptp(cosines) <= _ROUNDING
    return np.zeros(len(cosines)) if is_constant else cosines


def _score_associations(
    words: _Words, content: WordSets, tests: Mapping[str, tuple[str, ...]]
) -> list[Score]:
    scores = []
    for test, names in tests.items():
        sets = [words.find(content.sets[name]) for name in names]
        known = [each[each != NO_ROW] for each in sets]
        used = known if words.skips_unknown else sets
        value = None
        if all(map(len, used)):
            nearness = compare(*(normalize(words.take(rows)) for rows in used))
            value = measure_effect(nearness, len(used[0]))
        answered, asked = sum(map(len, known)), sum(map(len, sets))
        scores.append(Score(test, value, answered, asked))
    return scores


def correlate_ranks(
    left: NDArray[np.floating], right: NDArray[np.floating]
) -> float | None:
    """Return Spearman's rank correlation, equal numbers having their mean rank.

    None if it is not defined: for fewer than two numbers, or if all are equal.
    """
    if len(left) < 2:
        return None
    ranks = _rank(left), _rank(right)
    if any(rank.min() == rank.max() for rank in ranks):
        return None
    return float(np.corrcoef(*ranks)[0, 1])


def _rank(numbers: NDArray[np.floating]) -> NDArray[np.float64]:
    _, which, counts = np.unique(numbers, return_inverse=True, return_counts=True)
    means: NDArray[np.float64] = np.cumsum(counts) - (counts - 1) / 2
    return means[which]
