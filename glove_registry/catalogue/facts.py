"""What the page is searched, filtered and sorted by."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from ..download import Cost
from ..pages import make_one_line
from ..registry import Variant
from ..registry.languages import describe_language

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


def collect_facts(revisions: Sequence[Variant], cost: Cost) -> dict[str, object]:
    """Return what the page's script needs to know of one entry, as values for JSON.

    Filters and order follow the first of its revisions, the default one, of which is
    the cost; a search covers all of them.
    """
    head = revisions[0]
    texts = [
        head.name,
        describe_language(head.language),
        head.corpus,
        *dict.fromkeys(r.description for r in revisions),
    ]
    hashes = [
        sha256
        for variant in revisions
        for sha256 in (variant.member.sha256, *(s.sha256 for s in variant.sources))
        if sha256
    ]
    return {
        "name": head.name,
        "text": "\n".join(map(make_one_line, texts)).strip(),
        "hashes": list(dict.fromkeys(hashes)),
        "words": head.row_count,
        "bytes": cost.download.bytes,
        "disk": cost.disk,
        **{facet.name: facet.get_value(head) for facet in FACETS},
    }
