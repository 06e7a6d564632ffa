"""On the real glove.6B.50d, results are those of gensim."""

import copy
import re
from inspect import signature
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import glove_registry
from glove_registry import Vectors, analysis
from glove_registry.messages.from_gensim import ARGUMENTS, INSTEAD

PAGE = Path(__file__).parents[2] / "docs" / "words.md"
ROW = re.compile(r"^\| `(.*)` \| `(.*)` \|$", re.MULTILINE)
PAIRS = ROW.findall(PAGE.read_text(encoding="utf-8"))
NAME = re.compile(r"\bkv\.(\w+)")

TOLERANCE = 1e-6

# For each name that an error translates: what gensim gives by default.
THEIRS = (
    *("kv.vectors", "kv.vector_size", "kv.key_to_index[word]", "kv.index_to_key"),
    *("kv.get_index(word)", "kv.get_vector(word)", "kv.has_index_for(word)"),
    *("kv.similar_by_word(word)", "kv.similar_by_key(word)", "kv.word_vec(word)"),
    *("kv.similar_by_vector(vector)", "kv.distance(a, b)", "kv.rank(a, b)"),
    "kv.most_similar_cosmul(positive=[b, c], negative=[a])",
    *("kv.n_similarity(words, others)", "kv.get_mean_vector(words)"),
)
NOT_COMPARED = {
    "wv": "the KeyedVectors of a model, which is `kv` here",
    "evaluate_word_pairs": "needs a file of questions; evaluate() fetches its own",
    "evaluate_word_analogies": "needs a file of questions; evaluate() fetches its own",
    "save": "writes a file",
    "save_word2vec_format": "writes a file; test_export.py reads it in gensim",
}


@pytest.fixture(scope="module")
def vectors(real_text: Path, tmp_path_factory: pytest.TempPathFactory) -> Vectors:
    """The whole release."""
    cache = tmp_path_factory.mktemp("cache")
    return glove_registry.open_file(real_text, cache_dir=cache, progress=False)


@pytest.fixture(scope="module")
def kv(vectors: Vectors) -> Any:
    """The same vectors in gensim."""
    return make_kv(vectors)


def make_kv(vectors: Vectors) -> Any:
    """Return vectors in gensim."""
    from gensim.models import KeyedVectors

    made = KeyedVectors(vectors.dimension)
    made.add_vectors(list(vectors), np.array(vectors.matrix))
    return made


@pytest.fixture(scope="module")
def words(vectors: Vectors) -> list[str]:
    """A thousand words, drawn at random."""
    drawn = np.random.default_rng(6).choice(len(vectors), 1000, replace=False)
    return [vectors.tokens[row] for row in drawn.tolist()]


def test_a_name_of_gensim_leads_to_ours(sample: Vectors) -> None:
    """What the page says in place of an attribute of gensim, its error says, too."""
    told = {}
    for theirs, ours in PAIRS:
        for name in NAME.findall(theirs):
            if name not in dir(Vectors):
                with pytest.raises(AttributeError, match=f"no '{name}'.*: write") as e:
                    getattr(sample, name)
                told[name] = str(e.value)
                used = re.findall(r"\b(?:vectors|analysis)\.(\w+)", ours)
                assert {*used} <= {*re.findall(r"\w+", told[name])}, name
    assert {"vectors", "key_to_index", "n_similarity"} <= told.keys()


# gensim has deprecated word_vec.
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_what_an_error_says_to_write_gives_the_same(sample: Vectors) -> None:
    """Each expression gives what gensim does by default, or the list says why not."""
    compared = {name: code for code in THEIRS for name in NAME.findall(code)}
    assert INSTEAD.keys() - compared.keys() == NOT_COMPARED.keys()
    given: dict[str, Any] = {
        "kv": make_kv(sample),
        "vectors": sample,
        "np": np,
        "glove_registry": glove_registry,
        **{"word": "film", "words": ["film", "war"], "others": ["movie", "book"]},
        **{"a": "man", "b": "king", "c": "woman"},
        "vector": sample["film"] + sample["war"],
    }
    for name, theirs in compared.items():
        ours = eval(INSTEAD[name], given)
        if name == "index_to_key":
            ours = [*ours]
        check_same(ours, eval(theirs, given))


def test_names_of_gensim_are_gensims_and_lead_to_what_exists() -> None:
    """The table has attributes that KeyedVectors have, and leads to names of ours."""
    from gensim.models import KeyedVectors, Word2Vec

    for name, ours in INSTEAD.items():
        theirs = Word2Vec(vector_size=2) if name == "wv" else KeyedVectors(2)
        assert hasattr(theirs, name), name
        assert not hasattr(Vectors, name), name
        for used in re.findall(r"\bvectors\.(\w+)", ours):
            assert hasattr(Vectors, used), used


def test_other_missing_attributes_are_as_usual(sample: Vectors) -> None:
    """No attribute appears: copies, pickles, dir() and an unknown name are as ever."""
    assert not hasattr(sample, "key_to_index")
    assert "wv" not in dir(sample)
    for copied in (copy.copy(sample), copy.deepcopy(sample)):
        assert (copied["film"] == sample["film"]).all()
    with pytest.raises(AttributeError, match="object has no attribute 'flim'"):
        _ = sample.flim  # type: ignore[attr-defined]


