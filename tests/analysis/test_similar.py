"""What `Vectors` answers about words, on a sample, by formulas in numpy."""

import json
import pickle
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import numpy as np
import pandas as pd
import pytest

import glove_registry
from glove_registry import Vectors
from glove_registry.analysis import (
    Neighbours,
    measure_association,
    nearest,
    project,
    rank,
)
from glove_registry.errors import UnknownWordError


def unit(vector: Any) -> Any:
    """Return a vector scaled to length 1, in float64."""
    wide = np.array(vector, float)
    return wide / np.linalg.norm(wide, axis=-1, keepdims=True)


def expect(vectors: Vectors, scores: Any, left_out: list[str], k: int) -> list[Any]:
    """Return the best words and their scores by a plain sort."""
    pairs = zip(vectors, scores.tolist(), strict=True)
    kept = [(word, score) for word, score in pairs if word not in left_out]
    return sorted(kept, key=lambda pair: -pair[1])[:k]


def check(found: Neighbours, expected: list[Any]) -> None:
    """Check words and scores."""
    assert found.words == [word for word, _ in expected]
    assert found.scores == pytest.approx([score for _, score in expected], abs=1e-6)


def test_words_are_added_and_subtracted(sample: Vectors) -> None:
    """Each word counts with length 1; the words given are left out."""
    rows = unit(sample.matrix)
    total = unit(sample["king"]) + unit(sample["woman"]) - unit(sample["man"])
    expected = expect(sample, rows @ unit(total), ["king", "woman", "man"], 10)
    check(sample.most_similar(["king", "woman"], ["man"]), expected)
    check(sample.most_similar(("King", "WOMAN"), "man", 3), expected[:3])
    check(sample.analogy("man", "king", "woman"), expected)
    expected = expect(sample, rows @ unit(total), ["king"], 10)
    check(sample.analogy(sample["man"], "king", 7 * sample["woman"]), expected)


def test_vectors_are_added_as_they_are(sample: Vectors) -> None:
    """A longer vector weighs more; a vector leaves no word out."""
    film, king = sample["film"], sample["king"]
    rows = unit(sample.matrix)
    both = film.astype(float) + king
    cases: list[tuple[Any, Any, list[str]]] = [
        (film, film, []),
        (film, [film], []),
        (both, [film, king], []),
        (both, np.stack([film, king]), []),
        (5 * film + unit(king), [5 * film, "king"], ["king"]),
    ]
    for total, given, left_out in cases:
        expected = expect(sample, rows @ unit(total), left_out, 5)
        check(sample.most_similar(given, topn=5), expected)
    expected = expect(sample, rows @ unit(-film), [], 2)
    check(sample.most_similar([], film, topn=2), expected)


def test_analogies_by_multiplication(sample: Vectors) -> None:
    """3CosMul is the formula of Levy and Goldberg."""
    rows = unit(sample.matrix)
    a, b, c = ((rows @ unit(sample[w]) + 1) / 2 for w in ("man", "king", "woman"))
    expected = expect(sample, b * c / (a + 1e-6), ["king", "woman", "man"], 5)
    check(sample.analogy("man", "king", "woman", 5, rule="3CosMul"), expected)
    with pytest.raises(ValueError, match="rule='mul': expected one of"):
        sample.analogy("man", "king", "woman", rule="mul")  # type: ignore[arg-type]


def test_words_that_cancel_out_are_an_error(sample: Vectors) -> None:
    """In any order and case; a vector of zeros alone has the score 0 with all words."""
    for positive, negative in (
        ("film", "film"),
        (["film", "war", "the"], ["the", "Film", "war"]),
        ([sample["film"], sample["war"]], sample[["war", "film"]]),
    ):
        with pytest.raises(ValueError, match="positive and negative cancel out"):
            sample.most_similar(positive, negative)
    near = sample.most_similar(np.zeros(50), topn=2)
    assert near == [("the", 0.0), (",", 0.0)]


@pytest.mark.parametrize("factor", [1e-310, 1e-200, 1e200, 1e306])
def test_vectors_may_have_any_length(sample: Vectors, factor: float) -> None:
    """Neither a length nor a sum leaves the range of float64."""
    film, war = (sample[word].astype(float) for word in ("film", "war"))
    assert sample.similarity(factor * film, "film") == pytest.approx(1)
    assert rank(sample, factor * film, "film") == 1
    expected = sample.most_similar([film, 2 * war], topn=3)
    near = sample.most_similar([factor * film, factor * 2 * war], topn=3)
    assert near.words == expected.words
    assert near.scores == pytest.approx(expected.scores)
    arguments = factor * sample["man"].astype(float), "king", "woman", 3
    assert sample.analogy(*arguments).words[0] == "queen"
    rows, _ = nearest(sample, [factor * film], 1)
    assert rows[0, 0] == sample.row("film")


