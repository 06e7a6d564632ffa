"""The words of a text are found as by `lookup`, in any case and script."""

# ruff: noqa: RUF001 - letters and quotes that look like others are what is tested

from pathlib import Path

import keras
import numpy as np
import pytest
import tensorflow as tf
from entries import write_registry
from hypothesis import given
from hypothesis import strategies as st
from texts_by_hand import embed, split, tabulate

import glove_registry
from glove_registry import Vectors

UNCASED = [
    *("über", "film", "straße", "москва"),
    *("οδός", "σοφός", "i\u0307zmir"),
    *("ǆep", "dont", "user", "<user>", "<url>", "<all-caps>", ".", "--", "k"),
    *("ཀ", "日本", "e\u0301t", "♥", "2½", "naïve", "unk"),
]
CASED = [
    *("film", "Film", "Paris", "NATO", "iPod", "ipod", "Über", "Straße"),
    *("Οδός", "ΑΘΗΝΑ", "İzmir"),
    *("Москва", "ǅep", "well-made", "<User>"),
]


def write(path: Path, words: list[str]) -> Vectors:
    """Open a release whose words have the numbers 1, 2, 3, ... for vectors."""
    lines = [f"{word} {number} 0\n" for number, word in enumerate(words, 1)]
    path.write_text("".join(lines), encoding="utf-8")
    return glove_registry.open_file(path, cache_dir=path.parent / "cache")


class Release:
    """A small release, its layer, and its tokens for a plain loop."""

    def __init__(self, path: Path, words: list[str]) -> None:
        self.vectors = write(path, words)
        self.layer = self.vectors.to_text_layer(pooling="sum")
        self.table = tabulate(self.vectors, words)

    def check(self, texts: list[str]) -> None:
        """Check that each text has the sum of a plain loop."""
        found = self.layer(tf.constant(texts, tf.string)).numpy()
        expected = embed(self.table, texts, "sum")
        wrong = np.flatnonzero((found != expected).any(axis=1))
        assert not [(texts[i], found[i], expected[i]) for i in wrong]


@pytest.fixture(scope="module", params=["uncased", "cased"])
def release(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Release:
    """A release of lower-case words, and one with words in any case."""
    path = tmp_path_factory.mktemp("release") / "release.txt"
    return Release(path, UNCASED if request.param == "uncased" else CASED)


TEXTS = [
    "Über über ÜBER üBEr",
    "“Film” …film… –film— «film» ‹FILM›",
    "¿Film? ¡film! ‘film’ film’s don’t don't 〈film〉",
    "ΟΔΌΣ Οδός οδόσ ΣΟΦΌΣ",
    "Αθήνα αθηνα ΑΘΗΝΑ",
    "İzmir İZMİR i\u0307zmir izmir IZMIR",
    "STRAẞE STRASSE Straße straße",
    "МОСКВА Москва, мОсква",
    "ǅep ǆep ǄEP",
    "paris PARIS pARIS nato Nato IPOD iPod ipod FILM",
    "<user> <USER> <User>: @<user>, <user><url>film <user>'s user x<user>y <user",
    "< user > <all-caps> <ALL-CAPS> allcaps <film> <br />film<br/> a<b c>d",
    "日本 film。日本 ཀ e\u0301T ♥ 2½ NAÏVE",
    "film\xa0film\u2003film\u3000film\u2028film\x85film\x1ffilm\tfilm",
    "film\u00adfilm \ufefffilm film\u200b",
    *("", " ", "…", ". -- .", "\0", "film\0film", "\ufdd0 \ufdd1", "unk <unk>"),
]


def test_a_text_s_words_are_those_that_lookup_finds(release: Release) -> None:
    """Case, quotes, dashes, placeholders and scripts, text by text and word by word."""
    release.check(TEXTS)
    words = [word for text in TEXTS for word in text.split() if split(word) == [word]]
    found = release.layer(tf.constant(words)).numpy()
    expected = release.vectors.lookup(words)
    wrong = np.flatnonzero((found != expected).any(axis=1))
    assert not [(words[i], found[i], expected[i]) for i in wrong]


@given(
    st.lists(
        st.lists(
            st.sampled_from([*UNCASED, *CASED]).flatmap(
                lambda word: st.lists(
                    st.sampled_from([str.lower, str.upper, str.title, str.swapcase]),
                    min_size=len(word),
                    max_size=len(word),
                ).map(lambda f: "".join(map(lambda g, c: g(c), f, word)))
            )
            | st.text(st.sampled_from("aσςΣİi\u0307 <>user’-.")),
            max_size=4,
        ).map(" ".join),
        min_size=1,
        max_size=8,
    )
)
def test_any_mixture_of_case_is_as_lookup_has_it(
    release: Release, texts: list[str]
) -> None:
    """Words of mixed case, with anything around them, are found as by a plain loop."""
    release.check(texts)


@pytest.mark.slow
def test_every_character_is_as_lookup_has_it(release: Release, tmp_path: Path) -> None:
    """Each character of Unicode, alone and within a word, is treated as by `lookup`."""
    characters = [c for c in map(chr, range(1, 0x110000)) if c.isprintable()]
    letters = {c.lower() for c in characters if c.lower() != c and c.isalpha()}
    every = Release(tmp_path / "every.txt", [*sorted(letters), "a\u0307b"])
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
    cased = write(tmp_path / "cased.txt", ["apple", "Apple", "iPod", "ipod"])
    layer = cased.to_text_layer(["apple", "iPod"], "sum")
    given = tf.constant(["apple", "APPLE", "Apple", "iPod", "ipod", "IPOD"])
    assert layer(given).numpy()[:, 0].tolist() == [1, 1, 0, 3, 0, 0]


def test_words_that_no_text_can_have_are_named(tmp_path: Path) -> None:
    """Words that texts cannot contain are named in a warning."""
    vectors = write(tmp_path / "odd.txt", [".", "u.s.", "us", "film", "…"])
    with pytest.warns(UserWarning, match=r"3 of 4 words cannot .* '\.'") as caught:
        vectors.to_text_layer([".", "u.s.", "us", "…"])
    assert caught[0].filename == __file__
    vectors.to_text_layer(["u.s.", "film"])
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
    )
    vectors = glove_registry.load("real", registry=registry)
    layer = vectors.to_text_layer()
    layer.save(tmp_path / "real.keras")
    table = tabulate(vectors, tokens := list(vectors.tokens))
    foreign = [token for token in tokens if not token.isascii()]
    assert len(foreign) > 5_000
    raised = [" ".join([t.upper(), t.title(), f"“{t}…"]) for t in foreign]
    texts = [*MIXED, *raised]
    expected = embed(table, texts, "mean")
    again = keras.models.load_model(tmp_path / "real.keras")
    for model in (layer, again):
        found = model.predict(tf.constant(texts), verbose=0)
        assert np.allclose(found, expected, rtol=1e-4, atol=1e-5)
    assert vectors.lookup(["Über"]).any()
    assert np.array_equal(layer(tf.constant(["Über"])), vectors.lookup(["Über"]))
