"""From a registry to one HTML page."""

import itertools
import json
import os
from collections import Counter
from importlib.resources import files
from pathlib import Path, PurePath

from ..download import estimate_costs
from ..messages.layout import format_bytes, format_sources
from ..messages.printable import make_printable
from ..pages import make_renderer, write_page
from ..registries import Registry
from ..registry import Variant
from ..registry.languages import describe_language
from .facts import (
    FACETS,
    NOT_STATED,
    Facet,
    collect_facts,
    describe_case,
)

FILE = "index.html"


def write_catalogue(registry: Registry, folder: str | os.PathLike[str]) -> Path:
    """Write a static page of all variants of a registry, and return its path.

    It is ``index.html`` in the folder, which is created if it does not exist. Raises
    `OutputError` if the folder cannot be created or written to.
    """
    page = Path(folder) / FILE
    write_page(page, render_registry(registry))
    return page


def render_registry(registry: Registry) -> str:
    """Return all variants of a registry as one HTML page that needs nothing else.

    The same registry gives the same page, byte for byte.
    """
    render = make_renderer(
        files(__package__),
        {
            "case": describe_case,
            "language": describe_language,
            "size": format_bytes,
            "sources": format_sources,
            "thousands": "{:,}".format,
        },
    )
    entries = [
        list(revisions)
        for _, revisions in itertools.groupby(
            registry.list_revisions(), lambda variant: variant.name
        )
    ]
    known = Registry.default()
    # With an empty cache, as readers of the page have others.
    costs = estimate_costs([entry[0] for entry in entries], None)
    return render(
        "page.html",
        styles=["page.css"],
        scripts=["page.js", "copy.js"],
        entries=[
            (entry, cost, _find_file(entry[0], known))
            for entry, cost in zip(entries, costs, strict=True)
        ],
        facets=[
            (facet, _count_values(facet, [entry[0] for entry in entries]))
            for facet in FACETS
        ],
        facts=list(map(collect_facts, entries, costs)),
        group_sources=_group_sources,
        list_arguments=_list_arguments,
        not_stated=NOT_STATED,
    )


def _count_values(facet: Facet, variants: list[Variant]) -> list[tuple[str, int]]:
    counts = Counter(map(facet.get_value, variants))
    return sorted(counts.items(), key=lambda item: facet.order(item[0]))


def _find_file(variant: Variant, known: Registry) -> str | None:
    """Return the registry file that `load` must be given for an entry, if any."""
    if variant.name in known and known.find(variant.name).origin == variant.origin:
        return None
    # Only its name: where it lies on this machine is nobody else's business.
    return PurePath(variant.origin.rpartition(":")[0]).name


def _group_sources(
    variant: Variant,
) -> list[tuple[str | None, int | None, int | None, list[str]]]:
    """Return sha256, its sources, bytes and URLs of each file, mirrors together."""
    return [
        (*facts, [source.url for source in sources])
        for facts, sources in itertools.groupby(
            variant.sources, lambda one: (one.sha256, one.attested, one.bytes)
        )
    ]


def _list_arguments(variant: Variant, reference: str, registry_file: str | None) -> str:
    """Return the arguments of the call of `load` that loads a variant."""
    arguments = [_quote(reference)]
    if registry_file is not None:
        arguments.append(f"registry={_quote(registry_file)}")
    if variant.anchor is None:
        arguments.append("trust_on_first_use=True")
    return ", ".join(arguments)


def _quote(text: str) -> str:
    # JSON's escapes mean the same in Python, as do those of unprintable characters.
    return make_printable(json.dumps(text, ensure_ascii=False))
