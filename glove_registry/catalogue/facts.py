"""What the page is searched, filtered and sorted by."""

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from ..pages import make_one_line
from ..registry import Variant
from ..registry.languages import describe_language
from .entries import Entry

NOT_STATED = "not stated"

# Upper bounds in bytes; decimal units, as download pages use them.
_SIZES = (
    (100_000_000, "under 100 MB"),
    (1_000_000_000, "100 MB to 1 GB"),
    (2_000_000_000, "1 to 2 GB"),
)
_LARGEST = "2 GB and more"
_INCLUDED = "included"


@dataclass(frozen=True, slots=True)
class Facet:
    """One property by which the page can be filtered.

    Attributes
    ----------
    name : str
        In the page's address.
    label : str
        For people.
    read : callable
        Returns the value of a variant, or None if it is not known.
    order : callable
        Returns the key by which values are sorted.
    """

    name: str
    label: str
    read: Callable[[Variant], str | None]
    order: Callable[[str], tuple[int, str]] = lambda value: (0, value.lower())

    def get_value(self, variant: Variant) -> str:
        """Return the value that the page shows and filters by."""
        return self.read(variant) or NOT_STATED


def describe_case(variant: Variant) -> str | None:
    """Return whether the corpus kept upper case; None if that is not known."""
    return {True: "cased", False: "uncased", None: None}[variant.cased]


def _read_size(variant: Variant) -> str | None:
    if variant.is_included:
        return _INCLUDED
    count = variant.download.bytes
    if count is None:
        return None
    return next((text for bound, text in _SIZES if count < bound), _LARGEST)


def _order_size(value: str) -> tuple[int, str]:
    sizes = [_INCLUDED, *(text for _, text in _SIZES), _LARGEST, NOT_STATED]
    return sizes.index(value), ""


FACETS = (
    Facet("corpus", "Corpus", lambda variant: make_one_line(variant.corpus)),
    Facet(
        "dimension",
        "Dimension",
        lambda variant: str(variant.dimension or ""),
        lambda value: (int(value) if value.isdigit() else 10**18, ""),
    ),
    Facet("language", "Language", lambda variant: describe_language(variant.language)),
    Facet("case", "Case", describe_case),
    Facet("license", "Licence", lambda variant: make_one_line(variant.license)),
    Facet("size", "Download", _read_size, _order_size),
)


def count_values(facet: Facet, variants: Iterable[Variant]) -> list[tuple[str, int]]:
    """Return the values of a facet in order, each with the number of its variants."""
    counts = Counter(map(facet.get_value, variants))
    return sorted(counts.items(), key=lambda item: facet.order(item[0]))


def collect_facts(entry: Entry) -> dict[str, object]:
    """Return what the page's script needs to know of one entry, as values for JSON.

    Filters and order follow the default revision; a search covers all of them, but not
    when to choose them, as that names other variants.
    """
    head = entry.head
    texts = [
        head.name,
        *head.aliases,
        describe_language(head.language),
        head.corpus,
        *dict.fromkeys(r.description for r in entry.revisions),
    ]
    hashes = [
        sha256
        for variant in entry.revisions
        for sha256 in (variant.member.sha256, *(s.sha256 for s in variant.sources))
        if sha256
    ]
    return {
        "name": head.name,
        "text": "\n".join(map(make_one_line, texts)).strip(),
        "hashes": list(dict.fromkeys(hashes)),
        "words": head.row_count,
        "bytes": entry.cost.download.bytes,
        "disk": entry.cost.disk,
        **{facet.name: facet.get_value(head) for facet in FACETS},
    }
