"""What is a vocabulary is read as it is, and what is none is said to be none."""

import re
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import keras
import numpy as np
import pandas
import pytest
import tokenizers
from gensim.corpora import Dictionary
from gensim.models import KeyedVectors, Word2Vec
from hypothesis import given
from hypothesis import strategies as st
from keras.src.legacy.preprocessing.text import Tokenizer
from sklearn.feature_extraction.text import CountVectorizer, TfidfVectorizer
from vocabularies import LikeTransformers

import glove_registry
from glove_registry import Vectors
from glove_registry.errors import VocabularyError
from glove_registry.lookup.vocabulary import VocabularyOptions, read_vocabulary

PADDING = st.sampled_from(["", "[PAD]", "<pad>"])
SPECIALS = st.sampled_from(["[UNK]", "<unk>", "<OOV>", "[CLS]", "</s>"])
WORDS = st.text(min_size=1).filter(lambda word: not word.startswith(("[", "<")))
INDICES = st.integers(0, 10**6)


@pytest.fixture(scope="module")
def vectors(tmp_path_factory: pytest.TempPathFactory) -> Vectors:
    """The embedded sample."""
    cache = tmp_path_factory.mktemp("cache")
    return glove_registry.load("glove.6B.50d-first10k", cache_dir=cache)


@given(
    st.dictionaries(WORDS, INDICES, min_size=1).filter(
        lambda index: len(set(index.values())) == len(index)
    ),
    st.integers(0, 5),
    st.none() | st.integers(1, 10**6),
)
def test_a_mapping_is_read_as_it_is(
    word_index: dict[str, int], offset: int, limit: int | None
) -> None:
    """Words keep their indices, shifted and cut as asked for; each index has a row."""
    options = VocabularyOptions(num_words=limit, index_offset=offset)
    expected = {word: index + offset for word, index in word_index.items()}
    if limit is not None:
        expected = {word: index for word, index in expected.items() if index < limit}
        if not expected:
            with pytest.raises(VocabularyError, match=f"below num_words={limit}"):
                read_vocabulary(word_index, options)
            return
    found = read_vocabulary(word_index, options)
    assert dict(zip(found.words, found.indices.tolist(), strict=True)) == expected
    assert found.indices.dtype == np.int64
    assert found.size == max(expected.values()) + 1
    assert not found.padding
    assert not found.specials


@given(
    st.lists(PADDING, max_size=1),
    st.lists(SPECIALS, max_size=4),
    st.lists(WORDS, min_size=1, unique=True),
    st.integers(0, 5),
)
def test_a_list_is_numbered_from_zero(
    padding: list[str], specials: list[str], words: list[str], offset: int
) -> None:
    """Position is the index; padding and special tokens, repeated or not, are none."""
    tokens = [*padding, *specials, *words]
    found = read_vocabulary(tokens, VocabularyOptions(index_offset=offset))
    assert found.words == words
    first = len(padding) + len(specials) + offset
    assert found.indices.tolist() == list(range(first, first + len(words)))
    assert dict(found.padding) == dict(enumerate(padding, offset))
    assert dict(found.specials) == dict(enumerate(specials, offset + len(padding)))
    assert found.size == len(tokens) + offset
    for same in (tuple(tokens), np.array(tokens, object)):
        assert read_vocabulary(same).words == words


@pytest.mark.parametrize("integer", [int, np.int64, np.uint8, np.int32])
def test_any_integer_is_an_index(integer: Callable[[int], Any]) -> None:
    """Indices, limit and offset may be numpy's integers; they come out as one kind."""
    found = read_vocabulary(
        {"the": integer(1), "film": integer(2), "end": integer(3)},
        VocabularyOptions(num_words=integer(5), index_offset=integer(2)),
    )
    assert found.words == ["the", "film"]
    assert found.indices.tolist() == [3, 4]
    assert found.size == 5
    assert type(found.size) is int


def test_numpys_words_are_words() -> None:
    """np.str_ is a str, and comes out as a plain one."""
    (word,) = read_vocabulary({np.str_("the"): 1}).words
    assert type(word) is str


