"""Several releases as one: all their words, each with a vector made from theirs."""

from collections.abc import Sequence
from typing import Any, Literal, NamedTuple, TypeAlias, get_args

import numpy as np
from numpy.typing import NDArray

from ..formats.block import MOST_NUMBERS
from ..store import decode_token
from ..store.memory import MadeRows, MadeStore
from .case import Case, match_words
from .rows import Rows

How: TypeAlias = Literal["concat", "mean", "first"]
_STEP = 1 << 16


class StackedStore(MadeStore):
    """The words of some releases. Vectors are read from these when they are needed."""

    def __init__(
        self, parts: Sequence[Rows], how: How, case: Case, name: str | None
    ) -> None:
        _check(parts, how)
        self._arguments = parts, how, case, name
        tokens = _unite_tokens(parts)
        rows = [_match(part, tokens, case) for part in parts]
        combined = _KINDS[how](parts, tokens, rows)
        super().__init__(tokens, combined, _describe(parts, how, name))
        if any(part.has_subwords for part in parts):
            self.subwords = _Composed(combined)

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), self._arguments


def _check(parts: Sequence[Rows], how: How) -> None:
    if how not in get_args(How):
        raise ValueError(f"how={how!r}: expected one of {', '.join(get_args(How))}")
    for part in parts:
        if not isinstance(part, Rows):
            raise ValueError(
                "expected vectors, as load() and from_arrays() return them, found "
                f"{type(part).__name__} {part!r:.80}"
            )
    if len(parts) < 2:
        raise ValueError(f"expected two releases or more, found {len(parts)}")
    dimensions = sorted({part.dimension for part in parts})
    if how != "concat" and len(dimensions) > 1:
        raise ValueError(
            f"how={how!r} needs vectors of one dimension, found "
            f"{', '.join(map(str, dimensions))}: use how='concat'"
        )
    total = sum(part.dimension for part in parts)
    if how == "concat" and total > MOST_NUMBERS:
        raise ValueError(
            f"how='concat' would make vectors of {total:,} numbers, and no file may "
            f"have more than {MOST_NUMBERS:,} in a row: stack fewer releases"
        )


def _unite_tokens(parts: Sequence[Rows]) -> list[bytes]:
    """Return the tokens of the first release, then the new ones of the next, ..."""
    united: list[bytes] = []
    for i, part in enumerate(parts):
        is_new = np.ones(len(part), np.bool_)
        is_new[part.find_repeated()] = False
        for start in range(0, len(part), _STEP):
            words = part.tokens[start : start + _STEP]
            for other in parts[:i]:
                is_new[start : start + _STEP] &= other.rows(words) < 0
        united += part.tokens.read_bytes(np.flatnonzero(is_new))
    return united


def _match(part: Rows, tokens: Sequence[bytes], case: Case) -> NDArray[np.int32]:
    """Return the row of each token in a release, or -1."""
    rows = np.empty(len(tokens), np.int32)
    for start in range(0, len(tokens), _STEP):
        words = [*map(decode_token, tokens[start : start + _STEP])]
        rows[start : start + _STEP] = match_words(part, words, case).rows
    return rows


def _describe(parts: Sequence[Rows], how: How, name: str | None) -> dict[str, Any]:
    """Return a provenance that lists all releases."""
    licenses = dict.fromkeys(part.license for part in parts)
    citations = dict.fromkeys(part.citation for part in parts if part.citation)
    rounded = (part.provenance["rounded_to"] for part in parts)
    return {
        "name": name or " + ".join(part.name for part in parts),
        # An expression of SPDX: the terms of all of them apply.
        "license": None if None in licenses else " AND ".join(map(_enclose, licenses)),
        "citation": "\n".join(citations) or None,
        "how": how,
        "rounded_to": next(filter(None, rounded), None),
        "parts": [part.provenance for part in parts],
    }


def _enclose(license: str | None) -> str:
    """Return an expression of SPDX in brackets if ``AND`` would take a part of it."""
    return f"({license})" if " OR " in str(license) else str(license)


