"""Coverage counts what is found and how, and says rightly why the rest is not."""

import csv
import hashlib
import importlib
import json
import string
from collections import Counter, OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import FrozenInstanceError
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pandas
import pytest
from entries import write_registry
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from keras.src.legacy.preprocessing.text import Tokenizer

import glove_registry
from glove_registry import Vectors
from glove_registry.coverage.causes import SMALL_VOCABULARY
from glove_registry.errors import VocabularyError
from glove_registry.lookup.special_tokens import is_padding, is_special
from glove_registry.registries import info

SAMPLE = "glove.6B.50d-first10k"
EXAMPLES = Path(__file__).parents[2] / "examples"
SPELLINGS: dict[str, Callable[[str], str]] = {
    "exact": str,
    "lower case": str.lower,
    "title case": str.title,
    "upper case": str.upper,
}


@pytest.fixture(scope="module")
def vectors(tmp_path_factory: pytest.TempPathFactory) -> Vectors:
    """The embedded sample."""
    return glove_registry.load(SAMPLE, cache_dir=tmp_path_factory.mktemp("cache"))


def find_way(word: str, tokens: set[str], case: str) -> str | None:
    """Say by a plain loop how a word is found; None if it is not."""
    for way, spell in SPELLINGS.items():
        if spell(word) in tokens:
            return way
        if case == "exact":
            break
    return None


def write_vectors(path: Path, *tokens: str) -> Path:
    """Write a text of vectors of two numbers each."""
    path.write_text("".join(f"{token} 0 1\n" for token in tokens), encoding="utf-8")
    return path


@st.composite
def counted_words(draw: st.DrawFn) -> dict[str, int]:
    """Words with counts: of the sample, of it in other cases, and any others."""
    of_sample = st.sampled_from(["the", "film", "usa", "don", "2000", "...", "'s", "-"])
    spelt = st.builds(
        lambda word, spell: spell(word),
        of_sample,
        st.sampled_from([*SPELLINGS.values(), str.swapcase]),
    )
    marked = st.builds("{}{}".format, spelt, st.sampled_from([".", "'s", "-Film", ">"]))
    words = st.one_of(of_sample, spelt, marked, st.text(max_size=6))
    counts: dict[str, int] = draw(
        st.dictionaries(words, st.integers(0, 1000), min_size=1, max_size=40)
    )
    return {w: n for w, n in counts.items() if not is_padding(w) and not is_special(w)}


@settings(deadline=None)  # a busy machine is no fault
@given(counted_words(), st.sampled_from(["fallback", "exact"]), st.booleans())
def test_all_numbers_are_those_of_a_plain_loop(
    vectors: Vectors, counts: dict[str, int], case: Any, with_counts: bool
) -> None:
    """Hits by way, misses, causes and shares add up to what a plain loop counts."""
    assume(any(counts.values()))
    tokens = set(vectors)
    types: Counter[str | None] = Counter()
    occurrences: Counter[str | None] = Counter()
    for word, count in counts.items():
        way = find_way(word, tokens, case)
        types[way] += 1
        occurrences[way] += count

    coverage = vectors.coverage(
        list(counts), counts if with_counts else None, case=case
    )

    assert coverage.types == len(counts)
    assert coverage.missed.types == types[None]
    assert coverage.found.types == len(counts) - types[None]
    assert {w: s.types for w, s in coverage.ways.items() if s.types} == {
        way: n for way, n in types.items() if way
    }
    assert coverage.found.of_types == pytest.approx(1 - types[None] / len(counts))
    misses = [w for w in counts if find_way(w, tokens, case) is None]
    groups = [c.share for c in coverage.causes]
    assert sum(share.types for share in groups) == types[None]
    if with_counts:
        total = sum(counts.values())
        assert coverage.tokens == total
        assert coverage.missed.tokens == occurrences[None]
        assert {w: s.tokens for w, s in coverage.ways.items() if s.types} == {
            way: occurrences[way] for way in types if way
        }
        assert coverage.missed.of_tokens == pytest.approx(occurrences[None] / total)
        assert sum(share.tokens or 0 for share in groups) == occurrences[None]
        # Of words with the same count, the vocabulary's order.
        misses.sort(key=lambda word: -counts[word])
        assert list(coverage.misses.items()) == [(w, counts[w]) for w in misses]
        assert coverage.top_misses == [(w, counts[w]) for w in misses[:20]]
    else:
        assert list(coverage.misses) == misses
        assert set(coverage.misses.values()) <= {None}
        assert coverage.tokens is coverage.found.of_tokens is None


