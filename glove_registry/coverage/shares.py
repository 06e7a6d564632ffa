"""Parts of a vocabulary, by types and by tokens."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from ..messages.layout import count_columns


@dataclass(frozen=True, slots=True)
class Share:
    """A part of a vocabulary.

    Attributes
    ----------
    types : int
        Its words.
    tokens : int or None
        Occurrences of its words; None without counts.
    all_types : int
        Words of the vocabulary.
    all_tokens : int or None
        Occurrences of those; None without counts.
    """

    types: int
    tokens: int | None
    all_types: int
    all_tokens: int | None

    @property
    def of_types(self) -> float:
        """Share of all types, 0 to 1."""
        return self.types / self.all_types

    @property
    def of_tokens(self) -> float | None:
        """Share of all tokens, 0 to 1; None without counts."""
        if self.tokens is None or self.all_tokens is None:
            return None
        return self.tokens / self.all_tokens

    @property
    def weight(self) -> float:
        """Share of all tokens; of all types without counts."""
        return self.of_types if self.of_tokens is None else self.of_tokens

    def to_dict(self) -> dict[str, int | float | None]:
        """Return numbers and shares as plain values for JSON."""
        keys = ("types", "tokens", "of_types", "of_tokens")
        return {key: getattr(self, key) for key in keys}


@dataclass(frozen=True, slots=True)
class Cause:
    """Words that have no vector for the same reason.

    Attributes
    ----------
    name : str
    share : Share
    examples : tuple of str
        The first of the words.
    remedy : str or None
        What to do about it, with an example; None if nothing would help.
    """

    name: str
    share: Share
    examples: tuple[str, ...]
    remedy: str | None


def merge_smaller(causes: Sequence[Cause], most: int) -> list[Cause]:
    """Merge the smaller causes into one, so that there are at most `most`.

    Causes without a remedy come last and are not merged.
    """
    if len(causes) <= most:
        return list(causes)
    known = [cause for cause in causes if cause.remedy is not None]
    unknown = causes[len(known) :]
    kept = most - len(unknown) - 1
    shares = [cause.share for cause in known[kept:]]
    types = sum(share.types for share in shares)
    is_counted = shares[0].tokens is not None
    tokens = sum(share.tokens or 0 for share in shares) if is_counted else None
    merged = replace(shares[0], types=types, tokens=tokens)
    return [*known[:kept], Cause("other causes", merged, (), None), *unknown]


def format_share(share: float) -> str:
    """Return a share in per cent, where only all is 100 and only nothing is 0.

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


def quote_to_fit(word: str, room: int) -> str:
    r"""Return a word in quotes, shortened to `room` columns if need be.

    Characters that do not print are escaped as in Python; dots after the quotes stand
    for the rest of the word.

    Examples
    --------
    >>> print(quote_to_fit("it's", 20), quote_to_fit("a\tb", 20))
    "it's" 'a\tb'
    >>> print(quote_to_fit("abcdefghijkl", 10))
    'abcde'...
    """
    for kept in range(min(len(word), room), -1, -1):
        shown = repr(word[:kept]) + ("..." if kept < len(word) else "")
        if count_columns(shown) <= room:
            break
    return shown