def test_a_word_and_a_vector_are_read_from_many_types(sample: Vectors) -> None:
    """Arrays, lists, series and data frames mean the same to each method."""
    film, both = sample["film"], sample[["film", "war"]]
    for word in (np.array("film"), np.array("film", object), np.str_("film")):
        assert sample.most_similar(word, topn=3) == sample.most_similar("film", topn=3)
        assert sample.similarity(word, "war") == sample.similarity("film", "war")
    expected = sample.most_similar(film, topn=3)
    for vector in (film.tolist(), tuple(film.tolist()), pd.Series(film)):
        assert sample.most_similar(vector, topn=3) == expected
        assert sample.similarity(vector, film) == pytest.approx(1)
        with pytest.raises(ValueError, match=r"queries: .*write \[vector\]"):
            nearest(sample, vector)
    with pytest.raises(ValueError, match=r"queries: .*write \['film'\]"):
        nearest(sample, np.array("film"))
    expected = sample.most_similar(["film", "war"])
    for words in (np.array(["film", "war"], object), pd.Series(["film", "war"])):
        assert sample.most_similar(words) == expected
        nearest(sample, words)
    assert sample.most_similar(pd.DataFrame(both)) == sample.most_similar(both)
    with pytest.raises(ValueError, match=r"expected words, or .*found DataFrame"):
        sample.most_similar(pd.DataFrame({"film": ["a"], "war": ["b"]}))


def test_what_is_not_vectors_is_an_error() -> None:
    """The name of a variant is not the vectors that load returns."""
    name: Any = "glove.6B.50d-first10k"
    for ask in (
        lambda: nearest(name, ["film"]),
        lambda: project(name, ["film"]),
        lambda: rank(name, "film", "war"),
        lambda: measure_association(name, (["a"], ["b"]), (["c"], ["d"])),
    ):
        with pytest.raises(ValueError, match=r"expected vectors .* found str 'glove"):
            ask()


def test_messages_are_short(sample: Vectors) -> None:
    """However long a word or large an array is, the sentence can be read."""
    long: Any = "x" * 5000
    for ask in (
        lambda: sample[long],
        lambda: sample[[long]],
        lambda: sample.most_similar(long),
        lambda: sample.most_similar([long, long]),
        lambda: sample.doesnt_match(sample.matrix[:3]),
        lambda: sample.plot([long, "film"]),
    ):
        with pytest.raises(UnknownWordError) as caught:
            ask()
        assert len(str(caught.value)) < 300 and "\n" not in str(caught.value)


@pytest.mark.parametrize(
    "given",
    [None, 3, b"film", np.array("film"), pd.DataFrame({"the": ["film"], "of": "a"})],
    ids=repr,
)
def test_several_words_are_expected(sample: Vectors, given: Any) -> None:
    """Anything else is named with its type; the names of columns are no words."""
    for ask in (sample.doesnt_match, sample.plot, sample.lookup):
        with pytest.raises(UnknownWordError, match="expected several words, found"):
            ask(given)


def test_a_word_to_be_unlike_is_enough(sample: Vectors) -> None:
    """Without positive words, as in gensim."""
    near = sample.most_similar(negative=["war"], topn=3)
    check(near, expect(sample, unit(sample.matrix) @ -unit(sample["war"]), ["war"], 3))


def test_similarity_is_the_cosine(sample: Vectors) -> None:
    """Of words or vectors, of any length; 0 for zeros; the same either way."""
    expected = float(unit(sample["film"]) @ unit(sample["movie"]))
    assert sample.similarity("film", "movie") == pytest.approx(expected, abs=1e-12)
    assert sample.similarity("Movie", 3 * sample["film"]) == pytest.approx(expected)
    assert sample.similarity("film", np.zeros(50)) == 0
    assert type(sample.similarity("film", "film")) is float
    for word in sample.tokens[:500]:
        assert 1 - 1e-12 <= sample.similarity(word, word) <= 1


