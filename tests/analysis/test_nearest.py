"""The nearest words of many are those that a plain loop finds."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from threadpoolctl import threadpool_info

import glove_registry
from glove_registry import Vectors
from glove_registry.analysis import nearest, search
from glove_registry.analysis.workers import start_workers
from glove_registry.errors import UnknownWordError


def write(path: Path, matrix: Any, words: list[str] | None = None) -> Vectors:
    """Write a release of these vectors, whose words are w0, w1, ... if not given."""
    words = words or [f"w{i}" for i in range(len(matrix))]
    lines = [
        " ".join([w, *map(repr, map(float, r))])
        for w, r in zip(words, matrix, strict=True)
    ]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return glove_registry.open_file(path)


def compute_cosines(vectors: Vectors, queries: Any) -> NDArray[np.float64]:
    """Compute the cosine of each query with each row, in float64."""
    rows, asked = np.array(vectors.matrix, float), np.array(queries, float)
    lengths = np.outer(np.linalg.norm(asked, axis=1), np.linalg.norm(rows, axis=1))
    cosines: NDArray[np.float64] = asked @ rows.T / np.where(lengths > 0, lengths, 1)
    return cosines


def sort_rows(scores: NDArray[np.float64], k: int) -> list[list[int]]:
    """Return the rows with the best scores, earlier rows first where equal."""
    order = np.argsort(-scores.astype(np.float32), axis=1, kind="stable")
    rows: list[list[int]] = order[:, :k].tolist()
    return rows


@pytest.mark.parametrize("count", [1, 3, 700])
def test_words_get_the_neighbours_of_a_plain_loop(sample: Vectors, count: int) -> None:
    """For one word or many, neighbours and scores are those of float64 in numpy."""
    asked = np.random.default_rng(count).choice(len(sample), count, replace=False)
    cosines = compute_cosines(sample, sample.matrix[asked])
    cosines[np.arange(count), asked] = -2
    rows, scores = nearest(sample, [sample.tokens[i] for i in asked], 12)
    assert rows.tolist() == sort_rows(cosines, 12)
    expected = np.take_along_axis(cosines, rows, 1)
    np.testing.assert_allclose(scores, expected, rtol=0, atol=1e-6)


def test_a_score_does_not_depend_on_the_other_queries(sample: Vectors) -> None:
    """A word asked alone gets the very scores that it gets among many."""
    words = sample.tokens[:600]
    rows, scores = nearest(sample, words, 5)
    for i in (0, 17, 599):
        alone = nearest(sample, [words[i]], 5)
        assert alone[0].tolist() == [rows[i].tolist()]
        assert alone[1].tolist() == [scores[i].tolist()]


def test_more_queries_than_fit_in_memory_at_once(
    sample: Vectors, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Groups, blocks and pieces of any size give the same neighbours."""
    words = sample.tokens[100:150]
    expected = nearest(sample, words, 3)
    sizes = {"_GROUP": 7, "_QUESTIONS": 3, "_SCORES": 2000, "_NUMBERS": 60}
    for name, value in sizes.items():
        assert hasattr(search, name)
        monkeypatch.setattr(search, name, value)
    rows, scores = nearest(sample, words, 3)
    assert rows.tolist() == expected[0].tolist()
    assert scores.tolist() == expected[1].tolist()