def test_a_word_called_unk_is_a_word(vectors: Vectors) -> None:
    """Only marks that nobody writes are special: "unk" is an ordinary token."""
    found = read_vocabulary(["[UNK]", "unk", "pad", "mask", "start", "OOV", "PAD"])
    assert found.words == ["unk", "pad", "mask", "start", "OOV", "PAD"]


def test_special_tokens_are_never_looked_up() -> None:
    """A release may have a row for `[UNK]` or `</s>`: it is of no use here."""
    marks = ["", "[UNK]", "<unk>", "<OOV>", "[PAD]", "<pad>", "</s>", "[CLS]"]
    found = read_vocabulary([*marks, "film"])
    assert found.words == ["film"]
    assert set(found.padding.values()) == {"", "[PAD]", "<pad>"}
    assert set(found.specials.values()) == set(marks) - set(found.padding.values())


@given(
    st.sampled_from(
        ["<{}>", "[{}]", "_{}_", "__{}__", "<|{}|>", "<<{}>>", "[[{}]]", "@@{}@@"]
    ),
    st.sampled_from(["unk", "unknown", "oov", "start", "end", "cls", "sep", "mask"]),
    st.sampled_from([str.lower, str.upper, str.title]),
)
def test_a_mark_is_special_in_any_case(
    mark: str, name: str, spell: Callable[[str], str]
) -> None:
    """A name between marks stands for no word, however it is spelled; alone it does."""
    token = mark.format(spell(name))
    padding = mark.format(spell("pad"))
    found = read_vocabulary([padding, token, spell(name), "film"])
    assert found.words == [spell(name), "film"]
    assert dict(found.padding) == {0: padding}
    assert dict(found.specials) == {1: token}


@pytest.mark.parametrize("token", ["_PAD", "_UNK", "_GO", "_EOS", "<S>", "</S>"])
def test_marks_of_tutorials_are_special(token: str) -> None:
    """What only some tutorials write stands for no word either."""
    assert read_vocabulary([token, "film"]).words == ["film"]


@pytest.mark.parametrize(
    "token",
    [
        *("<user>", "<url>", "<hashtag>", "<number>", "<3", "<end of story>", "_end"),
        *("[film]", "(pad)", "-pad-", "pad>", "<pad", "\u017f", "<\u017f>", "_", "<>"),
    ],
)
def test_other_tokens_between_marks_are_words(token: str) -> None:
    """Tokens of a release, and what people write, are looked up as they are."""
    assert read_vocabulary([token]).words == [token]


@pytest.mark.parametrize(
    "token",
    [
        *("<PAD>", "_PAD_", "<Padding>", "[pad]", "<BLANK>", "@@PADDING@@", "__Pad__"),
        *("<START>", "<GO>", "[start]", "<Stop>", "[EOT]", "<|EndOfText|>", "<UNUSED>"),
        *("[unused12]", "<extra_id_99>", "<|begin_of_text|>", "<|im_end|>", "<Root>"),
    ],
)
def test_tokens_of_many_tools_are_known(token: str, vectors: Vectors) -> None:
    """They get no vector of a word; padding is zeros, and the others are unknown."""
    matrix = vectors.embedding_matrix([token, "flim", "film"], oov="mean")
    is_padding = any(name in token.lower() for name in ("pad", "blank"))
    assert (matrix[0] == (0 if is_padding else matrix[1])).all()
    assert vectors.coverage([token, "film"]).types == 1


def test_own_tokens_are_not_looked_up(vectors: Vectors) -> None:
    """padding= and specials= name what no rule could know, words of the release."""
    words = ["blank", "number", "film", "flim"]
    options: dict[str, Any] = {"padding": "blank", "specials": ["number"]}
    found = vectors.embedding_matrix(words, oov="mean", **options)
    assert not found[0].any()
    assert (found[1] == found[3]).all()
    assert (found[2] == vectors["film"]).all()
    (weights,) = vectors.to_keras_layer(words, oov="mean", **options).get_weights()
    assert (weights == found).all()
    assert vectors.to_keras_layer(words, mask_zero=True, padding="blank").mask_zero
    coverage = vectors.coverage(words, {"blank": 5, "number": 3, "film": 2}, **options)
    assert (coverage.types, coverage.padding, coverage.specials) == (2, 1, 1)
    assert (coverage.tokens, coverage.outside) == (2, 0)


