"""What a store says of its origin, compared with an entry."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .variant import Variant


def is_read_alike(origin: Mapping[str, Any], variant: "Variant") -> bool:
    """Return whether a store was compiled as the entry wants its text to be read.

    `origin` is the provenance of the store.
    """
    if origin.get("prefix") != variant.prefix:
        return False
    if origin.get("any_rows") and variant.rows != "any":
        return False  # the header may announce another number
    # What an entry does not state is recognized; earlier stores do not say as what.
    wanted = variant.format or origin.get("recognized_format")
    # Rows that look odd are read differently where the dimension is known; if there
    # were any, there is a warning. Stores of format 1 do not say whether it was.
    was_known = origin.get("stated_dimension", "unknown") is not None
    looked_odd = bool(origin.get("warnings"))
    return origin.get("format") == wanted and not (
        looked_odd and was_known and variant.dimension is None
    )
