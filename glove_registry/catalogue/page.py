"""One HTML page from a template, and a policy that allows nothing from elsewhere."""

import base64
import hashlib
import itertools
import json
import os
import re
from collections import Counter
from importlib.resources import files
from pathlib import Path, PurePath

from ..cache.publish import publish
from ..download import estimate_costs
from ..errors import OutputError
from ..messages.layout import format_bytes, format_sources
from ..messages.printable import make_printable
from ..registry import Registry, Variant
from ..registry.languages import describe_language
from ..version import __version__
from .facts import (
    FACETS,
    NOT_STATED,
    Facet,
    clean,
    collect_facts,
    describe_case,
    make_one_line,
)

FILE = "index.html"

# Nothing else becomes a link, such as the URL of a source in a store of objects.
_LINK = re.compile(r"https?://[^\s\x00-\x1f\x7f]+", re.IGNORECASE)


def write_catalogue(registry: Registry, folder: str | os.PathLike[str]) -> Path:
    """Write a static page of all variants of a registry, and return its path.

    It is ``index.html`` in the folder, which is created if it does not exist. Raises
    `OutputError` if the folder cannot be created or written to.
    """
    content = render_page(registry).encode()
    page = Path(folder) / FILE
    try:
        page.parent.mkdir(parents=True, exist_ok=True)
        with publish(page) as part:
            part.write_bytes(content)
    except OSError as error:
        raise OutputError(
            f"cannot write {page} ({error.strerror or error}): name a folder that can "
            "be created or written to"
        ) from error
    return page


def render_page(registry: Registry) -> str:
    """Return all variants of a registry as one HTML page that needs nothing else.

    The same registry gives the same page, byte for byte.
    """
    # Here, as only this command needs it.
    from jinja2 import Environment, StrictUndefined

    environment = Environment(
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        # Whatever the template inserts, except what it has made itself.
        finalize=lambda value: (
            value if hasattr(value, "__html__") else clean(str(value))
        ),
    )
    environment.tests["link"] = _LINK.fullmatch
    environment.filters |= {
        "one_line": make_one_line,
        "case": describe_case,
        "language": describe_language,
        "size": format_bytes,
        "sources": format_sources,
        "thousands": "{:,}".format,
    }
    entries = [
        list(revisions)
        for _, revisions in itertools.groupby(
            registry.list_revisions(), lambda variant: variant.name
        )
    ]
    known = Registry.default()
    # With an empty cache, as readers of the page have others.
    costs = estimate_costs([entry[0] for entry in entries], None)
    style, script = _read("page.css"), _read("page.js")
    return environment.from_string(_read("page.html")).render(
        policy=_make_policy(style, script),
        version=__version__,
        style=style,
        script=script,
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


def _read(name: str) -> str:
    # Line ends are the same wherever git has checked the files out.
    return files(__package__).joinpath(name).read_text(encoding="utf-8")