def test_own_tokens_come_before_the_known_ones() -> None:
    """A token that is padding elsewhere can be another one here, and the other way."""
    found = read_vocabulary(
        ["<unk>", "<pad>", "film"],
        VocabularyOptions(padding="<unk>", specials=("<pad>",)),
    )
    assert (dict(found.padding), dict(found.specials)) == ({0: "<unk>"}, {1: "<pad>"})


def test_an_own_token_may_be_cut_off() -> None:
    """A token beyond num_words is not missing."""
    options = VocabularyOptions(specials=["xxbos"], num_words=2)
    found = read_vocabulary({"film": 1, "xxbos": 2}, options)
    assert found.words == ["film"]
    assert not found.specials


OWN: dict[str, tuple[dict[str, Any], str]] = {
    "misspelled padding": (
        {"padding": "xxpd"},
        "'xxpd' is not in the vocabulary; did you mean 'xxpad'?",
    ),
    "a special token in other brackets": (
        {"specials": ["<xxpad>"]},
        "'<xxpad>' is not in the vocabulary; did you mean 'xxpad'?",
    ),
    "a special token that is missing": (
        {"specials": ["film", "?!"]},
        "'?!' is not in the vocabulary; check its spelling",
    ),
    "padding in a list": ({"padding": ["xxpad"]}, "expected one token as a str"),
    "padding an int": ({"padding": 0}, "padding=0: expected one token as a str"),
    "specials as one str": ({"specials": "xxbos"}, "expected a list of tokens"),
    "specials as numbers": ({"specials": [1]}, "specials=[1]: expected a list"),
    "specials read once": ({"specials": iter("ab")}, "expected a list of tokens"),
    "both": (
        {"padding": "xxpad", "specials": ["xxpad"]},
        "'xxpad' is in padding and in specials: choose one",
    ),
    "masked at another index": (
        {"padding": "film", "mask_zero": True},
        "'film' has index 1, and mask_zero=True makes index 0 the padding",
    ),
    "a special token at 0": (
        {"specials": ["xxpad"], "mask_zero": True},
        "if it is the padding, padding='xxpad'",
    ),
    "a word at 0": ({"mask_zero": True}, "if it is the padding, padding='xxpad'"),
}


@pytest.mark.parametrize("case", OWN)
def test_wrong_tokens_are_explained(case: str, vectors: Vectors) -> None:
    """What cannot be meant is refused by a sentence that says what to do."""
    options, sentence = OWN[case]
    with pytest.raises(VocabularyError, match=re.escape(sentence)):
        vectors.to_keras_layer(["xxpad", "film"], **options)


def like_torchtext(default: int | None) -> Any:
    """A Vocab of torchtext, whose default index can be set."""
    return SimpleNamespace(
        get_stoi=lambda: {"what": 0, "film": 1}, get_default_index=lambda: default
    )


def word_level(unknown: str) -> Any:
    """A tokenizer of Hugging Face whose token for unknown words was not declared."""
    return tokenizers.Tokenizer(
        tokenizers.models.WordLevel({unknown: 0, "film": 1}, unk_token=unknown)
    )


@pytest.mark.parametrize(
    "make", [lambda: like_torchtext(0), lambda: word_level("what")]
)
def test_the_token_for_unknown_words_is_asked_for(
    make: Callable[[], Any], vectors: Vectors
) -> None:
    """A vocabulary knows which one it is, whatever its name, and it is not masked."""
    assert read_vocabulary(make()).words == ["film"]
    with pytest.raises(VocabularyError, match="masked as well"):
        vectors.to_keras_layer(make(), mask_zero=True)


