"""What can be searched, filtered and sorted by, in the words of the page."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from ..registry import Variant
from .markup import clean

NOT_STATED = "not stated"

# Upper bounds in bytes; decimal units, as download pages give them.
_SIZES = (
    (100_000_000, "under 100 MB"),
    (1_000_000_000, "100 MB to 1 GB"),
    (2_000_000_000, "1 to 2 GB"),
)
_LARGEST = "2 GB and more"
_INCLUDED = "included"


@dataclass(frozen=True, slots=True)
class Facet:
    """One thing by which the page can be filtered.

    Attributes
    ----------
    name : str
        As it stands in the page's address.
    label : str
        As people read it.
    read : callable
        Gives the value of a variant, never an empty one.
    order : callable
        Gives the key by which values are listed.
    """

    name: str
    label: str
    read: Callable[[Variant], str]
    order: Callable[[str], tuple[int, str]] = lambda value: (0, value.lower())


def say_case(variant: Variant) -> str:
    """Say whether the corpus kept upper case."""
    if variant.cased is None:
        return NOT_STATED
    return "cased" if variant.cased else "uncased"


def one_line(text: str | None) -> str | None:
    """Give text as a line that a page can hold; None stays None."""
    return None if text is None else clean(" ".join(text.split()))


def _say_size(variant: Variant) -> str:
    if variant.is_included:
        return _INCLUDED
    count = variant.download.bytes
    if count is None:
        return NOT_STATED
    return next((text for bound, text in _SIZES if count < bound), _LARGEST)


def _order_size(value: str) -> tuple[int, str]:
    sizes = [_INCLUDED, *(text for _, text in _SIZES), _LARGEST, NOT_STATED]
    return sizes.index(value), ""


FACETS = (
    Facet("corpus", "Corpus", lambda variant: one_line(variant.corpus) or NOT_STATED),
    Facet(
        "dimension",
        "Dimension",
        lambda variant: str(variant.dimension or NOT_STATED),
        lambda value: (int(value) if value.isdigit() else 10**18, ""),
    ),
    Facet("case", "Case", say_case),
    Facet(
        "license", "Licence", lambda variant: one_line(variant.license) or NOT_STATED
    ),
    Facet("size", "Download", _say_size, _order_size),
)


def collect_facts(revisions: Sequence[Variant]) -> dict[str, object]:
    """Collect what the page's script has to know of one entry.

    Parameters
    ----------
    revisions : sequence of Variant
        All revisions of the entry, its default first: filters and order go by that one,
        a search by all.

    Returns
    -------
    dict
        Values for JSON: those of `FACETS` by their names, the ``text`` to search, the
        checksums, and the numbers to sort by.
    """
    head = revisions[0]
    texts = [head.name, head.corpus, *dict.fromkeys(r.description for r in revisions)]
    hashes = [
        sha256
        for variant in revisions
        for sha256 in (variant.member.sha256, *(s.sha256 for s in variant.sources))
        if sha256
    ]
    return {
        "name": head.name,
        "text": "\n".join(one_line(text) or "" for text in texts).strip(),
        "hashes": list(dict.fromkeys(hashes)),
        "words": head.row_count,
        "bytes": head.download.bytes,
        **{facet.name: facet.read(head) for facet in FACETS},
    }