def test_the_word_that_does_not_match(sample: Vectors) -> None:
    """It is the farthest from the mean, spelled as it was given."""
    words = ["breakfast", "dinner", "Theatre", "lunch", "Dinner"]
    vectors = unit(sample.lookup(words))
    assert words[int((vectors @ vectors.mean(axis=0)).argmin())] == "Theatre"
    assert sample.doesnt_match(words) == "Theatre"
    assert sample.doesnt_match(iter(words)) == "Theatre"
    with pytest.raises(UnknownWordError, match="'Theatre'"):
        sample.doesnt_match(words, case="exact")
    for few in ([], ["film"], ["film", "movie"]):
        with pytest.raises(ValueError, match=f"three words or more, found {len(few)}"):
            sample.doesnt_match(few)
    with pytest.raises(UnknownWordError, match="expected several words"):
        sample.doesnt_match("film")


@pytest.mark.parametrize("other", ["movie", "the", "paris", "film"])
def test_the_rank_of_a_word(sample: Vectors, other: str) -> None:
    """It is the number of nearer words plus one, and its place among neighbours."""
    cosines = unit(sample.matrix) @ unit(sample["film"])
    nearer = cosines > cosines[sample.row(other)]
    nearer[sample.row("film")] = False
    assert rank(sample, "film", other) == nearer.sum() + 1
    if other != "film":
        near = sample.most_similar("film", topn=len(sample))
        assert rank(sample, "Film", other) == near.words.index(other) + 1


def test_equal_vectors_have_the_same_rank(tmp_path: Path) -> None:
    """Neither they nor repeated tokens count as nearer."""
    words = [*(f"w{i}" for i in range(5000)), "w1", "w2"]
    lines = [f"{word} 1.1 2.3 0.7" for word in words]
    lines[2500] = "w2500 1.1 2.3 0.8"
    path = tmp_path / "same.txt"
    path.write_text("\n".join(lines) + "\n")
    vectors = glove_registry.open_file(path)
    assert {rank(vectors, "w0", f"w{i}") for i in (1, 77, 4999)} == {1}
    assert rank(vectors, "w0", "w2500") == 4999


@pytest.mark.parametrize("method", ["most_similar", "similarity", "analogy"])
def test_an_unknown_word_is_an_error(sample: Vectors, method: str) -> None:
    """It is named, with the nearest word; other cases are tried only by fallback."""
    ask = getattr(sample, method)
    others = {"most_similar": 0, "similarity": 1, "analogy": 2}[method]
    with pytest.raises(UnknownWordError, match=r"'flim' has no .*did you mean 'film'"):
        ask(*["the"] * others, "flim")
    ask(*["the"] * others, "Film")
    with pytest.raises(UnknownWordError, match=r"'Film'.*did you mean 'film'"):
        ask(*["the"] * others, "Film", case="exact")
    with pytest.raises(ValueError, match="case='any'"):
        ask(*["the"] * others, "Film", case="any")
    for value in (np.nan, np.inf):
        with pytest.raises(ValueError, match="not finite"):
            ask(*["the"] * others, np.full(50, value))


def test_several_unknown_words_are_named(sample: Vectors) -> None:
    """The first of them, each with the word it may mean."""
    words = ["the", "flim", "Pariss", "xqzxqz", "ab" * 40, "flim"]
    with pytest.raises(UnknownWordError) as caught:
        sample.most_similar(words)
    assert str(caught.value) == (
        "5 of 6 words have no vector in glove.6B.50d-first10k, a sample of 10,000 "
        "words: 'flim' (did you mean 'film'?), 'Pariss' (did you mean 'paris'?), "
        "'xqzxqz', ..."
    )


@pytest.mark.parametrize(
    ("word", "meant"),
    [
        ("goverment", "government"), ("recieve", "receive"), ("fillm", "film"),
        ("philosopical", "philosophical"), ("enviromentall", "environmental"),
        ("", None), ("\ud800" * 5, None), ("qqqqqqqq", None),
    ],
)  # fmt: skip
def test_the_nearest_spelling(sample: Vectors, word: str, meant: str | None) -> None:
    """A misspelled word leads to the word that was meant, another one to none."""
    with pytest.raises(UnknownWordError) as caught:
        sample.similarity("film", word)
    assert ("did you mean" in str(caught.value)) == (meant is not None)
    assert meant is None or f"{meant!r}?" in str(caught.value)


@pytest.mark.parametrize("empty", [[], (), np.empty((0, 50)), np.array([])], ids=str)
def test_something_has_to_be_asked(sample: Vectors, empty: Any) -> None:
    """Without any word or vector there is nothing to be similar to."""
    with pytest.raises(ValueError, match="positive and negative are empty"):
        sample.most_similar(empty)