def test_a_token_that_is_declared_special_is_no_word() -> None:
    """What a tokenizer says of its tokens counts, though one is spelled like a word."""
    tokenizer = word_level("what")
    tokenizer.add_special_tokens(["number"])
    found = read_vocabulary(tokenizer)
    assert found.words == ["film"]
    assert {*found.specials.values()} == {"what", "number"}


def test_a_default_index_is_optional() -> None:
    """A Vocab of torchtext without one has no such token."""
    assert read_vocabulary(like_torchtext(None)).words == ["what", "film"]


@pytest.mark.parametrize("mode", ["multi_hot", "count", "tf_idf"])
@pytest.mark.parametrize("most", [None, 8])
def test_a_layer_that_counts_is_read(
    mode: str, most: int | None, vectors: Vectors
) -> None:
    """Its output times the matrix adds up the vectors of a text's words."""
    texts = ["the good film", "the good bad flim", "the the"]
    layer = keras.layers.TextVectorization(
        output_mode=mode, max_tokens=most, pad_to_max_tokens=most is not None
    )
    layer.adapt(texts)
    weights = np.asarray(keras.ops.convert_to_numpy(layer(texts)))
    matrix = vectors.embedding_matrix(layer)
    assert matrix.shape == (weights.shape[1], 50)
    words = layer.get_vocabulary()
    expected = [
        sum(w * vectors.lookup([t])[0] for t, w in zip(words, row, strict=False))
        for row in weights
    ]
    np.testing.assert_allclose(weights @ matrix, expected, rtol=1e-4, atol=1e-5)
    coverage = vectors.coverage(layer)
    assert (coverage.types, coverage.specials) == (5, 1)
    assert [*coverage.misses] == ["flim"]
    for make in (vectors.to_keras_layer, vectors.to_text_layer):
        with pytest.raises(VocabularyError, match=f"output_mode='{mode}'"):
            make(layer)


def test_a_dictionary_of_gensim_is_read(vectors: Vectors) -> None:
    """Its words have the ids of its bags of words, for the product with the matrix."""
    dictionary = Dictionary([["good", "film"], ["film", "flim"]])
    matrix = vectors.embedding_matrix(dictionary)
    assert (matrix[dictionary.token2id["film"]] == vectors["film"]).all()
    assert not matrix[dictionary.token2id["flim"]].any()


def test_phrases_are_not_texts(vectors: Vectors) -> None:
    """A list of phrases is a vocabulary, and one of n-grams of a layer, too."""
    phrases = ["", "new york", "los angeles", "film", "president of france"]
    assert vectors.embedding_matrix(phrases, oov="parts")[1:].any(axis=1).all()
    long = {"president of france": 1, "state of the art": 2}
    assert vectors.embedding_matrix(long, oov="parts")[1:].any(axis=1).all()
    layer = keras.layers.TextVectorization(ngrams=(3,), vocabulary=["a good film"])
    matrix = vectors.embedding_matrix(layer, oov="parts")
    expected = vectors.lookup(["a", "good", "film"]).mean(axis=0)
    np.testing.assert_allclose(matrix[2], expected, rtol=1e-5, atol=1e-6)


AT_ZERO: dict[str, Callable[[], Any]] = {
    "StringLookup": lambda: keras.layers.StringLookup(vocabulary=["film"]),
    "two indices for unknown words": lambda: keras.layers.StringLookup(
        vocabulary=["film"], num_oov_indices=2
    ),
    "a name of its own": lambda: keras.layers.StringLookup(
        vocabulary=["film"], oov_token="what?"
    ),
    "a dict": lambda: {"[UNK]": 0, "film": 1},
    "a list": lambda: ["<unk>", "film"],
    "another mark": lambda: ["[CLS]", "film"],
}