def compare(ours: list[Any], theirs: list[Any]) -> None:
    """Compare words with scores; almost equal scores may be in another order."""
    found = [score for _, score in ours]
    assert found == pytest.approx([score for _, score in theirs], abs=TOLERANCE)
    assert found == sorted(found, reverse=True)
    last = found[-1]
    expected = dict(theirs)
    for word, score in ours:
        if word not in expected:
            assert score - last <= TOLERANCE, word
        else:
            assert score == pytest.approx(expected[word], abs=TOLERANCE)


@pytest.mark.slow
def test_neighbours_of_a_thousand_words(
    vectors: Vectors, kv: Any, words: list[str]
) -> None:
    """One by one and all at once, exact to a millionth."""
    rows, scores = analysis.nearest(vectors, words)
    for i, word in enumerate(words):
        theirs = kv.most_similar(word)
        near = [vectors.tokens[row] for row in rows[i].tolist()]
        compare([*zip(near, scores[i].tolist(), strict=True)], theirs)
        if i < 100:
            compare(vectors.most_similar(word), theirs)


@pytest.mark.slow
def test_similarities_of_a_thousand_words(
    vectors: Vectors, kv: Any, words: list[str]
) -> None:
    """Each with the next one."""
    for a, b in pairwise(words):
        expected = float(kv.similarity(a, b))
        assert vectors.similarity(a, b) == pytest.approx(expected, abs=TOLERANCE)


@pytest.mark.slow
def test_the_word_that_does_not_match_of_a_thousand(
    vectors: Vectors, kv: Any, words: list[str]
) -> None:
    """Of each five words in a row; two almost equally far ones may change places."""
    for group in zip(*[iter(words)] * 5, strict=True):
        ours, theirs = vectors.doesnt_match(group), kv.doesnt_match(group)
        if ours != theirs:
            scores = {word: score for score, word in kv.rank_by_centrality([*group])}
            assert scores[ours] == pytest.approx(scores[theirs], abs=TOLERANCE)


@pytest.mark.slow
def test_ranks_of_words(vectors: Vectors, kv: Any, words: list[str]) -> None:
    """Each of 250 from the next one, but for words almost equally near."""
    for word, other in pairwise(words[:250]):
        ours, theirs = analysis.rank(vectors, word, other), kv.rank(word, other)
        if ours != theirs:
            distances = kv.distances(word)
            limit = distances[kv.get_index(other)]
            close = np.count_nonzero(np.abs(distances - limit) <= TOLERANCE)
            assert abs(ours - theirs) < close, (word, other)


@pytest.mark.slow
# gensim calls a method that it has deprecated.
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
@pytest.mark.parametrize("pair", PAIRS, ids=lambda pair: pair[0])
def test_the_page_translates_gensim(
    vectors: Vectors, kv: Any, pair: tuple[str, str]
) -> None:
    """Both columns of the table on the page give the same."""
    theirs, ours = (
        eval(code, {"kv": kv, "vectors": vectors, "analysis": analysis, "np": np})
        for code in pair
    )
    check_same(ours, theirs)


def check_same(ours: Any, theirs: Any) -> None:
    """Compare what an expression gives here and in gensim."""
    if isinstance(theirs, list) and isinstance(theirs[0], tuple):
        compare(ours, theirs)
    elif isinstance(theirs, float | np.floating | np.ndarray):
        np.testing.assert_allclose(ours, theirs, rtol=0, atol=TOLERANCE)
    else:
        assert ours == theirs


def test_the_page_has_a_table() -> None:
    """The rows of the table are found."""
    assert len(PAIRS) > 15


# For each method of gensim's: that of ours, and arguments which only gensim's has.
ARGUMENTS_OF = {
    "most_similar": (
        "most_similar",
        ["restrict_vocab", "clip_start", "clip_end", "indexer"],
    ),
    "evaluate_word_analogies": ("evaluate", ["restrict_vocab", "case_insensitive"]),
    "evaluate_word_pairs": ("evaluate", ["restrict_vocab", "dummy4unknown"]),
    "save_word2vec_format": ("export", ["binary"]),
}


@pytest.mark.parametrize("name", ARGUMENTS_OF)
def test_arguments_of_gensim_are_an_error_that_says_what_to_write(
    sample: Vectors, name: str
) -> None:
    """Each is one of gensim's method, and leads to an argument of ours."""
    from gensim.models import KeyedVectors

    ours, arguments = ARGUMENTS_OF[name]
    ask = getattr(sample, ours)
    for argument in arguments:
        assert argument in signature(getattr(KeyedVectors, name)).parameters
        with pytest.raises(TypeError, match=f"^{argument}: .* as gensim has: write "):
            ask("film", **{argument: 7})
        used = re.match(r"(\w+)=", ARGUMENTS[argument])
        assert used is None or used[1] in signature(ask).parameters
    with pytest.raises(TypeError, match="unexpected keyword argument 'flim'"):
        ask("film", flim=7)


def test_all_arguments_of_the_table_are_tested() -> None:
    """None leads to an argument that no test has compared."""
    assert {*ARGUMENTS} == {
        name for _, names in ARGUMENTS_OF.values() for name in names
    }
