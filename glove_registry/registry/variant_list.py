"""`VariantList`: variants, as a table in notebooks."""

from ..messages.html import format_html_table
from .variant import Variant

_MOST_ROWS = 60
_COLUMNS = ("name", "language", "dimension", "words", "cased", "download", "corpus")
_NUMBERS = ("dimension", "words", "download")


class VariantList(list[Variant]):
    """A list of variants, which notebooks show as a table."""

    __slots__ = ()

    def _repr_html_(self) -> str:
        rows = [
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
        notes = [f"and {more:,} more"] if more else []
        return format_html_table(_COLUMNS, rows, _NUMBERS, notes=notes)
