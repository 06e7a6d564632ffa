"""One entry of the registry as people read it: facts, load line, checksums, citation.

Every text of the registry goes through `element`, which escapes it.
"""

import itertools
import json
import re
from collections.abc import Iterable, Sequence

from ..messages.printable import make_printable
from ..registry import Variant
from .facts import NOT_STATED, one_line, say_case
from .markup import Markup, element, join

# Nothing else is made a link: a homepage is any text, such as javascript:.
_LINK = re.compile(r"https?://[^\s\x00-\x1f\x7f]+", re.IGNORECASE)

# Where a narrow screen breaks a line; it is not copied.
_MAY_BREAK = Markup("<wbr>")

_BADGE = "no checksum: has to be trusted on first use"
_NO_CHECKSUM = (
    "No checksum is known, so that nothing can be verified: what arrives has to be "
    "trusted on first use. Its sha256 is then recorded, and later loads on that "
    "machine are held to it."
)
_BY_RANGE = "Of the archive only this member is fetched, where the server allows it."


def render_entry(revisions: Sequence[Variant], registry_file: str | None) -> Markup:
    """Render an entry.

    Parameters
    ----------
    revisions : sequence of Variant
        All revisions of the entry, its default first.
    registry_file : str or None
        The file that `load` has to be given to know the entry; None: it does anyway.
    """
    head = revisions[0]
    line = _load_line(head, head.name, registry_file)
    return element(
        "li",
        element(
            "article",
            element(
                "header",
                element("h2", element("a", head.name, href=f"#{head.name}")),
                element("p", one_line(head.corpus), class_="corpus")
                if head.corpus
                else None,
                None if head.anchor else element("p", _BADGE, class_="badge warning"),
            ),
            element("p", one_line(head.description)) if head.description else None,
            _render_facts(head),
            _render_line(line, f"the load line of {head.name}"),
            element(
                "details",
                element("summary", "Checksums, sources and citation"),
                *(
                    _render_revision(variant, head, registry_file)
                    for variant in revisions
                ),
                _render_about(head),
            ),
            id=head.name,
        ),
    )


def _render_facts(variant: Variant) -> Markup:
    """Render what variants are compared by."""
    size = variant.download.bytes
    facts = (
        ("Words", f"{variant.row_count:,}" if variant.row_count else NOT_STATED),
        ("Dimension", str(variant.dimension or NOT_STATED)),
        ("Case", say_case(variant)),
        (
            "Download",
            "included"
            if variant.is_included
            else str(variant.download)
            if size is not None
            else NOT_STATED,
        ),
        ("Licence", one_line(variant.license) or NOT_STATED),
    )
    return element(
        "dl",
        *(
            element(
                "div",
                element("dt", term),
                element("dd", text, class_="unknown" if text == NOT_STATED else None),
            )
            for term, text in facts
        ),
        class_="facts",
    )


def _render_revision(
    variant: Variant, head: Variant, registry_file: str | None
) -> Markup:
    """Render where one revision is and what its bytes must hash to."""
    others = []
    if variant.revision:
        title = join("Revision ", element("code", variant.revision))
        if variant is head:
            title = join(title, ", the default")
        elif variant.description and variant.description != head.description:
            others.append(element("p", one_line(variant.description)))
        if variant.row_count not in (None, head.row_count):
            others.append(element("p", f"{variant.row_count:,} words."))
        line = _load_line(variant, variant.reference, registry_file)
        others.append(_render_line(line, f"the load line of {variant.reference}"))
    else:
        title = Markup("Checksums and sources")
    if variant.anchor is None:
        others.append(element("p", _NO_CHECKSUM, class_="note warning"))
    return element(
        "section",
        element("h3", title),
        *others,
        element("dl", *_render_member(variant), *_render_sources(variant)),
    )


def _render_member(variant: Variant) -> Iterable[Markup]:
    member = variant.member
    if not (member.name or member.sha256 or member.bytes):
        return
    yield _render_record(
        "Text inside",
        element("code", one_line(member.name)) if member.name else "the only file",
        _count_bytes(member.bytes),
        _BY_RANGE if variant.by_range else None,
    )
    yield _render_hash("sha256 of the text", member.sha256, variant)


def _render_sources(variant: Variant) -> Iterable[Markup]:
    # Mirrors of one file stand together, so that its checksum stands there once.
    files = itertools.groupby(variant.sources, lambda s: (s.sha256, s.bytes))
    for (sha256, count), sources in files:
        urls = [element("li", _render_url(source.url)) for source in sources]
        yield _render_record(
            "File, at any of" if len(urls) > 1 else "File",
            element("ul", *urls),
            _count_bytes(count),
        )
        yield _render_hash("sha256 of the file", sha256, variant)


def _render_about(variant: Variant) -> Markup | None:
    """Render what all revisions have in common."""
    citation = variant.citation and variant.citation.strip()
    records = [
        _render_record(term, value)
        for term, value in (
            ("Corpus size", variant.tokens and f"{one_line(variant.tokens)} tokens"),
            ("Format", variant.format),
            ("Homepage", variant.homepage and _render_url(variant.homepage)),
            (
                "Citation",
                citation
                and element(
                    "pre", citation, data_copy=f"the citation of {variant.name}"
                ),
            ),
        )
        if value
    ]
    if not records:
        return None
    return element("section", element("h3", "About"), element("dl", *records))


def _render_line(line: str, what: str) -> Markup:
    call, bracket, arguments = line.partition("(")
    code = element("code", call + bracket, _MAY_BREAK, arguments, data_copy=what)
    return element("p", code, class_="line")


def _render_record(
    term: str, value: str, *more: str | None, class_: str | None = None
) -> Markup:
    notes = [element("p", note) for note in more if note]
    content = element("dd", value, *notes, class_=class_)
    return element("div", element("dt", term), content)


def _render_hash(term: str, sha256: str | None, variant: Variant) -> Markup:
    if sha256 is None:
        return _render_record(term, "not known", class_="unknown")
    code = element("code", sha256, data_copy=f"the {term} of {variant.reference}")
    return _render_record(term, code, class_="hash")


def _render_url(url: str) -> Markup:
    if _LINK.fullmatch(url):
        return element("a", url, href=url, rel="noopener noreferrer")
    return element("span", one_line(url))


def _load_line(variant: Variant, reference: str, registry_file: str | None) -> str:
    arguments = [_quote(reference)]
    if registry_file is not None:
        arguments.append(f"registry={_quote(registry_file)}")
    if variant.anchor is None:
        arguments.append("trust_on_first_use=True")
    return f"glove_registry.load({', '.join(arguments)})"


def _quote(text: str) -> str:
    # JSON's escapes mean the same in Python, as do those of what does not print.
    return make_printable(json.dumps(text, ensure_ascii=False))


def _count_bytes(count: int | None) -> str | None:
    return f"{count:,} bytes" if count else None
