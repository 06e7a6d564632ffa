"""The words of a text are those of `tokenize`, found as by `lookup`."""

# ruff: noqa: RUF001 - letters and quotes that look like others are what is tested

from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf
from entries import write_registry
from hypothesis import given, settings
from hypothesis import strategies as st
from table_of_texts import read_table
from texts_by_hand import embed, pool

import glove_registry
from glove_registry import Vectors
from glove_registry.registry import Tokenizer
from glove_registry.text.tokenizers import tokenize

# What the rules of the tokenizers are about, and letters whose case is not simple.
PARTS = [
    *(
        "film",
        "über",
        "straße",
        "москва",
        "οδός",
        "σοφός",
        "i\u0307zmir",
        "ǆep",
        "日本",
    ),
    *(
        "don't",
        "don’t",
        "it's",
        "cannot",
        "gonna",
        "'tis",
        "'90s",
        "y'all",
        "rock'n'roll",
    ),
    *(
        "U.S.",
        "u.s",
        "Mr.",
        "inc",
        "Ph.D.",
        "J.",
        "e.g.",
        "a.m.",
        "AT&T",
        "and/or",
        "km/h",
    ),
    *("1,000.50", "$100", "-5", "10:30", "50%", "½", "٣٤", "well-known", "pro-", "C++"),
    *(
        "<user>",
        "<br",
        "/>",
        "<b>bold</b>",
        "http://a.org/?q=1",
        "www.a.com",
        "a@b.org",
    ),
    *(
        "@me",
        "#tag",
        ":)",
        ":-P",
        "=/",
        "♥",
        "🇫🇷🇩🇪",
        "👍🏽",
        "👨\u200d👩\u200d👧",
        "🏴\U000e0067",
    ),
    *("e\u0301te\u0301", "e\u0323\u0302", "नमस्ते", "می\u200cخواهم", "\u212bngström"),
    *(
        "…",
        "....",
        "--",
        "-----",
        "?!?!",
        "&amp;",
        "&LT;",
        "“",
        "”",
        "«",
        "»",
        "„",
        "``",
    ),
    *(
        "STRAẞE",
        "ﬁn",
        "ΑΘΗΝΑ",
        "İzmir",
        "NATO",
        "iPod",
        "Paris",
        "\U000f0000",
    ),
]
CHARACTERS = (
    "aAzZ09.,:;!?'’\"“”`-–—_/\\|@#$%^&*+=~<>()[]{}"
    "ΣσςıİßſéÉ\u0301\u0308日ʰ·²½€\u00ad\u200b\u200d\ufe0f\x00\x01\x93\u2212\x1f"
)
RELEASES = {
    "lower": [part.lower() for part in PARTS],
    "cased": [*PARTS, "STRASSE", "FIN", "Über", "ΟΔΌΣ", "Σοφός", "film", "Film"],
}


def write(path: Path, words: list[str], tokenizer: Tokenizer = "ptb") -> Vectors:
    """Open a release whose words have the numbers 1, 2, 3, ... for vectors."""
    lines = [f"{word} {number} 0\n" for number, word in enumerate(words, 1)]
    path.write_text("".join(lines), encoding="utf-8")
    cache = path.parent / "cache"
    return glove_registry.open_file(path, tokenizer=tokenizer, cache_dir=cache)


class Release:
    """A small release of tokens, and its layer."""

    def __init__(self, path: Path, tokens: list[str], tokenizer: Tokenizer) -> None:
        whole = [word for text in tokens for word in tokenize(text, tokenizer)]
        words = [w for w in dict.fromkeys([*tokens, *whole]) if w not in ("\0", "")]
        self.vectors = write(path, words, tokenizer)
        self.layer = self.vectors.to_text_layer(pooling="sum")
        self.table = {word: self.vectors[word] for word in words}

    def check(self, texts: list[str]) -> None:
        """Check that each text has the sum of a plain loop."""
        found = self.layer(tf.constant(texts, tf.string)).numpy()
        expected = embed(self.table, texts, "sum", self.vectors.tokenizer)
        wrong = np.flatnonzero((found != expected).any(axis=1))
        assert not [(texts[i], found[i], expected[i]) for i in wrong]


