"""What a word gets that has no vector: out-of-vocabulary rules."""

import hashlib
import re
from collections.abc import Callable, Sequence
from typing import TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..errors import UnknownWordError
from ..store import encode
from .rows import Rows

Fill: TypeAlias = Callable[[Sequence[str]], NDArray[np.float32]]
OovRule: TypeAlias = str | Callable[[str], ArrayLike]

OOV_RULES = ("zeros", "mean", "unk", "normal", "error")

# The row by this name is the authors' own vector for unknown words, where there is
# one. The word "unk" of glove.6B is an ordinary token.
_UNK = "<unk>"
_NORMAL = re.compile(r"normal(?::([0-9]{1,9}))?")


def is_oov_rule(value: object) -> bool:
    """Say whether a value is the name of a rule."""
    return isinstance(value, str) and (
        value in OOV_RULES or bool(_NORMAL.fullmatch(value))
    )


def check_oov(oov: object) -> None:
    """Raise `ValueError` if there is no such rule for words without a vector."""
    if not (callable(oov) or is_oov_rule(oov)):
        raise ValueError(
            f"oov={oov!r}: expected one of {', '.join(OOV_RULES)}, normal:SEED, or a "
            "function from a word to a vector"
        )


def check_misses(oov: OovRule, rows: Rows, misses: Sequence[str]) -> None:
    """Raise `UnknownWordError` if a miss is to be one."""
    if misses and isinstance(oov, str) and oov == "error":
        shown = ", ".join(repr(word) for word in misses[:5])
        more = ", ..." if len(misses) > 5 else ""
        raise UnknownWordError(
            f"oov='error': {len(misses):,} words have no vector in {rows.name}: "
            f"{shown}{more}"
        )


def make_fill(oov: OovRule, rows: Rows) -> Fill:
    """Make the function that gives words without a vector one.

    Parameters
    ----------
    oov : str or callable
        ``"zeros"``; ``"mean"`` of all vectors, as the authors of GloVe advise;
        ``"unk"``, the release's own ``<unk>`` row; ``"normal"`` or ``"normal:SEED"``,
        drawn from the normal distribution with the mean and standard deviation that
        the release has in each dimension, where the word itself seeds the draw;
        ``"error"``; or a function from a word to a vector.
    rows : Rows

    Returns
    -------
    callable
        From n words to an ndarray of shape (n, dimension), float32.

    Raises
    ------
    ValueError
        There is no such rule.
    UnknownWordError
        `oov` is ``"unk"``, and the release has no ``<unk>`` row.

    Notes
    -----
    A mean of all vectors for unknown words is Jeffrey Pennington's advice in the
    discussion group of GloVe, for releases without a row of their own for it.
    """
    # Asked first: an array in place of a name would be compared number by number.
    check_oov(oov)
    if callable(oov):
        return _make_custom(oov, rows)
    if drawn := _NORMAL.fullmatch(oov):
        return _make_normal(int(drawn[1] or 0), rows)
    if oov == "mean":
        return _repeat(rows.moments[0].astype(np.float32))
    if oov == "unk":
        if _UNK not in rows:
            raise UnknownWordError(
                f"oov='unk': {rows.name} has no {_UNK} row; say oov='mean', which is "
                "the nearest to it"
            )
        return _repeat(rows[_UNK])
    # By "error", no word comes as far as here; a special token does.
    return _repeat(np.zeros(rows.dimension, np.float32))


def _repeat(vector: NDArray[np.float32]) -> Fill:
    return lambda words: np.broadcast_to(vector, (len(words), len(vector)))


def _make_custom(rule: Callable[[str], ArrayLike], rows: Rows) -> Fill:
    def ask(words: Sequence[str]) -> NDArray[np.float32]:
        vectors = np.empty((len(words), rows.dimension), np.float32)
        for i, word in enumerate(words):
            vector = np.asarray(rule(word))
            if vector.shape != (rows.dimension,):
                raise ValueError(
                    f"oov: the function gave an array of shape {vector.shape} for "
                    f"{word!r}, expected ({rows.dimension},)"
                )
            vectors[i] = vector
        return vectors

    return ask


def _make_normal(seed: int, rows: Rows) -> Fill:
    mean, deviation = rows.moments

    def draw(words: Sequence[str]) -> NDArray[np.float32]:
        normal = np.empty((len(words), rows.dimension))
        for i, word in enumerate(words):
            normal[i] = _draw_standard_normal(word, seed, rows.dimension)
        drawn: NDArray[np.float32] = (mean + deviation * normal).astype(np.float32)
        return drawn

    return draw


def _draw_standard_normal(word: str, seed: int, count: int) -> NDArray[np.float64]:
    """Draw numbers that depend on nothing but the word and the seed.

    By a hash and the transform of Box and Muller (1958), not by numpy's generators,
    whose normal numbers may change between versions (NEP 19).
    """
    pairs = -(-count // 2)
    key = seed.to_bytes(8, "little") + encode(word)
    bits = np.frombuffer(hashlib.shake_128(key).digest(8 * pairs), "<u4")
    uniform = (bits + 0.5) / 2**32
    radius = np.sqrt(-2 * np.log(uniform[:pairs]))
    angle = 2 * np.pi * uniform[pairs:]
    return np.concatenate([radius * np.cos(angle), radius * np.sin(angle)])[:count]