@settings(deadline=None)  # a busy machine is no fault
@given(counted_words())
def test_the_dictionary_is_json_and_the_same_numbers(
    vectors: Vectors, counts: dict[str, int]
) -> None:
    """to_dict survives JSON unchanged, whatever the words are, and repeats itself."""
    assume(any(counts.values()))
    coverage = vectors.coverage(Counter(counts))
    as_dict = coverage.to_dict()
    assert json.loads(json.dumps(as_dict)) == as_dict
    assert as_dict == vectors.coverage(Counter(counts)).to_dict()
    assert as_dict["found"]["types"] == coverage.found.types
    assert as_dict["missed"]["of_tokens"] == coverage.missed.of_tokens
    assert list(as_dict["ways"]) == list(SPELLINGS)
    assert [c["name"] for c in as_dict["causes"]] == [c.name for c in coverage.causes]
    assert as_dict["hint"] == coverage.hint


def test_a_coverage_is_public_and_frozen(vectors: Vectors) -> None:
    """What comes back is a glove_registry.Coverage, and stays as it is."""
    coverage = vectors.coverage(["film", "flim"])
    assert isinstance(coverage, glove_registry.Coverage)
    assert repr(coverage) == f"<Coverage: {SAMPLE} covers 50.0 % of 2 types>"
    with pytest.raises(FrozenInstanceError):
        coverage.types = 3  # type: ignore[misc]


TEXTS = ["the film , the FILM", "a flim"]


def adapt() -> keras.layers.TextVectorization:
    """Make a layer that has seen `TEXTS`, as they are."""
    layer = keras.layers.TextVectorization(standardize=None)
    layer.adapt(TEXTS)
    return layer


def fit(**options: Any) -> Tokenizer:
    """Make a Tokenizer that has seen `TEXTS`, as they are."""
    tokenizer = Tokenizer(filters="", lower=False, **options)
    tokenizer.fit_on_texts(TEXTS)
    return tokenizer


@pytest.mark.parametrize(
    ("vocabulary", "specials", "padding", "tokens"),
    [
        ({"the": 1, "film": 2, ",": 3, "FILM": 4, "a": 5, "flim": 6}, 0, 0, None),
        (["", "[UNK]", "the", "film", ",", "FILM", "a", "flim"], 1, 1, None),
        (np.array(["the", "film", ",", "FILM", "a", "flim"]), 0, 0, None),
        (adapt(), 1, 1, None),
        (fit(), 0, 0, 7),
        (fit(oov_token="<OOV>"), 1, 0, 7),
        (Counter(" ".join(TEXTS).split()), 0, 0, 7),
        (Counter(["<s>", *" ".join(TEXTS).split()]), 1, 0, 7),
    ],
    ids=["dict", "list", "array", "layer", "tokenizer", "oov", "Counter", "special"],
)
def test_every_kind_of_vocabulary(
    vectors: Vectors, vocabulary: Any, specials: int, padding: int, tokens: int | None
) -> None:
    """Each kind is read, with its own counts; specials and padding stay apart."""
    coverage = vectors.coverage(vocabulary)
    assert (coverage.types, coverage.found.types) == (6, 5)
    assert (coverage.specials, coverage.padding) == (specials, padding)
    assert coverage.tokens == tokens
    if tokens:
        assert coverage.missed.tokens == 1
    apart = f"{padding} padding" if padding else f"{specials} special"
    assert ("not counted: " + apart in str(coverage)) == bool(specials or padding)


def test_num_words_cuts_the_vocabulary(vectors: Vectors) -> None:
    """A Tokenizer's num_words, and ours, leave words out; their tokens are outside."""
    coverage = vectors.coverage(fit(num_words=3))  # "the" and "film"
    assert (coverage.types, coverage.tokens, coverage.outside) == (2, 3, 4)
    assert "4 tokens outside the vocabulary" in str(coverage)
    counts = Counter({"seldom": 1, "the": 9, "of": 5})
    cut = vectors.coverage(counts, num_words=2)
    assert (cut.types, cut.tokens, cut.outside) == (2, 14, 1)


