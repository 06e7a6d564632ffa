"""From entries to HTML: the page of all, and a page of each."""

import itertools
from collections.abc import Callable, Sequence
from functools import cache
from importlib.resources import files

from ..messages.layout import format_bytes, format_count, format_sources
from ..pages import make_renderer
from ..registry import Source, Variant
from ..registry.languages import describe_language
from ..registry.schemes import find_scheme
from ..registry.urls import read_file_path
from .code import write_call, write_command, write_python
from .entries import Card, Entry
from .facts import FACETS, NOT_STATED, collect_facts, count_values, describe_case

# Above, a family is listed only when asked for.
_MOST_ROWS = 8


@cache
def make_page_renderer() -> Callable[..., str]:
    """Return the function that renders the templates of the catalogue."""
    return make_renderer(
        files(__package__),
        {
            "case": describe_case,
            "count": format_count,
            "language": describe_language,
            "python": write_python,
            "size": format_bytes,
            "sources": format_sources,
            "thousands": "{:,}".format,
        },
    )


def render_index(render: Callable[..., str], cards: Sequence[Card]) -> str:
    """Return the page of all entries."""
    entries = [entry for card in cards for entry in card.entries]
    heads = [entry.head for entry in entries]
    return render(
        "index.html",
        styles=["catalogue.css", "index.css"],
        scripts=["copy.js", "index.js"],
        cards=cards,
        entries=entries,
        facets=[(facet, count_values(facet, heads)) for facet in FACETS],
        facts=list(map(collect_facts, entries)),
        most_rows=_MOST_ROWS,
        not_stated=NOT_STATED,
    )


def render_variant(render: Callable[..., str], entry: Entry, card: Card) -> str:
    """Return the page of one entry, with links to those of its card."""
    return render(
        "variant.html",
        styles=["catalogue.css", "variant.css"],
        scripts=["copy.js"],
        card=card,
        entry=entry,
        head=entry.head,
        group_sources=_group_sources,
        most_rows=_MOST_ROWS,
        not_stated=NOT_STATED,
        write_call=write_call,
        write_command=write_command,
    )


def _group_sources(
    variant: Variant,
) -> list[tuple[str | None, int | None, int | None, list[str]]]:
    """Return sha256, its sources, bytes and places of each file, mirrors together."""
    return [
        (*facts, [_show_place(source) for source in sources])
        for facts, sources in itertools.groupby(
            variant.sources, lambda one: (one.sha256, one.attested, one.bytes)
        )
    ]


def _show_place(source: Source) -> str:
    """Return the URL of a source, of a file on this machine only the name."""
    scheme = find_scheme(source.url)
    if scheme.place != "local":
        return source.url
    # Where it lies on this machine is nobody else's business.
    return read_file_path(scheme.read_path(source.url)).name
