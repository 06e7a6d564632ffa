"""How strongly sets of words are associated: WEAT, by Caliskan et al. (2017).

https://doi.org/10.1126/science.aal4230
"""

import itertools
import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..errors import BenchmarkError
from ..lookup.case import Case, match_words
from ..lookup.compose import find_vectors, take_vectors
from ..lookup.rows import Rows, list_words, name_vocabulary
from .directions import check_rows, normalize

# So many random partitions at a time.
_STEP = 1 << 12
# Sums of the same cosines in another order differ by less.
_ROUNDING = 1e-12


@dataclass(frozen=True, slots=True)
class Association:
    """How strongly two sets of targets are associated with two sets of attributes.

    Attributes
    ----------
    effect_size : float
        Positive if the first targets are nearer to the first attributes.
    p_value : float
        Share of the partitions of the targets whose difference is larger. Of all
        partitions, 0 if the real one has the largest; of a sample, never 0.
    exact : bool
        Whether `p_value` is over all partitions, rather than a sample of them.
    partitions : int
        How many there are, or how many were drawn.
    missing : tuple of str
        Words without a vector, which were left out.

    Examples
    --------
    >>> import glove_registry
    >>> from glove_registry import analysis
    >>> vectors = glove_registry.load("glove.6B.50d-first10k")
    >>> found = analysis.measure_association(
    ...     vectors, (["rose", "tree"], ["war", "gun"]), (["good"], ["bad"])
    ... )
    >>> found.exact, found.partitions
    (True, 6)
    """

    effect_size: float
    p_value: float
    exact: bool
    partitions: int
    missing: tuple[str, ...]


def measure_association(
    rows: Rows,
    targets: tuple[Iterable[str], Iterable[str]],
    attributes: tuple[Iterable[str], Iterable[str]],
    *,
    case: Case = "fallback",
    permutations: int = 100_000,
) -> Association:
    """Return how strongly sets of words are associated (WEAT), and if by chance.

    Parameters
    ----------
    rows : Vectors
    targets : tuple of two iterables of str
        Such as flowers and insects.
    attributes : tuple of two iterables of str
        Such as pleasant and unpleasant words.
    case : {"fallback", "exact"}
        As for `Vectors.to_keras_layer`.
    permutations : int
        Partitions of the targets for the p-value. If there are no more, all are used;
        else so many random ones, the same in every run.

    Returns
    -------
    Association

    Raises
    ------
    BenchmarkError
        No word of a set has a vector, or the effect size is not defined.
    ValueError
        `targets` or `attributes` are not two sets, a word occurs twice in one set or in
        both sets of targets, or `permutations` is less than 1.

    Notes
    -----
    The effect size has the standard deviation of a sample, with n - 1, as in the
    authors' code. The p-value is one-sided, and is that of the paper: the share of all
    partitions of the targets into two sets of these sizes, the real one among them,
    whose difference is larger than the real one. With few targets it is coarse: of two
    times three there are 20 partitions, so it is a multiple of 0.05, and 0 says that
    none has a larger difference. Of n random partitions, it is (larger + 1) / (n + 1).

    Examples
    --------
    >>> import glove_registry
    >>> from glove_registry import analysis
    >>> vectors = glove_registry.load("glove.6B.50d-first10k")
    >>> found = analysis.measure_association(
    ...     vectors,
    ...     (["math", "algebra", "numbers"], ["poetry", "art", "dance"]),
    ...     (["male", "man", "boy"], ["female", "woman", "girl"]),
    ... )
    >>> round(found.effect_size, 2), found.exact, found.missing
    (1.51, True, ('algebra',))
    """
    check_rows(rows)
    for name, two in (("targets", targets), ("attributes", attributes)):
        if not isinstance(two, tuple | list) or len(two) != 2:
            raise ValueError(f"{name}: expected a tuple of two sets of words")
    if type(permutations) is not int or permutations < 1:
        raise ValueError(f"permutations={permutations!r}: expected an int from 1 on")
    sets, missing = [], []
    x, y, a, b = map(list_words, (*targets, *attributes))
    # A word in both sets of attributes counts for neither, and does no harm.
    for name, some in (("targets", [*x, *y]), ("attributes", a), ("attributes", b)):
        _refuse_repeated(name, some, match_words(rows, some, case).rows)
    for words in (x, y, a, b):
        numbers, composed = find_vectors(rows, words, case)
        is_found = numbers >= 0
        if not is_found.any():
            raise BenchmarkError(
                f"no word of {words[:5]} has a vector in {name_vocabulary(rows)}: "
                "check the language of the words and the rule for case"
            )
        missing += [words[i] for i in np.flatnonzero(~is_found)]
        sets.append(normalize(take_vectors(rows, numbers[is_found], composed)))
    nearness = compare(*sets)
    first = len(sets[0])
    effect_size = measure_effect(nearness, first)
    if effect_size is None:
        raise BenchmarkError(
            f"the targets differ in nothing in {rows.name}, so there is no effect size"
        )
    all_of_them = math.comb(len(nearness), first)
    exact = all_of_them <= permutations
    p_value = _find_p_value(nearness, first, None if exact else permutations)
    partitions = all_of_them if exact else permutations
    return Association(effect_size, p_value, exact, partitions, tuple(missing))