WORD_INDEX = {"the": 1, "flim": 3, "film": 2}


@pytest.mark.parametrize(
    "counts",
    [
        {"the": 5, "flim": 3, "film": 2, "other": 7},
        Counter({"the": 5, "flim": 3, "film": 2, "other": 7}),
        OrderedDict(the=np.int64(5), flim=np.float32(3), film=2.0, other=7),
        pandas.Series({"other": 7, "flim": 3, "film": 2, "the": 5}),
        [100, 5, 2, 3],
        (100, 5, 2, 3, 0, 0),
        np.array([100, 5, 2, 3]),
        np.array([100.0, 5.0, 2.0, 3.0]),
        np.array([[100, 5, 2, 3]]),
        np.bincount([1, 2, 3, 1, 1, 3, 1, 3, 2, 1, *[0] * 100]),
        keras.ops.convert_to_tensor([100, 5, 2, 3]),
    ],
    ids=lambda counts: type(counts).__name__,
)
def test_counts_are_by_word_or_by_index(vectors: Vectors, counts: Any) -> None:
    """A mapping says how often a word occurs, a sequence how often an index does."""
    coverage = vectors.coverage(WORD_INDEX, counts)
    assert (coverage.tokens, coverage.found.tokens) == (10, 7)
    assert coverage.misses == {"flim": 3}
    by_word = hasattr(counts, "keys")
    assert coverage.outside == (7 if by_word else None)


def test_counts_by_index_follow_an_offset(vectors: Vectors) -> None:
    """index_offset shifts the vocabulary against the counts, as against the data."""
    counts = np.bincount([4, 5, 6, 4])
    coverage = vectors.coverage(WORD_INDEX, counts, index_offset=3)
    assert (coverage.tokens, coverage.found.tokens) == (4, 3)


def test_counts_end_with_the_largest_index_that_was_seen(vectors: Vectors) -> None:
    """An array that is too short counts nothing for the indices behind its end."""
    coverage = vectors.coverage(WORD_INDEX, np.bincount([1, 1, 2]))
    assert coverage.misses == {"flim": 0}


def test_a_tokenizer_that_saw_no_words_has_no_counts(vectors: Vectors) -> None:
    """Counts of a vocabulary's own that count nothing are as good as none."""
    tokenizer = Tokenizer()
    tokenizer.word_index = {"film": 1}
    assert not tokenizer.word_counts
    assert vectors.coverage(tokenizer).tokens is None


@pytest.mark.parametrize(
    ("counts", "words"),
    [
        ({"the": -1}, "the count of 'the' is -1: expected a whole number from 0"),
        ({"the": float("nan")}, "the count of 'the' is nan"),
        ({"the": float("inf")}, "the count of 'the' is inf"),
        ({"the": 0.5}, "the count of 'the' is 0.5"),
        ({"the": "5"}, "the count of 'the' is '5'"),
        ({"the": None}, "the count of 'the' is None"),
        ({"the": True}, "the count of 'the' is True"),
        ({"the": 2**60}, "the count of 'the' is 1152921504606846976"),
        ({"the": 1, "other": -1}, "the count of 'other' is -1"),
        ({"The": 5, "of": 3}, "no word of the vocabulary has a count above 0"),
        ({1: 5, 2: 6}, "0; counts has 1, 2: pass a mapping of the same words"),
        ({"the": 0, "film": 0}, "no word of the vocabulary has a count above 0"),
        ({}, "no word of the vocabulary has a count above 0: pass a mapping"),
        ([0, 0, 0, 0], "no word of the vocabulary has a count above 0"),
        ([0, 1, 2, "3"], "the count of 3 is '3'"),
        (np.array([0, 1, -2, 3]), "the count of 2 is -2"),
        (np.array([0, 1, np.nan, 3]), "the count of 2 is nan"),
        ([0, 1, 2, 3, 4], "5 numbers, but the vocabulary has only 4 indices"),
        (np.zeros((4, 3)), r"found ndarray of shape \(4, 3\)"),
        (np.int64(3), r"found int64 of shape \(\)"),
        ("the film", "one number for each index, found str"),
        (7, "one number for each index, found int"),
        ({"film"}, "one number for each index, found set"),
        (pandas.Series([1, 2], ["the", "the"]), "the Series has words more than once"),
    ],
    ids=repr,
)
def test_bad_counts_are_a_sentence(vectors: Vectors, counts: Any, words: str) -> None:
    """Counts that cannot be how often words occur are refused, and it is said why."""
    with pytest.raises(VocabularyError, match=words):
        vectors.coverage(WORD_INDEX, counts)


