"""`Neighbours`: words and their scores, as a table."""

from typing import SupportsIndex, overload

from ..messages.layout import cut, format_table
from ..messages.printable import make_line

# Of a word, which can have 64 kB, as all rows of a table are as wide as the widest.
_COLUMNS = 60


class Neighbours(list[tuple[str, float]]):
    """Words and their scores, the best first; returned by ``Vectors.most_similar``.

    A list of pairs, which is shown as a table.

    Examples
    --------
    >>> import glove_registry
    >>> vectors = glove_registry.load("glove.6B.50d-first10k")
    >>> near = vectors.most_similar("film", topn=3)
    >>> print(near)
    movie        0.9310
    films        0.9237
    documentary  0.8718
    >>> near.words
    ['movie', 'films', 'documentary']
    >>> len(near), near[0][0], [word for word, score in near if score > 0.9]
    (3, 'movie', ['movie', 'films'])
    """

    __slots__ = ()

    @property
    def words(self) -> list[str]:
        """The words without their scores."""
        return [word for word, _ in self]

    @property
    def scores(self) -> list[float]:
        """The scores without their words."""
        return [score for _, score in self]

    @overload
    def __getitem__(self, i: SupportsIndex) -> tuple[str, float]: ...
    @overload
    def __getitem__(self, i: slice) -> "Neighbours": ...
    def __getitem__(self, i: SupportsIndex | slice) -> "tuple[str, float] | Neighbours":
        if isinstance(i, slice):
            return Neighbours(super().__getitem__(i))
        return super().__getitem__(i)

    def to_dicts(self) -> list[dict[str, str | float]]:
        """Return plain values for JSON, or for a table of pandas.

        Examples
        --------
        >>> import glove_registry
        >>> vectors = glove_registry.load("glove.6B.50d-first10k")
        >>> vectors.most_similar("film", topn=1).to_dicts()[0]["word"]
        'movie'
        """
        return [{"word": word, "score": score} for word, score in self]

    def __str__(self) -> str:
        if not self:
            return "no words"
        return format_table(None, self._list_rows(), fit=False)

    __repr__ = __str__

    def _repr_html_(self) -> str:
        from ..messages.html import format_html_table  # only notebooks need it

        return format_html_table(("word", "score"), self._list_rows(), ("score",))

    def _list_rows(self) -> list[tuple[str, str]]:
        return [(cut(make_line(word), _COLUMNS), f"{s:.4f}") for word, s in self]
