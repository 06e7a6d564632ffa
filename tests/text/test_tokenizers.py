"""Each tokenizer follows its rules, wherever a text comes from and however often."""

import re
import time
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st
from table_of_texts import Row, read_table

from glove_registry.registry import TOKENIZERS, Tokenizer
from glove_registry.text import tokenizers
from glove_registry.text.characters import clean
from glove_registry.text.ptb import cut_chunk
from glove_registry.text.tokenizers import tokenize

RULED = ("ptb", "lower-ptb", "tweets", "words")
# Of characters that rules begin, end or go on with.
ODD = st.text(
    st.sampled_from(".,:;'\"-!?*_()<>/&@#$+=|8dDpnNtTsS1 aA\u00e9\u0301\u200d\ufe0f"),
    max_size=12,
)


def name_row(row: Row) -> str:
    """Return a short name of a row of the table, in ASCII."""
    return f"{row.tokenizer} {row.text[:20]!a}"


def test_the_table_has_texts_of_all_kinds() -> None:
    """It has no fewer rows than it is meant to have, and some of every tokenizer."""
    assert len(read_table()) > 380
    assert {row.tokenizer for row in read_table()} == set(TOKENIZERS)


@pytest.mark.parametrize("row", read_table(), ids=name_row)
def test_a_text_has_the_tokens_that_the_rules_say(row: Row) -> None:
    """The tokens are those that were written by hand, at first and from the cache."""
    assert tokenize(row.text, row.tokenizer) == row.tokens
    assert tokenize(row.text, row.tokenizer) == row.tokens


@given(st.one_of(st.text(), ODD))
def test_no_character_is_lost(text: str) -> None:
    """The tokens of a cleaned chunk, one behind the other, are the chunk."""
    for chunk in map(clean, text.split()):
        short = re.sub(r"([.!?*_-])\1{3,}", r"\1\1\1", chunk)
        assert "".join(cut_chunk(chunk)) == short


@given(st.one_of(st.text(), ODD), st.one_of(st.text(), ODD))
def test_a_chunk_does_not_depend_on_its_neighbours(first: str, second: str) -> None:
    """Two texts with a blank between them have the tokens of both."""
    for name in TOKENIZERS:
        both = tokenize(f"{first} {second}", name)
        assert both == tokenize(first, name) + tokenize(second, name)


@given(st.one_of(st.text(), ODD))
def test_tokens_have_no_white_space_and_are_not_empty(text: str) -> None:
    """What a tokenizer returns, a file of vectors could have."""
    for name in TOKENIZERS:
        assert all(token.split() == [token] for token in tokenize(text, name))


@given(st.one_of(st.text(), ODD))
def test_lower_ptb_is_ptb_in_lower_case(text: str) -> None:
    """Whatever the case of a text, only the case of its tokens differs."""
    lowered = [token.lower() for token in tokenize(text, "ptb")]
    assert tokenize(text, "lower-ptb") == lowered


@pytest.mark.parametrize("name", RULED)
def test_lone_surrogates_and_nul_are_no_faults(name: Tokenizer) -> None:
    """A byte that is not UTF-8 is a part of a word, and NUL an unknown letter."""
    assert tokenize("caf\udce9 a\0b", name) == ["caf\udce9", "a\ufdd0b"]


def test_characters_that_mean_nothing_do_not_become_marks() -> None:
    """Whatever stands for a mark while rules are applied, a text cannot have."""
    text = "".join(map(chr, range(0xFDD0, 0xFDF0)))
    assert len(tokenize(text, "tweets")) == 1


@pytest.fixture
def small_cache(monkeypatch: pytest.MonkeyPatch) -> Iterator[tokenizers.Chunks]:
    """The empty cache of a tokenizer, with room for four chunks."""
    tokenizers.get_chunks.cache_clear()
    monkeypatch.setattr(tokenizers, "MOST_CHUNKS", 4)
    yield tokenizers.get_chunks("ptb")
    tokenizers.get_chunks.cache_clear()


def test_the_cache_is_bounded(small_cache: tokenizers.Chunks) -> None:
    """It never holds more than twice its size, and results do not depend on it."""
    words = [f"{word}." for word in "abcdefghijklmnopq"]
    for _ in range(3):
        assert tokenize(" ".join(words), "ptb") == [
            part for word in words for part in (word[0], ".")
        ]
        assert len(small_cache) + len(small_cache.older) <= 8
    assert len(small_cache) > 0


def test_what_is_used_again_is_kept(small_cache: tokenizers.Chunks) -> None:
    """A frequent chunk stays in the cache, however many others come."""
    for number in range(40):
        tokenize(f"often, w{number}", "ptb")
        assert "often," in small_cache or "often," in small_cache.older


def test_a_long_chunk_is_not_kept(small_cache: tokenizers.Chunks) -> None:
    """A megabyte without white space does not stay in memory."""
    assert tokenize("a" * 1_000_000, "ptb") == ["a" * 1_000_000]
    assert not small_cache


@pytest.mark.slow
@pytest.mark.parametrize("name", ["ptb", "tweets", "words"])
@pytest.mark.parametrize(
    "piece",
    [
        *("a", "A", ".", "-", "'", "<", ">", "<a>", "d", ")", "p", "(", "8", ":", "/"),
        *("1", "#", "@", "!", "_", "&", "\u00e9", "\u0301", "\U0001f600", "\u200d"),
        *("\0", "http://", "www.", "a.", "a@", "1,", "#A", ":d", "'s", "n't", ").:"),
    ],
)
def test_time_is_linear_in_the_text(name: Tokenizer, piece: str) -> None:
    """A chunk of 200,000 characters takes a second, whatever it repeats and ends with.

    If the time were quadratic, it would take many minutes.
    """
    for ending in ("", "x"):
        start = time.process_time()
        tokenize(piece * (200_000 // len(piece)) + ending, name)
        assert time.process_time() - start < 30


def test_a_text_is_a_str() -> None:
    """A list of texts or bytes is refused, with its type."""
    with pytest.raises(TypeError, match="a text is a str, found list"):
        tokenize(["a text"], "ptb")  # type: ignore[arg-type]


def test_an_unknown_tokenizer_is_told() -> None:
    """The error names what was passed and what can be."""
    with pytest.raises(ValueError, match="tokenizer='bert': expected one of ptb, low"):
        tokenize("a text", "bert")  # type: ignore[arg-type]