@pytest.mark.parametrize("kind", AT_ZERO)
def test_unknown_words_are_not_masked_as_padding(kind: str, vectors: Vectors) -> None:
    """mask_zero=True is refused where index 0 stands for unknown words."""
    vocabulary = AT_ZERO[kind]()
    with pytest.raises(VocabularyError, match=r"index 0, .*mask_token=''"):
        vectors.to_keras_layer(vocabulary, mask_zero=True)
    assert vectors.to_keras_layer(vocabulary).input_dim >= 2


NOT_AT_ZERO: dict[str, Callable[[], Any]] = {
    "StringLookup that pads": lambda: keras.layers.StringLookup(
        vocabulary=["film"], mask_token="[PAD]", num_oov_indices=2
    ),
    "StringLookup that knows all": lambda: keras.layers.StringLookup(
        vocabulary=["film"], mask_token="", num_oov_indices=0
    ),
    "a Tokenizer's word_index": lambda: {"<OOV>": 1, "film": 2},
    "a TextVectorization": lambda: keras.layers.TextVectorization(vocabulary=["film"]),
}


@pytest.mark.parametrize("kind", NOT_AT_ZERO)
def test_padding_at_zero_is_masked(kind: str, vectors: Vectors) -> None:
    """mask_zero=True is taken where index 0 is padding, or free for it."""
    layer = vectors.to_keras_layer(NOT_AT_ZERO[kind](), mask_zero=True)
    assert layer.mask_zero
    assert not layer.get_weights()[0][0].any()


def fit(layer: Any, *texts: str) -> Any:
    """Adapt a layer."""
    layer.adapt(list(texts))
    return layer


def fitted_tokenizer() -> Any:
    """A Tokenizer that saw texts without a word."""
    tokenizer = Tokenizer()
    tokenizer.fit_on_texts(["..."])
    return tokenizer