def test_words_may_be_of_any_kind_of_iterable(sample: Vectors) -> None:
    """Also an array of str; a single word is one, but for `doesnt_match`."""
    expected = sample.most_similar(["film", "war"], "the")
    for words in (np.array(["film", "war"]), iter(["film", "war"]), {"war", "film"}):
        assert sample.most_similar(words, ("the",)) == expected


@pytest.mark.parametrize(
    "given",
    [
        *(b"film", 3, None, [3], [None], [b"film"], [0.5] * 49, np.zeros(49)),
        *(np.array(3), np.ma.masked_less(np.arange(50.0), 3)),
    ],
)
def test_what_is_neither_word_nor_vector_is_an_error(
    sample: Vectors, given: Any
) -> None:
    """The error names the argument."""
    for method, arguments, name in (
        (sample.most_similar, (given,), "positive"),
        (sample.most_similar, ("film", given), "negative"),
        (sample.similarity, ("film", given), "a and b"),
        (sample.analogy, ("man", "king", given), "a, b and c"),
    ):
        with pytest.raises(ValueError, match=f"^{name}: expected words"):
            method(*arguments)


@pytest.mark.parametrize("topn", [0, -1, True, "3", 2.5, None])
def test_the_number_of_words_is_a_positive_int(sample: Vectors, topn: Any) -> None:
    """Anything else is an error that names the argument."""
    with pytest.raises(ValueError, match=f"topn={topn!r}: expected a whole number"):
        sample.most_similar("film", topn=topn)
    with pytest.raises(ValueError, match=f"topn={topn!r}: expected a whole number"):
        sample.analogy("a", "b", "c", topn=topn)


def test_a_restricted_search(sample: Vectors) -> None:
    """Only the most frequent words, or those of a list, are returned."""
    near = sample.most_similar("film", topn=3, restrict=500)
    assert all(sample.row(word) < 500 for word in near.words)
    near = sample.most_similar("film", restrict=["the", "Movie", "film"])
    assert near.words == ["movie", "the"]
    near = sample.analogy("man", "king", "woman", restrict=["prince", "throne"])
    assert near.words == ["throne", "prince"]
    assert sample.most_similar("film", restrict=["film"]) == []


def test_neighbours_are_a_list_of_pairs(sample: Vectors) -> None:
    """They compare, index, iterate, pickle and convert as such."""
    near = sample.most_similar("film", topn=3)
    pairs = [(word, score) for word, score in near]
    assert near == pairs and near[0] == pairs[0] and len(near) == 3
    assert near[:2] == pairs[:2] and near != pairs[:2]
    assert near[:2].words == near.words[:2]
    assert {type(word) for word in near.words} == {str}
    assert {type(score) for score in near.scores} == {float}
    assert pickle.loads(pickle.dumps(near)) == near
    assert json.loads(json.dumps(near.to_dicts()))[0]["word"] == "movie"
    assert dict(near)["movie"] == near[0][1]


def test_neighbours_are_shown_as_a_table(sample: Vectors) -> None:
    """One line for each word; controls are escaped, in a terminal and in a notebook."""
    near = sample.most_similar("film", topn=2)
    assert str(near) == repr(near) == "movie  0.9310\nfilms  0.9237"
    assert str(Neighbours()) == "no words"
    odd = Neighbours([("<b>&\x1b[31m\u202e\n", 0.5)])
    assert str(odd) == r"<b>&\x1b[31m\u202e\n  0.5000"
    page = odd._repr_html_()
    assert "<b>" not in page and "\x1b" not in page and "script" not in page
    assert "color" not in page  # the notebook's own, in dark mode too

    cells = ElementTree.fromstring(page).itertext()
    assert list(cells) == ["word", "score", r"<b>&\x1b[31m\u202e\n", "0.5000"]


def test_of_equal_words_the_first_does_not_match() -> None:
    """Rounding errors do not decide, wherever a word stands."""
    random = np.random.default_rng(1)
    for dimension in (1, 7, 50, 300):
        for count in (3, 8, 21):
            words = [f"w{i}" for i in range(count)]
            lengths = random.uniform(0.5, 2, (count, 1))
            matrix = lengths * random.standard_normal((1, dimension))
            vectors = glove_registry.from_arrays(words, matrix, name="equal")
            assert vectors.doesnt_match(words) == "w0"
            assert vectors.doesnt_match(words[::-1]) == words[-1]