@pytest.fixture(
    scope="module",
    params=[
        *(("ptb", "cased"), ("lower-ptb", "lower")),
        *(("words", "cased"), ("whitespace", "cased")),
    ],
    ids="-".join,
)
def release(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Release:
    """A release of each tokenizer, of lower-case words and of words in any case."""
    tokenizer, kind = request.param
    path = tmp_path_factory.mktemp("release") / "release.txt"
    return Release(path, RELEASES[kind], tokenizer)


TEXTS = [
    *PARTS,
    *map(str.upper, PARTS),
    *map(str.title, PARTS),
    *(f"({part})." for part in PARTS),
    *(f"“{part}’s" for part in PARTS),
    *(f"{part}-{other}" for part, other in zip(PARTS, PARTS[7:], strict=False)),
    "Über über ÜBER üBEr",
    "<user> <USER>: @<user>, <user><url>film <user>'s x<user>y <user < user >",
    "film\xa0film\u2003film\u3000film\u2028film\x85film\x1ffilm\tfilm",
    "film\u00adfilm \ufefffilm film\u200b \u200b",
    *("", " ", "\0", "film\0film", "\ufdd0 \ufdd1", "a" * 300),
]


def test_a_text_s_words_are_those_of_tokenize(release: Release) -> None:
    """Each kind of token, alone, in other cases, in quotes, and joined to others."""
    release.check(TEXTS)


def change_case(word: str) -> st.SearchStrategy[str]:
    """Return a strategy for a word in any mixture of case."""
    change: Any = st.sampled_from([str, str.lower, str.upper, str.title, str.swapcase])
    each = st.lists(change, min_size=len(word), max_size=len(word))
    mixed = each.map(lambda f: "".join(map(lambda g, c: g(c), f, word)))
    whole: st.SearchStrategy[str] = change.map(lambda f: f(word))
    return whole | mixed


chunks = st.lists(
    st.sampled_from(PARTS).flatmap(change_case)
    | st.text(st.sampled_from(CHARACTERS), max_size=5)
    | st.text(max_size=3),
    max_size=4,
).map("".join)


@pytest.mark.slow
@settings(deadline=None, max_examples=8)
@given(st.lists(st.lists(chunks, max_size=4).map(" ".join), min_size=20, max_size=60))
def test_any_text_s_words_are_those_of_tokenize(
    release: Release, texts: list[str]
) -> None:
    """Whatever a text holds, its words are those of a plain loop."""
    release.check([text.encode(errors="replace").decode() for text in texts])


@pytest.mark.slow
def test_every_character_is_as_lookup_has_it(release: Release, tmp_path: Path) -> None:
    """Each character of Unicode, alone and within a word, is treated as by `lookup`."""
    characters = [c for c in map(chr, range(1, 0x110000)) if c.isprintable()]
    letters = {c.lower() for c in characters if c.lower() != c and c.isalpha()}
    tokenizer = release.vectors.tokenizer
    every = Release(tmp_path / "every.txt", [*sorted(letters), "a\u0307b"], tokenizer)
    for start in range(0, len(characters), 20_000):
        some = characters[start : start + 20_000]
        every.check(some)
        release.check([f"film{c} {c}film" for c in some[::10]])


def test_the_release_is_asked_for_the_case_of_words(tmp_path: Path) -> None:
    """The case of the release decides, not that of the words passed in."""
    uncased = write(tmp_path / "uncased.txt", ["apple", "film", "good"])
    layer = uncased.to_text_layer(["Apple", "FILM"], "sum")
    given = tf.constant(["apple", "Apple", "FILM", "good"])
    assert layer(given).numpy()[:, 0].tolist() == [1, 1, 2, 0]
    cased = write(tmp_path / "cased.txt", ["apple", "Apple", "iPod", "ipod", "STRASSE"])
    layer = cased.to_text_layer(["apple", "iPod", "straße"], "sum")
    given = tf.constant(["apple", "APPLE", "Apple", "iPod", "ipod", "IPOD", "Straße"])
    assert layer(given).numpy()[:, 0].tolist() == [1, 1, 0, 3, 0, 0, 5]


def test_words_that_no_text_can_have_are_named(tmp_path: Path) -> None:
    """Words that the tokenizer splits or changes are named in a warning."""
    vectors = write(tmp_path / "odd.txt", ["can't", "in_", "u.s.", "film", "…", "..."])
    with pytest.warns(UserWarning, match=r"2 of 4 words cannot .* \"can't\"") as caught:
        vectors.to_text_layer(["film", "can't", "u.s.", "…"])
    assert caught[0].filename == __file__
    with pytest.raises(glove_registry.errors.VocabularyError, match="none of the 1"):
        vectors.to_text_layer(["can't"])
    layer = vectors.to_text_layer(["film", "can't", "…"], "sum", tokenizer="whitespace")
    assert layer(tf.constant(["can't … film"])).numpy()[0, 0] == 1 + 5 + 4
    vectors.to_text_layer()


def test_another_s_placeholder_is_not_the_word_in_it(tmp_path: Path) -> None:
    """A placeholder outside the vocabulary is not taken for the word inside it."""
    vectors = write(tmp_path / "tweets.txt", ["<user>", "user", "<unk>", "unk"])
    layer = vectors.to_text_layer(["user", "unk"], "sum")
    given = tf.constant(["<user>", "user", "<USER>, user", "<unk>", "unk", "<url>"])
    assert layer(given).numpy()[:, 0].tolist() == [0, 2, 2, 0, 4, 0]


MIXED = [
    "“The FILM” – a «good» one…",
    "Über café CAFÉ naïve SÃO Paulo, Ångström!",
    "МОСКВА ΑΘΗΝΑ 東京 <user> <url>",
    "don’t well-known U.S. $100 100% #1 l'été",
    *("", "…", "— —"),
]


@pytest.mark.slow
def test_texts_of_the_real_release(real_text: Path, tmp_path: Path) -> None:
    """On all of glove.6B.50d, a text is the mean of what a plain loop looks up."""
    registry = write_registry(
        tmp_path,
        "real",
        url=real_text.as_uri(),
        sha256=glove_registry.info("glove.6B.50d").member.sha256,
        tokenizer="lower-ptb",
    )
    vectors = glove_registry.load("real", registry=registry)
    layer = vectors.to_text_layer()
    layer.save(tmp_path / "real.keras")
    table = {token: vectors[token] for token in vectors.tokens}
    foreign = [token for token in table if not token.isascii()]
    assert len(foreign) > 5_000
    raised = [" ".join([t.upper(), t.title(), f"“{t}…"]) for t in foreign]
    texts = [*MIXED, *raised]
    expected = embed(table, texts, "mean")
    again = keras.models.load_model(tmp_path / "real.keras")
    for model in (layer, again):
        found = model.predict(tf.constant(texts), verbose=0)
        assert np.allclose(found, expected, atol=1e-6)
        assert np.array_equal(found, vectors.embed(texts))
    assert vectors.lookup(["Über"]).any()
    assert np.array_equal(layer(tf.constant(["Über"])), vectors.lookup(["Über"]))


@pytest.mark.slow
@pytest.mark.parametrize("tokenizer", ["ptb", "lower-ptb", "words", "whitespace"])
def test_the_table_of_texts_goes_through_each_form_of_the_layer(
    tokenizer: Tokenizer, tmp_path: Path
) -> None:
    """The layer, its file and its SavedModel have the tokens written by hand."""
    rows = read_table(tokenizer)
    tokens = dict.fromkeys(token for row in rows for token in row.tokens)
    vectors = write(tmp_path / "table.txt", [*tokens, "last"], tokenizer)
    table = {token: vectors[token] for token in tokens if token in vectors}
    texts = tf.constant([row.text for row in rows] or [""])
    expected = [pool(table, row.tokens, "sum") for row in rows] or [np.zeros(2)]
    layer = vectors.to_text_layer(pooling="sum")
    layer.save(tmp_path / "table.keras")
    vectors.export_saved_model(tmp_path / "exported", pooling="sum")
    for model in (
        layer,
        keras.models.load_model(tmp_path / "table.keras"),
        tf.saved_model.load(str(tmp_path / "exported")),
        keras.layers.TFSMLayer(tmp_path / "exported"),
    ):
        assert np.allclose(model(texts), expected, atol=1e-6)