@pytest.mark.parametrize(
    ("vocabulary", "words"),
    [
        (Counter(film=-1), "the count of 'film' is -1"),
        (Counter(film=0), "no word of the vocabulary has a count"),
        (Counter({1: 2}), "a word is a str, found int 1"),
        (Counter(), "the vocabulary is empty"),
        (
            "film",
            r"their indices, found one str .*Counter\(vectors.tokenize\(text\)\)",
        ),
        (["", "[UNK]"], "the vocabulary has no word"),
    ],
    ids=repr,
)
def test_bad_vocabularies_are_a_sentence(
    vectors: Vectors, vocabulary: Any, words: str
) -> None:
    """A vocabulary without words, or a Counter of no numbers, is refused."""
    with pytest.raises(VocabularyError, match=words):
        vectors.coverage(vocabulary)


def test_a_counter_brings_its_own_counts(vectors: Vectors) -> None:
    """Counts beside a Counter, of which one would be ignored, are refused."""
    with pytest.raises(VocabularyError, match="leave counts out"):
        vectors.coverage(Counter(film=1), {"film": 2})
    with pytest.raises(ValueError, match="case='lower': expected one of"):
        vectors.coverage(["film"], case="lower")  # type: ignore[arg-type]


TOKENS = (
    *("do", "n't", "'s", "it", "film", "The", "well", "made", "cafe", "and", "or"),
    *("!", "?", "u.s.", "you", "been", "low", "budget", "10", "ve", "br"),
)


@pytest.fixture(scope="module")
def words(tmp_path_factory: pytest.TempPathFactory) -> Vectors:
    """Vectors of `TOKENS`, and of so many others that a common word would be there."""
    folder = tmp_path_factory.mktemp("words")
    others = (f"+{i}+" for i in range(SMALL_VOCABULARY))
    path = write_vectors(folder / "words.txt", *TOKENS, *others)
    return glove_registry.open_file(path, cache_dir=folder)


@pytest.mark.parametrize(
    ("word", "cause"),
    [
        ("don't", "contractions"),
        ("It's", "contractions"),
        ("DON'T", "contractions"),
        ("\u201cdon\u2019t\u201d,", "contractions"),
        ("don\u00b4t!", "contractions"),
        ("film.", "punctuation"),
        ('("Film"),', "punctuation"),
        ("\u2026film\u201d", "punctuation"),
        ("_film_", "punctuation"),
        ("?!?", "punctuation"),
        ("well-made", "hyphens and slashes"),
        ("and/or", "hyphens and slashes"),
        ("it...film", "hyphens and slashes"),
        ("well\u2013made.", "hyphens and slashes"),
        ("10/10", "hyphens and slashes"),
        ("caf\u00e9", "letter forms"),
        ("cafe\u0301", "unknown words"),  # NFC first, which has no vector either
        ("\uff46ilm", "letter forms"),
        ("\ufefffilm", "letter forms"),
        ("<br", "markup and links"),
        ("/><br", "markup and links"),
        ("film</i>", "markup and links"),
        ("&nbsp;", "markup and links"),
        ("https://example.org/film", "markup and links"),
        ("##ing", "pieces of words"),
        ("\u0120film", "pieces of words"),
        ("fi@@", "pieces of words"),
        ("film\x97it", "wrong encoding"),
        ("don\u00e2\u20ac\u2122t", "wrong encoding"),
        ("caf\u00c3\u00a9", "wrong encoding"),
        ("lowbudget", "run together"),
        ("FilmWell", "run together"),
        ("youve", "run together"),
        ("filmbr", "run together"),
        ("flimbr", "unknown words"),
        ("itmade", "unknown words"),  # too short to be no accident
        ("flim", "unknown words"),
        ("flim.", "unknown words"),
        ("flim's", "unknown words"),
        ("can't", "unknown words"),  # nor has "ca"
        ("low-flim", "unknown words"),
        ("...", "unknown words"),
        ("2,000", "unknown words"),
        ("a>b", "unknown words"),
        ("<3", "unknown words"),
        ("\u6620\u753b", "unknown words"),
        ("\u0939\u093f\u0928\u094d\u0926\u0940", "unknown words"),
        ("\U0001f600", "unknown words"),
        ("\udcff", "unknown words"),
    ],
)
@pytest.mark.parametrize("case", ["fallback", "exact"])
def test_the_cause_of_a_miss(words: Vectors, word: str, cause: str, case: Any) -> None:
    """A cause is found where these vectors bear it out, and nowhere else."""
    coverage = words.coverage(["film", word], case=case)
    assert [(c.name, c.examples) for c in coverage.causes] == [(cause, (word,))]
    assert list(coverage.misses) == [word]


