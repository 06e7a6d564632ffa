"""Parts of a vocabulary, counted by types and by tokens."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import reduce
from operator import add


@dataclass(frozen=True, slots=True)
class Share:
    """A part of a vocabulary.

    Attributes
    ----------
    types : int
        Words in it.
    tokens : int or None
        How often they occur, all together; None if nobody has counted.
    all_types : int
        Words of the whole vocabulary.
    all_tokens : int or None
        How often those occur.
    """

    types: int
    tokens: int | None
    all_types: int
    all_tokens: int | None

    @property
    def of_types(self) -> float:
        """Part of all types, 0 to 1."""
        return self.types / self.all_types

    @property
    def of_tokens(self) -> float | None:
        """Part of all tokens, 0 to 1; None if nobody has counted."""
        if self.tokens is None or self.all_tokens is None:
            return None
        return self.tokens / self.all_tokens

    @property
    def weight(self) -> float:
        """Part of all tokens, or of all types if nobody has counted."""
        return self.of_types if self.of_tokens is None else self.of_tokens

    def __add__(self, other: "Share") -> "Share":
        """Give what two parts that do not overlap are together."""
        tokens = None
        if self.tokens is not None and other.tokens is not None:
            tokens = self.tokens + other.tokens
        return Share(self.types + other.types, tokens, self.all_types, self.all_tokens)

    def to_dict(self) -> dict[str, int | float | None]:
        """Give its numbers and shares as values that JSON can hold."""
        return {
            "types": self.types,
            "tokens": self.tokens,
            "of_types": self.of_types,
            "of_tokens": self.of_tokens,
        }


@dataclass(frozen=True, slots=True)
class Cause:
    """Misses that have one cause.

    Attributes
    ----------
    name : str
    share : Share
    examples : tuple of str
        The first of them.
    remedy : str or None
        What would mend it; None if nothing would.
    """

    name: str
    share: Share
    examples: tuple[str, ...]
    remedy: str | None


def gather(causes: Sequence[Cause], most: int) -> list[Cause]:
    """Put the smaller causes together, so that there are `most` of them.

    What no cause is known of comes last and stays by itself.
    """
    if len(causes) <= most:
        return list(causes)
    known = [cause for cause in causes if cause.remedy is not None]
    unknown = causes[len(known) :]
    kept = most - len(unknown) - 1
    others = reduce(add, (cause.share for cause in known[kept:]))
    return [*known[:kept], Cause("other causes", others, (), None), *unknown]


def count(number: int, one: str, many: str) -> str:
    """Give a number and what it is of, as "1 miss" and "2 misses"."""
    return f"{number:,} {one if number == 1 else many}"


def format_share(share: float) -> str:
    """Give a share in per cent, where only all is 100 and only nothing is 0.

    Examples
    --------
    >>> [format_share(share) for share in (1, 0.99996, 0.5081, 0.0001, 0)]
    ['100 %', '>99.9 %', '50.8 %', '<0.1 %', '0 %']
    """
    if share in (0, 1):
        return f"{100 * share:.0f} %"
    if share >= 0.9995:
        return ">99.9 %"
    return f"{100 * share:.1f} %" if share >= 0.0005 else "<0.1 %"
