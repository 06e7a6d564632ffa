"""Several releases as one: all their words, each with a vector made from theirs."""

from collections.abc import Sequence
from typing import Any, Literal, TypeAlias, get_args

import numpy as np
from numpy.typing import NDArray

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
        super().__init__(tokens, _KINDS[how](parts, rows), _describe(parts, how, name))

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
        words = [
            token.decode("utf-8", "surrogateescape")
            for token in tokens[start : start + _STEP]
        ]
        rows[start : start + _STEP] = match_words(part, words, case).rows
    return rows


def _describe(parts: Sequence[Rows], how: How, name: str | None) -> dict[str, Any]:
    """Return a provenance that lists all releases."""
    licenses = dict.fromkeys(part.license for part in parts)
    citations = dict.fromkeys(part.citation for part in parts if part.citation)
    return {
        "name": name or " + ".join(part.name for part in parts),
        # An expression of SPDX: the terms of all of them apply.
        "license": None if None in licenses else " AND ".join(map(_enclose, licenses)),
        "citation": "\n".join(citations) or None,
        "how": how,
        "parts": [part.provenance for part in parts],
    }


def _enclose(license: str | None) -> str:
    """Return an expression of SPDX in brackets if ``AND`` would take a part of it."""
    return f"({license})" if " OR " in str(license) else str(license)


class _Stacked(MadeRows):
    """Rows that are made from those of several releases."""

    def __init__(self, parts: Sequence[Rows], rows: Sequence[NDArray[Any]]) -> None:
        super().__init__(len(rows[0]), self._find_dimension(parts))
        self._parts = list(zip(parts, rows, strict=True))

    def _find_dimension(self, parts: Sequence[Rows]) -> int:
        return parts[0].dimension


class _Concatenated(_Stacked):
    """The vectors of all releases, one behind the other; zeros for one without it."""

    def _find_dimension(self, parts: Sequence[Rows]) -> int:
        return sum(part.dimension for part in parts)

    def make(self, rows: NDArray[np.int64]) -> NDArray[np.float32]:
        made = np.zeros((len(rows), self.shape[1]), np.float32)
        start = 0
        for part, found in self._parts:
            places = np.flatnonzero(found[rows] >= 0)
            made[places, start : start + part.dimension] = part.take(
                found[rows[places]]
            )
            start += part.dimension
        return made


class _Mean(_Stacked):
    """The mean of the vectors of those releases that have one."""

    def make(self, rows: NDArray[np.int64]) -> NDArray[np.float32]:
        total = np.zeros((len(rows), self.shape[1]))
        count = np.zeros((len(rows), 1))
        for part, found in self._parts:
            places = np.flatnonzero(found[rows] >= 0)
            total[places] += part.take(found[rows[places]])
            count[places] += 1
        return np.asarray(total / count, np.float32)


class _First(_Stacked):
    """The vector of the first release that has one."""

    def make(self, rows: NDArray[np.int64]) -> NDArray[np.float32]:
        made = np.empty((len(rows), self.shape[1]), np.float32)
        missing = np.arange(len(rows))
        for part, found in self._parts:
            is_found = found[rows[missing]] >= 0
            places = missing[is_found]
            made[places] = part.take(found[rows[places]])
            missing = missing[~is_found]
        return made


_KINDS: dict[How, type[_Stacked]] = {
    "concat": _Concatenated,
    "mean": _Mean,
    "first": _First,
}