def test_vowel_signs_are_no_marks(tmp_path: Path) -> None:
    """A word of a script with vowel signs is not taken for its consonants."""
    consonants = ["\u0939", "\u0928", "\u0926"]
    path = write_vectors(tmp_path / "v.txt", "film", *consonants, "".join(consonants))
    vectors = glove_registry.open_file(path)
    coverage = vectors.coverage(["film", "\u0939\u093f\u0928\u094d\u0926\u0940"])
    assert [c.name for c in coverage.causes] == ["unknown words"]


def test_case_is_a_cause_only_where_it_counts(words: Vectors) -> None:
    """With case='exact' a word that another case would find is missed for that."""
    exact = words.coverage(["Film", "the", "Film."], case="exact")
    assert [(c.name, c.share.types) for c in exact.causes] == [
        ("case", 2),
        ("punctuation", 1),
    ]
    assert exact.hint.startswith("case='fallback' ('Film') would fix 2 misses")
    assert "Splitting off punctuation together with case='fallback'" in exact.hint
    fallback = words.coverage(["Film", "the", "Film."])
    assert [c.name for c in fallback.causes] == ["punctuation"]
    assert fallback.ways["lower case"].types == 1
    assert fallback.ways["title case"].types == 1


def test_placeholders_count_only_among_the_first_tokens(tmp_path: Path) -> None:
    """Links, users and numbers have placeholders where a release begins with them."""
    texts = ["https://a.org/b", "@someone", "1,234.5", "2019"]
    tweets = glove_registry.open_file(
        write_vectors(tmp_path / "tweets.txt", "<user>", "<url>", "<number>", "film")
    )
    (cause,) = tweets.coverage(texts).causes
    assert (cause.name, cause.share.types) == ("placeholders", 4)
    news = glove_registry.open_file(
        write_vectors(tmp_path / "news.txt", "##", "####", "film")
    )
    assert {c.name: c.examples for c in news.coverage(["2019", "123"]).causes} == {
        "placeholders": ("2019",),
        "unknown words": ("123",),
    }
    many = [f"word{i}" for i in range(1000)]
    others = glove_registry.open_file(
        write_vectors(tmp_path / "others.txt", *many, "##", "####", "<number>")
    )
    (cause,) = others.coverage(["2019"]).causes
    assert cause.name == "unknown words"


def test_causes_are_sorted_by_what_they_cost(words: Vectors) -> None:
    """The cause of most tokens comes first, of most types if there are no counts."""
    counts = {"film": 1, "don't": 9, "film.": 2, "it.": 2, "flim": 50}
    with_counts = words.coverage(list(counts), counts)
    names = [cause.name for cause in with_counts.causes]
    assert names == ["contractions", "punctuation", "unknown words"]
    without = words.coverage(list(counts))
    names = [cause.name for cause in without.causes]
    assert names == ["punctuation", "contractions", "unknown words"]


def test_the_hint_names_what_helps_most(words: Vectors) -> None:
    """It names at most two causes, those of a tenth of the misses or more."""
    counts = {"film": 50, "don't": 30, "film.": 20, "well-made": 19, "flim": 1}
    coverage = words.coverage(list(counts), counts)
    assert coverage.hint == (
        'Splitting contractions, as Penn Treebank tokenizers do, ("don\'t" as '
        '"do n\'t") would fix 1 miss, 25.0 % of all tokens. Splitting off '
        "punctuation ('film.' as 'film') would fix 1 miss, 16.7 % of all tokens."
    )
    rare = words.coverage({"film.": 1, **{f"xy{i}z": i + 2 for i in range(10)}})
    assert rare.hint.startswith("Most of the misses are words that these vectors")
    assert words.coverage(["film", "The"]).hint == "Every word has a vector."
    pieces = words.coverage(["film", "##ing", "##ed"])
    assert pieces.hint.startswith("A tokenizer of whole words ('##ing') would fix 2")