WRONG: dict[str, tuple[Callable[[], Any], str]] = {
    "empty": (lambda: {}, "the vocabulary is empty: was the tokenizer fitted"),
    "an empty list": (lambda: [], "is empty"),
    "None": (lambda: None, "expected a word_index such as {'the': 1, 'film': 2}"),
    "an int": (lambda: 3, "found int"),
    "a str": (lambda: "the film", "one str 'the film': write {'the': 1"),
    "bytes": (lambda: b"the film", "one bytes"),
    "a path": (lambda: Path("words.txt"), "path words.txt: read its lines"),
    "a set": (
        lambda: {"the"},
        "has no order to take indices from: write sorted(words)",
    ),
    "a generator": (lambda: (w for w in ["the"]), "only once: write list(words)"),
    "index_word": (lambda: {1: "the"}, "found int 1: did you pass index_word?"),
    "a list of numbers": (lambda: [1, 2], "a word is a str, found int 1"),
    "lists in a list": (lambda: [["the", "film"]], "found list"),
    "pairs": (lambda: [("the", 1)], "found tuple"),
    "bytes as words": (lambda: {b"the": 1}, "found bytes b'the': decode it"),
    "None as a word": (lambda: {None: 1}, "found NoneType"),
    "index a str": (lambda: {"the": "1"}, "str '1', expected an int"),
    "index a float": (lambda: {"the": 1.0}, "float 1.0, expected an int"),
    "index a numpy float": (lambda: {"the": np.float32(1)}, "expected an int"),
    "index a bool": (lambda: {"the": True}, "bool True, expected an int"),
    "index a numpy bool": (lambda: {"the": np.True_}, "expected an int"),
    "index None": (lambda: {"the": None}, "NoneType None, expected an int"),
    "index a vector": (lambda: {"the": np.zeros(3)}, "expected an int"),
    "negative": (lambda: {"the": 1, "film": -1}, "'film' is -1: indices start at 0"),
    "one index twice": (
        lambda: {"the": 1, "film": 1},
        "'the' and 'film' both have index 1: give each word its own",
    ),
    "a word twice": (
        lambda: ["the", "of", "the"],
        "'the' is in the vocabulary twice",
    ),
    "a hash for an index": (lambda: {"the": 2**40}, "number the words from 1 on"),
    "a long hash": (lambda: {"the": 2**70}, "number the words from 1 on"),
    "special tokens alone": (lambda: ["", "[UNK]"], "the vocabulary has no word"),
    "a TextVectorization that saw nothing": (
        keras.layers.TextVectorization,
        "was adapt() of the TextVectorization called?",
    ),
    "a TextVectorization that counts": (
        lambda: fit(keras.layers.TextVectorization(output_mode="count"), "the film"),
        "make it with output_mode='int', or multiply its output by",
    ),
    "a StringLookup that saw nothing": (
        keras.layers.StringLookup,
        "was adapt() of the StringLookup called?",
    ),
    "an IntegerLookup": (
        lambda: keras.layers.IntegerLookup(vocabulary=[3, 4]),
        "the IntegerLookup looks up integers, which have no vectors: pass the",
    ),
    "a Hashing layer": (lambda: keras.layers.Hashing(8), "found Hashing"),
    "a Series of texts": (
        lambda: pandas.Series(
            ["a truly good film", "not bad", "a bad film, sadly", None]
        ),
        "found a Series of texts, such as 'a truly good film'",
    ),
    "an array of texts": (
        lambda: np.array(["a good film", "a bad film"]),
        "found a ndarray of texts, such as 'a good film'",
    ),
    "a list of texts": (
        lambda: ["Good.", "A truly good film, and a well-made one.", "Not so bad!"],
        "found a list of texts, such as 'A truly good film, and a well-made one.'",
    ),
    "a Series of indices": (
        lambda: pandas.Series({"the": 1, "film": 2}),
        "a Series of numbers: pass its to_dict() if they are the indices",
    ),
    "counts of a Series": (
        lambda: pandas.Series(["the", "film", "the"]).value_counts(),
        "or list(its index) if they are counts",
    ),
    "a DataFrame": (
        lambda: pandas.DataFrame({"word": ["the"], "n": [1]}),
        "a DataFrame has several columns: pass the one with the words",
    ),
    "the words of a dict": (lambda: {"the": 1}.keys(), "write list(words)"),
    "these vectors": (
        lambda: glove_registry.load("glove.6B.50d-first10k"),
        "a Vectors is what words are looked up in, and the words themselves are "
        "expected here: for all of its words, write ['', '[UNK]', *vectors.tokens]",
    ),
    "a KeyedVectors": (
        lambda: KeyedVectors(2),
        "a KeyedVectors has vectors of its own, and the words to look up are expected "
        "here: for its words, pass its key_to_index",
    ),
    "a model of gensim": (
        lambda: Word2Vec([["film"]], min_count=1, vector_size=2),
        "a Word2Vec has vectors of its own, and the words to look up are expected "
        "here: for its words, pass its wv.key_to_index",
    ),
    "a layer without words": (lambda: keras.layers.Dense(1), "found Dense"),
    "a Tokenizer that saw nothing": (Tokenizer, "was fit_on_texts() of the Tokenizer"),
    "a Tokenizer that saw no word": (fitted_tokenizer, "is empty"),
    "a CountVectorizer that saw nothing": (CountVectorizer, "call its fit() first"),
    "a TfidfVectorizer that saw nothing": (TfidfVectorizer, "call its fit() first"),
}


@pytest.mark.parametrize("case", WRONG)
def test_what_is_no_vocabulary_is_explained(case: str, vectors: Vectors) -> None:
    """What no layer can be made from is refused by a sentence that says what to do."""
    make, words = WRONG[case]
    with pytest.raises(VocabularyError, match=re.escape(words)):
        vectors.to_keras_layer(make())


