"""Association tests: the effect size and the p-value of a plain loop."""

import itertools
from typing import Any

import numpy as np
import pytest

import glove_registry
from glove_registry import Vectors, errors
from glove_registry.analysis import measure_association

X, Y = ["math", "numbers", "equations"], ["poetry", "art", "dance"]
A, B = ["man", "boy", "Brother"], ["woman", "girl", "sister"]


def measure_by_hand(
    vectors: Vectors, *sets: list[str]
) -> tuple[float, float, list[float]]:
    """Return d, p over all partitions, and how near each target is."""
    unit = [
        [vectors[w.lower()] / np.linalg.norm(vectors[w.lower()]) for w in words]
        for words in sets
    ]
    x, y, a, b = unit
    near = [float(np.mean(np.dot(a, t)) - np.mean(np.dot(b, t))) for t in (*x, *y)]
    n = len(x)
    d = (np.mean(near[:n]) - np.mean(near[n:])) / np.std(near, ddof=1)
    real = sum(near[:n]) - sum(near[n:])
    larger = [
        sum(near[i] for i in some) * 2 - sum(near) > real + 1e-9
        for some in itertools.combinations(range(len(near)), n)
    ]
    return float(d), float(np.mean(larger)), near


def test_effect_and_p_value_are_those_of_a_loop(sample: Vectors) -> None:
    """D with the deviation of a sample; p over all partitions of the targets."""
    words = [word for word in (*X, *Y, *A, *B) if word.lower() not in sample]
    x = [word for word in X if word in sample]
    found = measure_association(sample, (X, Y), (A, B))
    d, p, _ = measure_by_hand(sample, x, Y, A, B)
    assert found.effect_size == pytest.approx(d, abs=1e-6)
    assert found.p_value == pytest.approx(p, abs=1e-12)
    assert (found.exact, found.partitions) == (True, 10)
    assert found.missing == tuple(words)
    # Exchanging the attributes changes the sign.
    other = measure_association(sample, (X, Y), (B, A))
    assert other.effect_size == pytest.approx(-d, abs=1e-6)


def test_a_sample_of_partitions_is_near_the_truth_and_repeatable(
    sample: Vectors,
) -> None:
    """With fewer partitions than there are, p is estimated, the same in every run."""
    x, y = ["math", "science", "physics", "numbers"], ["poetry", "art", "dance", "song"]
    exact = measure_association(sample, (x, y), (B, A))
    first, again = (
        measure_association(sample, (x, y), (B, A), permutations=69) for _ in range(2)
    )
    assert exact.exact
    assert (exact.partitions, first.partitions) == (70, 69)
    assert not first.exact
    assert first == again
    assert first.effect_size == exact.effect_size
    assert first.p_value == pytest.approx(exact.p_value, abs=0.2)
    assert 0 < first.p_value <= 1


@pytest.mark.parametrize(
    ("arguments", "options", "words"),
    [
        (((X, Y, X), (A, B)), {}, "targets: expected a tuple of two sets"),
        (((X, Y), A), {}, "attributes: expected a tuple of two sets"),
        (((X, [*Y, "math"]), (A, B)), {}, "targets: 'math' occurs twice: give"),
        (((["qqx", "man", "qqx"], Y), (A, B)), {}, "targets: 'qqx' occurs twice"),
        (((X, Y), (A, ["girl", "Girl"])), {}, "attributes: 'Girl' occurs twice .as 'g"),
        (((X, Y), (A, B)), {"permutations": 0}, "permutations=0: expected an int"),
        (((X, Y), (A, B)), {"case": "upper"}, "case='upper': expected one of"),
    ],
)
def test_mistakes_are_errors(
    sample: Vectors, arguments: Any, options: dict[str, Any], words: str
) -> None:
    """Each mistake is a ValueError that says what was expected."""
    with pytest.raises(ValueError, match=words):
        measure_association(sample, *arguments, **options)


def test_what_cannot_be_measured_is_an_error(sample: Vectors) -> None:
    """A set without a known word, or targets that do not differ, give no number."""
    with pytest.raises(errors.BenchmarkError, match=r"no word of \['flimflam'\] has"):
        measure_association(sample, (["flimflam"], Y), (A, B))
    with pytest.raises(errors.BenchmarkError, match="no effect size"):
        measure_association(sample, (X, Y), (A, A))


def test_targets_that_do_not_differ_have_no_effect(sample: Vectors) -> None:
    """Equal attributes in another order, and equal targets, differ by rounding alone.

    Divided by a spread that consists of rounding errors, these would be an effect.
    """
    men = ["man", "boy", "he", "son"]
    targets = (["film", "movie", "book"], ["dog", "cat"])
    with pytest.raises(errors.BenchmarkError, match="differ in nothing"):
        measure_association(sample, targets, (men, men[::-1]))
    random = np.random.default_rng(1)
    matrix = np.concatenate(
        [np.tile(random.random((1, 50)), (9, 1)), random.random((6, 50))]
    )
    words = [f"w{i}" for i in range(15)]
    alike = glove_registry.from_arrays(words, matrix, name="alike")
    for first in range(1, 9):
        targets = (words[:first], words[first:9])
        with pytest.raises(errors.BenchmarkError, match="differ in nothing"):
            measure_association(alike, targets, (words[9:12], words[12:]))