@pytest.mark.parametrize(
    "word", ["entertaining", "boring", "masterpiece", "legends", "dare", "batman"]
)
def test_a_small_part_of_a_release_is_the_cause(vectors: Vectors, word: str) -> None:
    """A common word that the sample leaves out is called neither rare nor two words."""
    coverage = vectors.coverage({"film": 9, word: 1})
    assert coverage.size == 10_000
    (cause,) = coverage.causes
    assert cause.name == "not among this sample's 10,000 words"
    assert coverage.hint == "This sample has only 10,000 words: glove.6B.50d has more."
    mixed = vectors.coverage(["film", word, "don't"]).hint
    assert mixed.startswith("Splitting contractions")
    assert mixed.endswith(coverage.hint)
    assert "10,000" not in vectors.coverage(["film", "don't"]).hint


def test_a_small_vocabulary_may_be_all_that_there_is(tmp_path: Path) -> None:
    """Vectors that nobody calls a sample are none, however few they are."""
    text = write_vectors(tmp_path / "v.txt", "film", "movie")
    coverage = glove_registry.open_file(text).coverage(["film", "entertaining"])
    (cause,) = coverage.causes
    assert (cause.name, coverage.sample_of) == ("unknown words", None)
    assert coverage.hint == (
        "These vectors have only 2 tokens: a larger release knows more words, common "
        "ones among them."
    )
    one = glove_registry.open_file(write_vectors(tmp_path / "one.txt", "film"))
    assert "have only 1 token: a" in one.coverage(["film", "entertaining"]).hint


def test_what_a_sample_is_follows_from_data(vectors: Vectors, tmp_path: Path) -> None:
    """An entry with sample_of is one of any name and size; so is every subset."""
    text = write_vectors(tmp_path / "v.txt", *vectors.tokens[:5], "film")
    registry = write_registry(
        tmp_path,
        "lab.small",
        url=text.as_uri(),
        sha256=hashlib.sha256(text.read_bytes()).hexdigest(),
        sample_of="lab.all",
    )
    small = glove_registry.load("lab.small", registry=registry)
    for part, size, whole in (
        (small, 6, "lab.all"),
        (small.subset(["film"]), 1, "lab.all"),
        (vectors.subset(["film", "good"]), 2, "glove.6B.50d"),
        (glove_registry.open_file(text).subset(["film"]), 1, "v.txt"),
    ):
        coverage = part.coverage(["film", "entertaining"])
        (cause,) = coverage.causes
        assert cause.name == f"not among this sample's {size} words"
        assert coverage.to_dict()["sample_of"] == whole
        assert "entertaining" in str(coverage)
        with pytest.raises(KeyError, match=f", a sample of {size} words: "):
            part["entertaining"]
        with pytest.raises(KeyError, match=f", a sample of {size} words"):
            part.most_similar("entertaining")


def test_a_vocabulary_of_which_nothing_is_found(words: Vectors) -> None:
    """No hit at all is a report like any other."""
    coverage = words.coverage({"flim": 1})
    assert (coverage.found.of_types, coverage.missed.of_types) == (0, 1)
    assert "covers 0 % of 1 type\n" in str(coverage)


def test_misses_that_never_occur_are_counted_as_such(words: Vectors) -> None:
    """Words with the count 0 are types without tokens."""
    coverage = words.coverage({"film": 1, "film.": 2}, {"film": 3})
    assert coverage.missed.to_dict() == {
        "types": 1,
        "tokens": 0,
        "of_types": 0.5,
        "of_tokens": 0.0,
    }
    assert "would fix 1 miss, 0 % of all tokens" in coverage.hint


def test_counts_stay_whole_where_floats_would_not(words: Vectors) -> None:
    """Sums of large counts are exact."""
    counts = {"film": 2**48, "flim": 1}
    assert words.coverage(list(counts), counts).tokens == 2**48 + 1


