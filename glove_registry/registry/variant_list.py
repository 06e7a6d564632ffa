"""`VariantList`: variants, as a table."""

from ..messages.html import format_html_table
from ..messages.layout import format_table
from .variant import Variant

_MOST_ROWS = 60
_COLUMNS = ("name", "language", "dimension", "words", "cased", "download", "corpus")
_NUMBERS = ("dimension", "words", "download")


class VariantList(list[Variant]):
    """A list of variants, which is shown as a table."""

    __slots__ = ()

    def __repr__(self) -> str:
        rows, notes = self._list_rows()
        return "\n".join([format_table(_COLUMNS, rows, _NUMBERS), *notes])

    def _repr_html_(self) -> str:
        rows, notes = self._list_rows()
        return format_html_table(_COLUMNS, rows, _NUMBERS, notes=notes)

    def _list_rows(self) -> tuple[list[tuple[str, ...]], list[str]]:
        """Return the first rows of the table, and how many more there are."""
        rows: list[tuple[str, ...]] = [
            (
                variant.name,
                variant.language or "",
                str(variant.dimension or ""),
                f"{variant.row_count:,}" if variant.row_count else "",
                {True: "yes", False: "no", None: ""}[variant.cased],
                str(variant.download),
                " ".join((variant.corpus or "").split()),
            )
            for variant in self[:_MOST_ROWS]
        ]
        more = len(self) - len(rows)
        return rows, [f"and {more:,} more"] if more else []