def _refuse_repeated(name: str, words: list[str], found: NDArray[np.int64]) -> None:
    """Raise `ValueError` if two words are the same, or find the same vector."""
    seen: dict[str | int, str] = {}
    for word, row in zip(words, found.tolist(), strict=True):
        key = word if row < 0 else row
        if key in seen:
            also = "" if seen[key] == word else f" (as {seen[key]!r})"
            raise ValueError(
                f"{name}: {word!r} occurs twice{also}: give each word once"
            )
        seen[key] = word


def compare(
    x: NDArray[np.float64],
    y: NDArray[np.float64],
    a: NDArray[np.float64],
    b: NDArray[np.float64],
) -> NDArray[np.float64]:
    """Return how much nearer each target is to the first attributes.

    Parameters
    ----------
    x, y, a, b : ndarray of shape (n_words, dimension)
        Vectors of length 1: two sets of targets, two of attributes.

    Returns
    -------
    ndarray of shape (n_targets,)
        The difference of its mean cosines with both; the first targets come first.
    """
    targets = np.concatenate([x, y])
    nearness: NDArray[np.float64] = targets @ (a.mean(axis=0) - b.mean(axis=0))
    return nearness


def measure_effect(nearness: NDArray[np.float64], first: int) -> float | None:
    """Return the effect size d; None if it is not defined.

    Parameters
    ----------
    nearness : ndarray of shape (n_targets,)
        Of `compare`.
    first : int
        Number of targets in the first set.
    """
    if not 0 < first < len(nearness):
        return None
    spread = float(np.std(nearness, ddof=1))
    if spread <= _ROUNDING:
        return None
    return float((nearness[:first].mean() - nearness[first:].mean()) / spread)


def _find_p_value(
    nearness: NDArray[np.float64], first: int, sample: int | None
) -> float:
    """Return the share of partitions with a larger difference than the real one."""
    observed = nearness[:first].sum() + _ROUNDING
    larger = count = 0
    for sums in _sum_partitions(nearness, first, sample):
        larger += int((sums > observed).sum())
        count += len(sums)
    # In a sample, the real partition counts as one of its own.
    return larger / count if sample is None else (larger + 1) / (count + 1)


def _sum_partitions(
    nearness: NDArray[np.float64], first: int, sample: int | None
) -> Iterator[NDArray[np.float64]]:
    """Yield the sums over the first sets of all partitions, or of random ones."""
    if sample is None:
        chosen = itertools.combinations(nearness.tolist(), first)
        for some in iter(lambda: list(itertools.islice(chosen, _STEP)), []):
            yield np.array(some).sum(axis=1)
        return
    random = np.random.default_rng(0)
    for start in range(0, sample, _STEP):
        order = random.random((min(_STEP, sample - start), len(nearness)))
        which = np.argpartition(order, first - 1, axis=1)[:, :first]
        yield nearness[which].sum(axis=1)