def test_equally_frequent_misses_keep_their_order(words: Vectors) -> None:
    """Of many words with the same count the first in the vocabulary is first."""
    counts = {f"xyz{i}": 1 + i % 2 for i in range(100)}
    expected = [f"xyz{i}" for i in (*range(1, 100, 2), *range(0, 100, 2))]
    assert list(words.coverage(list(counts), counts).misses) == expected


def test_reading_counts_leaves_them_as_they_are(vectors: Vectors) -> None:
    """Neither vocabulary nor counts are changed."""
    counts = Counter(the=1, film=5)
    vectors.coverage(counts, num_words=1)
    assert list(counts.items()) == [("the", 1), ("film", 5)]
    array = np.array([0, 1])
    vectors.coverage({"film": 1, "the": 4}, array)
    assert array.tolist() == [0, 1]


# What follows is real: 25,000 film reviews, and all of glove.6B.50d.


@pytest.fixture(scope="module")
def example() -> Any:
    """The examples' module of reviews."""
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(EXAMPLES)
        return importlib.import_module("reviews")


@pytest.fixture(scope="module")
def reviews(example: Any) -> list[str]:
    """The IMDB reviews, with case and markup."""
    with example.find_reviews().open(newline="", encoding="utf-8") as file:
        rows = [row["text"] for row in csv.DictReader(file) if row["source"] == "imdb"]
    assert len(rows) == 25_000
    return rows


@pytest.fixture(scope="module")
def tokens(real_text: Path) -> set[str]:
    """The words of the official text, read by a plain loop."""
    with real_text.open(encoding="utf-8") as lines:
        return {line.split(" ", 1)[0] for line in lines}


@pytest.fixture(scope="module")
def glove(real_text: Path, tmp_path_factory: pytest.TempPathFactory) -> Vectors:
    """All of glove.6B.50d."""
    folder = tmp_path_factory.mktemp("glove")
    registry = write_registry(
        folder,
        "real.50d",
        url=real_text.as_uri(),
        sha256=info("glove.6B.50d").member.sha256,
    )
    return glove_registry.load("real.50d", registry=registry, cache_dir=folder)


def check_against_loop(
    coverage: glove_registry.Coverage,
    counts: Mapping[str, int],
    tokens: set[str],
    case: str,
) -> None:
    """Compare with a plain loop over words and the official text."""
    missed = {w: n for w, n in counts.items() if find_way(w, tokens, case) is None}
    assert coverage.misses == missed
    assert coverage.missed.types == len(missed)
    assert coverage.missed.tokens == sum(missed.values())
    assert coverage.tokens == sum(counts.values())


@pytest.mark.slow
def test_text_split_at_white_space(
    glove: Vectors, tokens: set[str], reviews: list[str]
) -> None:
    """Of the cased split 15.1 % of types and 74.8 % of tokens are found, and why."""
    counts = Counter(word for text in reviews for word in text.split())
    exact = glove.coverage(counts, case="exact")
    check_against_loop(exact, counts, tokens, "exact")
    assert exact.found.of_types == pytest.approx(0.151, abs=0.0005)
    assert exact.found.of_tokens == pytest.approx(0.748, abs=0.0005)
    assert [c.name for c in exact.causes[:2]] == ["punctuation", "case"]

    fallback = glove.coverage(counts)
    check_against_loop(fallback, counts, tokens, "fallback")
    assert fallback.ways["exact"] == exact.found
    assert [c.name for c in fallback.causes[:3]] == [
        "punctuation",
        "markup and links",
        "contractions",
    ]
    assert fallback.hint.startswith("Splitting off punctuation ('it.' as 'it')")

    # The hint's promise is kept, when what it says is done.
    mended = Counter[str]()
    for word, count in counts.items():
        mended[word.strip(string.punctuation)] += count
    punctuation = fallback.causes[0].share
    better = glove.coverage({w: i for i, w in enumerate(mended) if w}, mended)
    assert better.found.of_tokens is not None and fallback.found.of_tokens is not None
    assert punctuation.of_tokens is not None
    gained = better.found.of_tokens - fallback.found.of_tokens
    assert gained >= punctuation.of_tokens - 0.005