class _Found(NamedTuple):
    """The vectors of some words in one release; zeros where there is none."""

    vectors: NDArray[np.float32]
    has_row: NDArray[np.bool_]
    is_composed: NDArray[np.bool_]  # of n-grams

    @property
    def is_found(self) -> NDArray[np.bool_]:
        """Which words have a vector."""
        return self.has_row | self.is_composed


class _Stacked(MadeRows):
    """Rows that are made from those of several releases."""

    def __init__(
        self,
        parts: Sequence[Rows],
        tokens: Sequence[bytes],
        rows: Sequence[NDArray[Any]],
    ) -> None:
        super().__init__(len(tokens), self._find_dimension(parts))
        self._parts, self._tokens, self._rows = parts, tokens, rows

    def _find_dimension(self, parts: Sequence[Rows]) -> int:
        return parts[0].dimension

    def make(self, rows: NDArray[np.int64]) -> NDArray[np.float32]:
        tokens = [self._tokens[row] for row in rows.tolist()]
        each = zip(self._parts, self._rows, strict=True)
        return self._combine([_find(part, tokens, found[rows]) for part, found in each])

    def compose(
        self, tokens: Sequence[bytes]
    ) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
        """Return the vectors of words by n-grams alone, and which words have any."""
        no_rows = np.full(len(tokens), -1)
        found = [_find(part, tokens, no_rows) for part in self._parts]
        is_found = np.any([one.is_found for one in found], axis=0)
        return self._combine(found), is_found

    def _combine(self, found: list[_Found]) -> NDArray[np.float32]:
        raise NotImplementedError


def _find(part: Rows, tokens: Sequence[bytes], rows: NDArray[Any]) -> _Found:
    """Find words in a release, whose rows there are known; -1 for one without."""
    vectors = np.zeros((len(rows), part.dimension), np.float32)
    has_row = rows >= 0
    is_composed = np.zeros(len(rows), np.bool_)
    places = np.flatnonzero(has_row)
    part.fill(vectors, places, rows[places])
    if part.has_subwords and not has_row.all():
        others = np.flatnonzero(~has_row)
        words = [decode_token(tokens[i]) for i in others.tolist()]
        vectors[others], is_composed[others] = part.compose(words)
    return _Found(vectors, has_row, is_composed)


class _Concatenated(_Stacked):
    """The vectors of all releases, one behind the other; zeros for one without it."""

    def _find_dimension(self, parts: Sequence[Rows]) -> int:
        return sum(part.dimension for part in parts)

    def _combine(self, found: list[_Found]) -> NDArray[np.float32]:
        return np.concatenate([one.vectors for one in found], axis=1)


class _Mean(_Stacked):
    """The mean of the vectors of those releases that have one."""

    def _combine(self, found: list[_Found]) -> NDArray[np.float32]:
        total = np.zeros(found[0].vectors.shape)
        count = np.zeros(len(total), np.int64)
        for one in found:
            total += one.vectors
            count += one.is_found
        total /= np.maximum(count, 1)[:, None]
        return total.astype(np.float32)


class _First(_Stacked):
    """The vector of the first release that has a row, or else composes one."""

    def _combine(self, found: list[_Found]) -> NDArray[np.float32]:
        made = np.zeros_like(found[0].vectors)
        is_made = np.zeros(len(made), np.bool_)
        for one, has_one in (
            *((one, one.has_row) for one in found),
            *((one, one.is_composed) for one in found),
        ):
            is_new = has_one & ~is_made
            made[is_new] = one.vectors[is_new]
            is_made |= is_new
        return made


class _Composed:
    """The n-grams of a stack, with the method of `Subwords`."""

    def __init__(self, stacked: _Stacked) -> None:
        self._stacked = stacked

    def make(
        self, words: Sequence[bytes]
    ) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
        """Return the vectors of words as `Subwords.make` does."""
        return self._stacked.compose(words)


_KINDS: dict[How, type[_Stacked]] = {
    "concat": _Concatenated,
    "mean": _Mean,
    "first": _First,
}