WRONG_OPTIONS: dict[str, tuple[dict[str, Any], str]] = {
    "no words left": ({"num_words": 1}, "no word with an index below num_words=1"),
    "num_words zero": ({"num_words": 0}, "num_words=0: expected an int of at least 1"),
    "num_words a float": ({"num_words": 5.0}, "num_words=5.0: expected an int"),
    "num_words a bool": ({"num_words": True}, "num_words=True: expected an int"),
    "offset a float": ({"index_offset": 1.5}, "index_offset=1.5: expected an int"),
    "offset a bool": ({"index_offset": True}, "index_offset=True: expected an int"),
    "offset below zero": (
        {"index_offset": -2},
        "the index of 'the' is -1 with index_offset=-2",
    ),
    "input_dim too small": (
        {"input_dim": 2},
        "input_dim=2, and the vocabulary needs 3 rows: leave input_dim out",
    ),
    "mask_zero with a word at 0": (
        {"index_offset": -1, "mask_zero": True},
        "'the' has index 0, which mask_zero=True makes padding: let indices start at 1",
    ),
}


@pytest.mark.parametrize("case", WRONG_OPTIONS)
def test_options_that_do_not_fit_are_explained(case: str, vectors: Vectors) -> None:
    """What does not fit a vocabulary of "the" and "film" is refused the same way."""
    options, words = WRONG_OPTIONS[case]
    with pytest.raises(VocabularyError, match=re.escape(words)):
        vectors.to_keras_layer({"the": 1, "film": 2}, **options)


def test_padding_that_is_not_at_zero_is_not_masked(vectors: Vectors) -> None:
    """mask_zero=True masks index 0: padding elsewhere would take part in a text."""
    words = ["[UNK]", "<pad>", "film"]
    with pytest.raises(
        VocabularyError, match="'<pad>' has index 1, and mask_zero=True"
    ):
        vectors.to_keras_layer(words, mask_zero=True)
    assert vectors.to_keras_layer(words).input_dim == 3


def test_words_in_another_case_are_warned_of(vectors: Vectors) -> None:
    """If no word has a vector it is said, and that case='fallback' would help."""
    with pytest.warns(UserWarning, match=r"no word .* has a vector .* case='fallback'"):
        vectors.to_keras_layer({"Film": 1, "THE": 2}, case="exact")


def test_words_without_any_vector_are_warned_of(vectors: Vectors) -> None:
    """A layer of zeros alone is said to be one, in the line of who made it."""
    with pytest.warns(
        UserWarning, match="no word .* has a vector .* 'xyzzy'"
    ) as caught:
        vectors.to_keras_layer(["xyzzy", "plugh"])
    assert caught[0].filename == __file__


def make_word_piece() -> Any:
    """A WordPiece tokenizer of Hugging Face, as BERT's is."""
    from tokenizers import Tokenizer, models, pre_tokenizers, trainers

    tokenizer = Tokenizer(models.WordPiece(unk_token="[UNK]"))
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    trainer = trainers.WordPieceTrainer(
        vocab_size=120, special_tokens=["[PAD]", "[UNK]"], show_progress=False
    )
    text = "the film was filmed by filming filmmakers who film good and better films"
    tokenizer.train_from_iterator([text] * 5, trainer)
    return tokenizer


def make_byte_level() -> Any:
    """A byte-level BPE tokenizer of Hugging Face, as GPT-2's is."""
    from tokenizers import Tokenizer, models, pre_tokenizers, trainers

    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel()
    trainer = trainers.BpeTrainer(vocab_size=60, show_progress=False)
    tokenizer.train_from_iterator(["the film is a good film of the year"] * 5, trainer)
    return tokenizer


SUB_WORDS: dict[str, tuple[Callable[[], Any], str]] = {
    "WordPiece": (make_word_piece, "'##"),
    "byte-level BPE": (make_byte_level, "'\u0120"),
    "SentencePiece": (
        lambda: LikeTransformers(["\u2581the", "\u2581film", "s", "ing"]),
        "'\u2581",
    ),
}


@pytest.mark.parametrize("kind", SUB_WORDS)
def test_pieces_of_words_are_warned_of(kind: str, vectors: Vectors) -> None:
    """A tokenizer of sub-words is of little use for vectors of words: that is said."""
    make, example = SUB_WORDS[kind]
    with pytest.warns(UserWarning, match=r"tokens look like pieces of words") as caught:
        vectors.to_keras_layer(make())
    assert f"such as {example}" in str(caught[0].message)