@pytest.mark.slow
def test_text_split_as_the_penn_treebank_is(
    glove: Vectors, tokens: set[str], reviews: list[str], example: Any
) -> None:
    """Of the examples' tokens 81.0 % of types and 99.7 % of tokens are found."""
    counts = Counter(word for text in reviews for word in example.tokenize(text))
    coverage = glove.coverage(counts)
    check_against_loop(coverage, counts, tokens, "fallback")
    assert coverage.found.of_types == pytest.approx(0.810, abs=0.0005)
    assert coverage.found.of_tokens == pytest.approx(0.997, abs=0.0005)
    assert coverage.hint.startswith("Most of the misses are words that these vectors")


@pytest.mark.slow
def test_text_whose_punctuation_is_deleted(
    glove: Vectors, tokens: set[str], reviews: list[str]
) -> None:
    """Of lower-cased words without marks 50.8 % and 97.8 % are found."""
    no_marks = str.maketrans("", "", string.punctuation)
    counts = Counter(
        word for text in reviews for word in text.lower().translate(no_marks).split()
    )
    coverage = glove.coverage(counts)
    check_against_loop(coverage, counts, tokens, "fallback")
    assert coverage.found.of_types == pytest.approx(0.508, abs=0.0005)
    assert coverage.found.of_tokens == pytest.approx(0.978, abs=0.0005)


@pytest.mark.slow
def test_text_vectorization_as_it_is_by_default(
    glove: Vectors, tokens: set[str], reviews: list[str]
) -> None:
    """Of Keras' own words 50.6 % of types and 97.8 % of tokens are found, and why."""
    layer = keras.layers.TextVectorization(ragged=True)
    layer.adapt(reviews)
    indices = np.zeros(len(layer.get_vocabulary()), np.int64)
    for start in range(0, len(reviews), 1000):
        batch = layer(reviews[start : start + 1000]).flat_values.numpy()
        indices += np.bincount(batch, minlength=len(indices))

    coverage = glove.coverage(layer, indices)

    vocabulary = layer.get_vocabulary()
    assert vocabulary[:2] == ["", "[UNK]"]
    counts = dict(zip(vocabulary, indices.tolist(), strict=True))
    assert not counts.pop("") and not counts.pop("[UNK]")
    check_against_loop(coverage, counts, tokens, "fallback")
    assert coverage.found.of_types == pytest.approx(0.506, abs=0.0005)
    assert coverage.found.of_tokens == pytest.approx(0.978, abs=0.0005)
    assert coverage.causes[0].name == "run together"
    assert coverage.hint.startswith("Putting spaces in place of punctuation")


def test_phrases_are_a_cause_of_their_own(vectors: Vectors) -> None:
    """Words joined by underscores or blanks are phrases, which oov="parts" mends."""
    words = ["new_york", "los angeles", "well-known/unknown", "new_york-based", "a_qzq"]
    coverage = vectors.coverage(words)
    causes = {cause.name: cause for cause in coverage.causes}
    assert causes["phrases"].examples == ("new_york", "los angeles")
    assert causes["phrases"].remedy == (
        "oov='parts', the mean of a phrase's words, ('new_york' as 'new york')"
    )
    assert set(causes["hyphens and slashes"].examples) == {
        "well-known/unknown",
        "new_york-based",
    }
    assert causes["not among this sample's 10,000 words"].examples == ("a_qzq",)
    fixed = vectors.lookup(causes["phrases"].examples, oov="parts")
    assert fixed.any(axis=1).all()


def test_indices_are_those_of_the_vocabulary(vectors: Vectors) -> None:
    """found_indices and missed_indices are what a training loop of one's own needs."""
    word_index = {"flim": 7, "film": 3, "[UNK]": 1, "Good": 2, "goood": 9}
    coverage = vectors.coverage(word_index, {"goood": 5, "flim": 1, "film": 1})
    assert coverage.found_indices.tolist() == [3, 2]
    # As the misses, the most frequent first.
    assert [*coverage.misses] == ["goood", "flim"]
    assert coverage.missed_indices.tolist() == [9, 7]
    matrix = vectors.embedding_matrix(word_index)
    assert matrix[coverage.found_indices].any(axis=1).all()
    assert not matrix[coverage.missed_indices].any()
    assert coverage == vectors.coverage(word_index, {"goood": 5, "flim": 1, "film": 1})
    shifted = vectors.coverage(word_index, index_offset=2)
    assert shifted.missed_indices.tolist() == [9, 11]
