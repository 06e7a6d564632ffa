"""The page as a whole: template, entries, and a policy that shuts all else out."""

import base64
import hashlib
import itertools
import json
import re
from collections.abc import Iterable
from importlib.resources import files
from pathlib import PurePath

from ..registry import Registry, Variant
from ..version import __version__
from .entry import render_entry
from .facts import FACETS, collect_facts
from .markup import Markup, element, join

_MARK = re.compile(r"\{\{(\w+)\}\}")


def render_page(registry: Registry) -> str:
    """Render all variants of a registry as one HTML page that needs nothing else.

    The same registry gives the same page, to the byte.

    Parameters
    ----------
    registry : Registry

    Returns
    -------
    str
    """
    entries = [
        list(revisions)
        for _, revisions in itertools.groupby(
            registry.list_revisions(), lambda variant: variant.name
        )
    ]
    style, script = _read("page.css"), _read("page.js")
    known = Registry.default()
    parts = {
        "policy": _make_policy(style, script),
        "version": join(__version__),
        "style": style,
        "script": script,
        "count": join(_count(len(entries))),
        "facets": join(*_render_facets([revisions[0] for revisions in entries])),
        "entries": join(
            *(
                render_entry(revisions, _find_file(revisions[0], known))
                for revisions in entries
            )
        ),
        "facts": _embed([collect_facts(revisions) for revisions in entries]),
    }
    # In one go, so that a mark in a text of the registry is text.
    return _MARK.sub(lambda mark: parts[mark[1]], _read("page.html"))


def _make_policy(style: str, script: str) -> str:
    """Allow this style and this script by their hashes, and nothing from elsewhere.

    See https://www.w3.org/TR/CSP3/#grammardef-hash-source.
    """
    return (
        f"default-src 'none'; style-src {_hash_source(style)}; "
        f"script-src {_hash_source(script)}; img-src data:; "
        "base-uri 'none'; form-action 'none'"
    )


def _hash_source(code: str) -> str:
    digest = hashlib.sha256(code.encode()).digest()
    return f"'sha256-{base64.b64encode(digest).decode()}'"


def _render_facets(variants: Iterable[Variant]) -> Iterable[Markup]:
    """Render a choice for each facet, with how many entries have each value."""
    variants = list(variants)
    for facet in FACETS:
        found = [facet.read(variant) for variant in variants]
        values = sorted(set(found), key=facet.order)
        yield element(
            "label",
            element("span", facet.label),
            element(
                "select",
                element("option", "any", value=""),
                *(
                    element("option", f"{value} ({found.count(value)})", value=value)
                    for value in values
                ),
                name=facet.name,
                data_facet=True,
            ),
        )


def _find_file(variant: Variant, known: Registry) -> str | None:
    """Find the registry file that `load` needs to be told of for an entry."""
    if variant.name in known and known.find(variant.name).origin == variant.origin:
        return None
    # Its name alone: where it lies on this machine is nobody else's business.
    return PurePath(variant.origin.rpartition(":")[0]).name


def _embed(facts: object) -> str:
    """Give JSON that can stand in a script element, which ends at the first ``</``."""
    text = json.dumps(facts, ensure_ascii=True, separators=(",", ":"))
    return text.replace("<", r"\u003c").replace(">", r"\u003e")


def _count(number: int) -> str:
    return f"{number} variant{'s' * (number != 1)}"


def _read(name: str) -> str:
    # Line ends are the same wherever git has checked the files out.
    return files(__package__).joinpath(name).read_text(encoding="utf-8")