@pytest.mark.parametrize("k", [1, 12, 3000])
@pytest.mark.parametrize("count", [1, 40])
def test_the_best_rows_may_come_last(
    count: int, k: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """If each row is better than all before it, none is overlooked."""
    monkeypatch.setattr(search, "_SCORES", 5000)
    matrix = np.stack([np.linspace(0.1, 1, 4000), np.ones(4000)], axis=1)
    vectors = write(tmp_path / "rising.txt", matrix)
    rows, _ = nearest(vectors, np.tile([[1.0, 0.0]], (count, 1)), k)
    assert (rows == np.arange(3999, 3999 - k, -1)).all()


def test_words_and_vectors_may_be_mixed(sample: Vectors) -> None:
    """A vector's nearest word is its own; its length and type do not matter."""
    film = sample["film"]
    rows, scores = nearest(sample, ["film", film, (3 * film).tolist()], 2)
    own, movie = sample.row("film"), sample.row("movie")
    assert rows[:, 0].tolist() == [movie, own, own]
    assert rows[1].tolist() == [own, movie]
    assert scores[1].tolist() == [1.0, scores[0, 0]]
    many = nearest(sample, np.stack([film, 3 * film]), 2)
    assert many[0].tolist() == rows[1:].tolist()


def test_equal_scores_are_in_the_order_of_the_file(tmp_path: Path) -> None:
    """Of equal vectors, wherever they are, the earliest come first."""
    matrix = np.tile([[1.0, 2.0, 3.0]], (9001, 1))
    matrix[[5, 4444]] = 0
    vectors = write(tmp_path / "same.txt", matrix)
    for k in (1, 4, 200):
        rows, scores = nearest(vectors, ["w0", "w7", matrix[0]], k)
        for found, own in zip(rows.tolist(), (0, 7, None), strict=True):
            others = [i for i in range(k + 3) if i not in (own, 5)]
            assert found == others[:k]
        assert (scores == 1).all()


def test_vectors_of_zeros_have_the_score_zero(tmp_path: Path) -> None:
    """They are neither NaN nor near; as a query, all words are equally near."""
    vectors = write(tmp_path / "zeros.txt", [[0, 0], [1, 0], [0, 0], [-1, 0], [1, 1]])
    rows, scores = nearest(vectors, ["w1", "w0", np.zeros(2)], 5)
    assert rows.tolist() == [[4, 0, 2, 3, -1], [1, 2, 3, 4, -1], [0, 1, 2, 3, 4]]
    assert scores[0].tolist() == [np.float32(0.5**0.5), 0, 0, -1, -np.inf]
    assert scores[1].tolist() == [0, 0, 0, 0, -np.inf]
    assert scores[2].tolist() == [0] * 5
    assert not np.signbit(scores[1:, :4]).any()


def test_all_vectors_may_be_zeros(tmp_path: Path) -> None:
    """Then all scores are 0, and the first words are returned."""
    vectors = write(tmp_path / "zeros.txt", np.zeros((5000, 3)))
    rows, scores = nearest(vectors, ["w2", np.ones(3)], 3)
    assert rows.tolist() == [[0, 1, 3], [0, 1, 2]]
    assert not scores.any()


@pytest.mark.parametrize("size", [1e-42, 1e-20, 1e20, 3e38])
def test_vectors_of_any_length_have_a_direction(tmp_path: Path, size: float) -> None:
    """Products of tiny or huge numbers neither vanish nor overflow."""
    matrix = np.array([[1, 0, 0], [0.9, 0.1, 0], [0, 1, 0], [-1, 1, 1]])
    matrix[1] *= size
    vectors = write(tmp_path / "sizes.txt", matrix.astype(np.float32))
    cosines = compute_cosines(vectors, vectors.matrix)
    cosines[np.arange(4), np.arange(4)] = -2
    rows, scores = nearest(vectors, ["w0", "w1", "w2", "w3"], 3)
    assert rows.tolist() == sort_rows(cosines, 3)
    expected = np.take_along_axis(cosines, rows, 1)
    np.testing.assert_allclose(scores, expected, rtol=0, atol=1e-6)


def test_a_repeated_token_means_its_first_row(tmp_path: Path) -> None:
    """No other row of it is found, neither for it nor for another word."""
    words = ["a", "b", "a", "c", "b"]
    matrix = [[1, 0], [0, 1], [1, 0.1], [1, 0.5], [1, 0.2]]
    vectors = write(tmp_path / "repeated.txt", matrix, words)
    rows, scores = nearest(vectors, ["a", "b", "c"], 9)
    assert rows.tolist() == [[3, 1], [3, 0], [0, 1]]
    assert np.isfinite(scores).all()


@pytest.mark.parametrize("restrict", [1, 10, 5000, 10**9])
def test_a_restriction_to_the_most_frequent(sample: Vectors, restrict: int) -> None:
    """Only the first words are found, whatever is asked for."""
    cosines = compute_cosines(sample, sample[["film", "the"]])[:, :restrict]
    expected = [
        [row for row in near if row != own]
        for near, own in zip(sort_rows(cosines, 5), (319, 0), strict=True)
    ]
    rows, _ = nearest(sample, ["film", "the"], 4, restrict=restrict)
    assert [[r for r in near if r >= 0] for near in rows.tolist()] == [
        near[:4] for near in expected
    ]


def test_a_restriction_to_words(sample: Vectors) -> None:
    """Only these are found, by the rule for case, each once and in any order."""
    words = ["Movie", "the", "paris", "movie", "film"]
    rows, _ = nearest(sample, ["film", sample["film"]], 9, restrict=words)
    assert [[sample.tokens[r] for r in near if r >= 0] for near in rows] == [
        ["movie", "the", "paris"],
        ["film", "movie", "the", "paris"],
    ]
    with pytest.raises(UnknownWordError, match="Movie"):
        nearest(sample, ["film"], restrict=words, case="exact")


def test_more_neighbours_than_words(sample: Vectors) -> None:
    """All words but the query's own are returned, best first."""
    rows, scores = nearest(sample, ["film"], 10**6)
    everyone = set(range(len(sample))) - {sample.row("film")}
    assert rows.shape == (1, len(sample) - 1)
    assert set(rows[0].tolist()) == everyone
    assert (np.diff(scores[0]) <= 0).all()


@pytest.mark.parametrize("dtype", ["float16", "int8"])
def test_vectors_that_are_stored_in_fewer_bits(dtype: Any, cache_root: Path) -> None:
    """Neighbours are those of the numbers that the store returns."""
    vectors = glove_registry.load("glove.6B.50d-first10k", dtype=dtype)
    own = vectors.row("film")
    cosines = compute_cosines(vectors, [vectors["film"]])
    cosines[0, own] = -2
    for _ in range(2):  # the second time with the lengths that were kept
        vectors = glove_registry.load("glove.6B.50d-first10k", dtype=dtype)
        rows, scores = nearest(vectors, ["film"], 20)
        assert rows.tolist() == sort_rows(cosines, 20)
        assert scores[0] == pytest.approx(cosines[0, rows[0]], abs=1e-6)
    (folder,) = (cache_root / "derived").iterdir()
    assert folder.name.endswith(dtype)


def test_no_query_has_no_neighbours(sample: Vectors) -> None:
    """Of no words, as many arrays of no rows."""
    empty: list[Any] = [[], np.empty((0, 50))]
    for queries in empty:
        rows, scores = nearest(sample, queries, 5)
        assert len(rows) == len(scores) == 0


@pytest.mark.parametrize("k", [0, -1, True, "3", 2.5, None])
def test_the_number_of_neighbours_is_a_positive_int(sample: Vectors, k: Any) -> None:
    """Anything else is an error that names it."""
    with pytest.raises(ValueError, match=rf"k={k!r}: expected a whole number"):
        nearest(sample, ["film"], k)
    if k is not None:
        with pytest.raises(ValueError, match=rf"restrict={k!r}: expected a whole"):
            nearest(sample, ["film"], restrict=k)
    with pytest.raises(ValueError, match="restrict has no words"):
        nearest(sample, ["film"], restrict=[])


@pytest.mark.parametrize(
    "queries",
    [
        "film", b"film", 3, None, [3], [None], [[1.0, 2.0]], [["film", "movie"]],
        [np.full(50, np.nan)], [np.full(50, np.inf)], np.zeros(50), np.zeros((1, 49)),
        np.zeros((1, 50), complex), [b"film"], [np.array(["film"] * 50)],
        [[1.0, [2.0]]], np.zeros((1, 1, 50)), np.ones((2, 50), bool),
    ],
    ids=str,
)  # fmt: skip
def test_queries_are_words_or_vectors(sample: Vectors, queries: Any) -> None:
    """Anything else is an error that says what was expected."""
    with pytest.raises(ValueError, match="queries: "):
        nearest(sample, queries)


def test_an_unknown_word_is_named(sample: Vectors) -> None:
    """One unknown word among many is an error."""
    with pytest.raises(UnknownWordError, match="'flim'"):
        nearest(sample, ["film", "flim"])
    rows, _ = nearest(sample, ["Film"], 1)
    assert sample.tokens[rows[0, 0]] == "movie"
    with pytest.raises(UnknownWordError, match="'Film'"):
        nearest(sample, ["Film"], case="exact")
    with pytest.raises(ValueError, match="case='lower'"):
        nearest(sample, ["Film"], case="lower")  # type: ignore[arg-type]


def test_products_stay_on_one_core_only_while_questions_are_answered() -> None:
    """Workers share the cores; numerical libraries get theirs back after an error."""

    def count_threads(*_: int) -> None:
        counts.append(
            [i["num_threads"] for i in threadpool_info() if i["user_api"] == "blas"]
        )

    counts: list[list[int]] = []
    count_threads()
    with pytest.raises(ZeroDivisionError), start_workers(2) as run:
        run(lambda number: count_threads(1 // number), (1, 0))
    count_threads()
    before, during, after = counts
    assert before == after
    assert during == [1] * len(before)


def make_ties(kind: str) -> NDArray[np.float32]:
    """Vectors of which many have the same cosine with any other."""
    random = np.random.default_rng(3)
    made = {
        "one dimension": random.standard_normal((2000, 1)),
        "bits": random.integers(0, 2, (2000, 8)),
        "small integers": random.integers(-3, 4, (2000, 2)),
        "one direction": random.random((2000, 1)) * random.random((1, 300)),
        "equal": np.tile(random.random((1, 50)), (2000, 1)),
    }
    return made[kind].astype(np.float32)


@pytest.mark.parametrize(
    "kind", ["one dimension", "bits", "small integers", "one direction", "equal"]
)
@pytest.mark.parametrize("restrict", [None, 700, range(0, 2000, 3)])
def test_the_first_of_many_equal_scores_are_found(kind: str, restrict: Any) -> None:
    """However float32 rounds them, by any rule, and however many are asked at once."""
    matrix = make_ties(kind)
    words = [f"w{i}" for i in range(len(matrix))]
    vectors = glove_registry.from_arrays(words, matrix, name="ties")
    unit = (
        matrix / np.maximum(np.sqrt((matrix.astype(float) ** 2).sum(1)), 1e-9)[:, None]
    )
    cosines = unit @ unit[:40].T
    searched = np.zeros(len(words), np.bool_)
    searched[
        slice(restrict)
        if restrict is None or isinstance(restrict, int)
        else [*restrict]
    ] = True
    chosen = restrict
    if isinstance(restrict, range):
        chosen = [words[i] for i in restrict]

    def sort(scores: NDArray[np.float64], own: list[int], k: int) -> list[int]:
        scores = np.array([float(f"{score:.6g}") for score in scores])
        order = np.argsort(-scores, kind="stable").tolist()
        return [row for row in order if searched[row] and row not in own][:k]

    rows, _ = nearest(vectors, words[:40], 10, restrict=chosen)
    for i, found in enumerate(rows.tolist()):
        assert found == sort(cosines[:, i], [i], 10)
    for a, b, c in ((0, 1, 2), (3, 4, 5), (30, 20, 10)):
        near = vectors.analogy(
            words[a], words[b], words[c], restrict=chosen, rule="3CosMul"
        )
        of_a, of_b, of_c = ((cosines[:, i] + 1) / 2 for i in (a, b, c))
        expected = sort(of_b * of_c / (of_a + 1e-6), [a, b, c], 10)
        assert [vectors.row(word) for word in near.words] == expected
