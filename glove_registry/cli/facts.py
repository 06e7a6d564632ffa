"""Facts about variants and benchmarks, as `list` and `info` show them."""

from typing import TYPE_CHECKING

from ..messages.layout import format_bytes, format_sources
from ..registry.names import DEFAULT_TOKENIZER

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from ..download import Cost
    from ..registry import Benchmark, Member, Resource, Source, Variant
    from ..registry.families import Family


COLUMNS = ("NAME", "LANG", "DIM", "WORDS", "DOWNLOAD", "DISK", "CASED", "CORPUS")
NUMBERS = ("DIM", "WORDS", "DOWNLOAD", "DISK")


def list_columns(
    listed: "Variant | Family", costs: "Mapping[str, Cost]"
) -> tuple[str, ...]:
    """List what `list` shows of a variant, or what the variants of a family share.

    `costs` has what each costs by the name of the variant.
    """
    from ..registry import Variant

    if isinstance(listed, Variant):
        cost = costs[listed.name]
        return (
            listed.name,
            listed.language or "-",
            or_dash(listed.dimension),
            or_dash(listed.row_count, "{:,}"),
            summarize_download(listed, cost),
            "-" if cost.disk is None else format_bytes(cost.disk),
            yes_or_no(listed.cased),
            join_lines(listed.corpus) or "-",
        )
    members = [list_columns(variant, costs) for variant in listed.variants]
    _, *columns = zip(*members, strict=True)
    *shared, corpus = [
        cells[0] if len({*cells}) == 1 else "varies" for cells in columns
    ]
    return listed.pattern, *shared, f"{listed.size}: {corpus}"


def list_own_facts(resource: "Variant | Benchmark") -> list[tuple[str, str]]:
    """List what only variants, or only benchmarks, have; and the description."""
    from ..registry import Benchmark
    from ..registry.languages import describe_language

    description = ("description", join_lines(resource.description))
    if isinstance(resource, Benchmark):
        return [
            description,
            ("task", resource.task),
            ("case", resource.case),
            ("oov", resource.oov),
            ("published", "; ".join(each.source for each in resource.published)),
        ]
    revision = resource.revision or ""
    if others := [other for other in resource.revisions if other != revision]:
        revision += f" (also: {', '.join(others)})"
    return [
        ("aliases", join_lines(", ".join(resource.aliases))),
        ("revision", revision),
        description,
        ("choose when", join_lines(resource.choose_when)),
        ("corpus", join_lines(resource.corpus)),
        ("tokens", join_lines(resource.tokens)),
        ("dimension", or_dash(resource.dimension)),
        ("words", or_dash(resource.row_count, "{:,}")),
        ("sample of", resource.sample_of or ""),
        ("language", describe_language(resource.language)),
        ("cased", yes_or_no(resource.cased)),
        ("tokenizer", resource.tokenizer or f"{DEFAULT_TOKENIZER} (not stated)"),
        ("format", resource.format or ""),
        ("prefix", join_lines(resource.prefix)),
    ]


def summarize_download(variant: "Variant", cost: "Cost") -> str:
    """Return what a first load transfers, for a column."""
    if cost.cached and not variant.is_included:
        return "cached"
    if cost.download.bytes == 0:
        return "included" if variant.is_included else "local"
    if variant.anchor is None:
        return "unverified"
    return str(cost.download).replace("at most", "<=")


def describe_download(variant: "Resource", cost: "Cost") -> str:
    """Return what a first load transfers, in words."""
    if variant.is_included:
        return "nothing: it is included in a package"
    if cost.cached:
        return "nothing: it is in the cache"
    if cost.download.bytes == 0:
        return "nothing: it is a local file"
    return str(cost)


def describe_disk(cost: "Cost") -> str:
    """Return how much of the disk it takes, in words."""
    return "unknown" if cost.disk is None else f"about {format_bytes(cost.disk)}"


def to_dict(resource: "Resource", cost: "Cost") -> dict[str, object]:
    """Return all facts, and what the first load costs here, as plain values for JSON.

    `download` is what the entry tells, whether the cache has it or not.
    """
    return {**resource.to_dict(), "disk": cost.disk, "cached": cost.cached}


def estimate_here(resources: "Iterable[Resource]") -> "list[Cost]":
    """Return what resources cost with the cache of this machine, if it has one."""
    from ..cache import Cache
    from ..download import estimate_costs
    from ..errors import CacheError

    try:
        cache = Cache.locate()
    except CacheError:
        cache = None
    return estimate_costs(resources, cache)


def list_checksum(file: "Source | Member") -> list[tuple[str, str]]:
    """List the sha256 of a file or a text, and how many sources give it."""
    return [
        ("  sha256", file.sha256 or "not known"),
        ("  attested", f"by {format_sources(file.attested)}" if file.attested else ""),
    ]


def join_lines(text: str | None) -> str:
    """Return a text on one line, for the cell of a table."""
    return (text or "").strip("\n").replace("\n", " ")


def or_dash(value: int | None, form: str = "{}") -> str:
    """Return a number in a format, or a dash for none."""
    return "-" if value is None else form.format(value)


def yes_or_no(value: bool | None) -> str:
    """Return a flag in words, or a dash for none."""
    return "-" if value is None else "yes" if value else "no"
