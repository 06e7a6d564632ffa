"""The index finds the row of each token and of nothing else, whatever their hashes."""

from collections.abc import Callable
from unittest import mock

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from glove_registry.store import index as module
from glove_registry.store.index import Index, build_table, hash_tokens
from glove_registry.store.tokens import TokenBytes

TOKENS = st.binary(max_size=5).filter(lambda token: b"\n" not in token)
WORDS = st.binary(max_size=6)  # a word can hold a line feed, a token cannot

TOP = 1 << 63
HASHES: dict[str, Callable[[bytes], int]] = {
    "strong": module.hash_token,
    "none": lambda token: 0,
    "the last slot": lambda token: 2**64 - 1,
    "the length": lambda token: len(token) << 61,
    "the last byte": lambda token: sum(token[-1:]) << 56,
    "two values": lambda token: TOP if len(token) % 2 else TOP - 1,
}


def make_index(tokens: list[bytes]) -> tuple[Index, int]:
    """Return an index of tokens, and the length of its table."""
    joined = TokenBytes.join(tokens)
    table = build_table(hash_tokens(tokens), joined)
    return Index(table, joined), len(table)


@given(
    st.lists(TOKENS, min_size=1, max_size=60),
    st.lists(WORDS, max_size=60),
    st.sampled_from(sorted(HASHES)),
)
@example([b""], [b"\n", b"\0"], "strong")
@example([b"a", b"", b"a", b""], [b"a\n", b"\na"], "none")
@example([b"ab", b"ac", b"ab", b"b"], [b"ad", b"a"], "the last slot")
def test_each_token_has_its_first_row_and_other_words_have_none(
    tokens: list[bytes], words: list[bytes], name: str
) -> None:
    """Tokens are found one by one and in batches, and so is nothing else.

    Repeated tokens, tokens that are no UTF-8, and many tokens of one hash among them.
    """
    rows = {token: row for row, token in reversed([*enumerate(tokens)])}
    asked = [*tokens, *words, *tokens[::-1]]
    expected = [rows.get(word, -1) for word in asked]
    with mock.patch.object(module, "hash_token", HASHES[name]):
        index, slots = make_index(tokens)
        assert slots == 2 * len(rows)
        assert [index.find(word) for word in asked] == expected
        for few in (0, module._FEW):
            with mock.patch.object(module, "_FEW", few):
                assert index.find_all(asked).tolist() == expected


@pytest.mark.parametrize("name", sorted(HASHES))
def test_what_is_asked_is_cut_into_batches(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Words at the borders of batches are found like others."""
    monkeypatch.setattr(module, "hash_token", HASHES[name])
    tokens = [b"%d" % i for i in range(100)]
    index, _ = make_index(tokens)
    monkeypatch.setattr(module, "_FEW", 0)
    for batch in (1, 2, 99, 100, 101):
        monkeypatch.setattr(module, "_BATCH", batch)
        asked = [*tokens[::-1], b"none"]
        assert index.find_all(asked).tolist() == [*range(99, -1, -1), -1]
    assert index.find_all([]).tolist() == []


def test_the_hash_of_a_token_never_changes() -> None:
    """The hash is XXH3 of 64 bits, by the test vectors of its specification."""
    # xxHash 0.8.2, cli/xsum_sanity_check.c: no bytes, and no seed.
    assert module.hash_token(b"") == 0x2D06800538D394C2
    assert hash_tokens([b"", b"x"])[0] == 0x2D06800538D394C2


def test_tokens_of_one_slot_lie_in_a_row(monkeypatch: pytest.MonkeyPatch) -> None:
    """A search goes on from slot to slot, and after the last one at the first."""
    tokens = [b"a", b"b", b"c", b"d"]
    places = {b"a": 7, b"b": 7, b"c": 0, b"d": 6}  # of 8 slots
    monkeypatch.setattr(module, "hash_token", lambda token: places[token] << 61)
    table = build_table(hash_tokens(tokens), TokenBytes.join(tokens))
    assert sorted(table[[0, 1, 6, 7]].tolist()) == [0, 1, 2, 3]
    assert (table[2:6] == -1).all()
    index = Index(table, TokenBytes.join(tokens))
    assert index.find_all(tokens[::-1]).tolist() == [3, 2, 1, 0]
    assert [index.find(token) for token in tokens] == [0, 1, 2, 3]


@given(st.data())
def test_pairs_are_compared_by_all_their_bytes(data: st.DataObject) -> None:
    """Many pairs of tokens are compared as two tokens are, one by one."""
    tokens = st.lists(st.binary(max_size=2), min_size=1, max_size=9)
    here, there = data.draw(tokens), data.draw(tokens)
    size = data.draw(st.integers(0, 20))
    rows, others = (
        np.array(data.draw(st.lists(row, min_size=size, max_size=size)), np.int64)
        for row in (st.integers(0, len(x) - 1) for x in (here, there))
    )
    found = TokenBytes.join(here).equal(rows, TokenBytes.join(there), others)
    assert found.tolist() == [
        here[i] == there[j] for i, j in zip(rows, others, strict=True)
    ]
