"""The commands that show what the registry holds."""

import argparse
from typing import TYPE_CHECKING, Any

from ...errors import RegistryError
from ...messages.layout import format_table
from ...messages.printable import replace_unprintable
from ..arguments import (
    AS_JSON,
    NAME,
    PATTERN,
    REGISTRY,
    as_count,
    as_language,
    as_path,
)
from ..facts import (
    COLUMNS,
    NUMBERS,
    describe_disk,
    describe_download,
    estimate_here,
    join_lines,
    list_checksum,
    list_columns,
    list_own_facts,
    or_dash,
    to_dict,
)
from ..mistakes import require_match
from ..output import show, show_json, show_path, tell
from ..parser import add_command

if TYPE_CHECKING:
    from ...registries import Registry
    from ...registry import Variant


def add_commands(commands: Any) -> None:
    """Add the commands to a parser's."""
    listing = add_command(commands, "list", run_list, PATTERN, REGISTRY, AS_JSON)
    listing.add_argument(
        "--all", action="store_true", help="list the variants of families, too"
    )
    listing.add_argument(
        "--benchmarks", action="store_true", help="list the benchmarks instead"
    )
    listing.add_argument(
        "--dimension",
        metavar="N",
        type=as_count,
        help="only variants with so many numbers in a vector",
    )
    listing.add_argument(
        "--language",
        metavar="LANGUAGE",
        type=as_language,
        help="only variants of this language: a tag such as de or pt-BR, or its name",
    )
    add_command(commands, "info", run_info, NAME, REGISTRY, AS_JSON)
    add_command(commands, "cite", run_cite, NAME, REGISTRY, AS_JSON)
    add_command(commands, "schema", run_schema)
    page = add_command(commands, "catalogue", run_catalogue, REGISTRY, AS_JSON)
    page.add_argument(
        "--output",
        metavar="DIR",
        type=as_path,
        required=True,
        help="the folder for index.html and a page of each variant; created if needed",
    )


def run_list(options: argparse.Namespace) -> None:
    """List the variants, families as one line; or the benchmarks."""
    from ...registries import Registry

    registry = Registry.over_default(options.registry)
    filters = {"dimension": options.dimension, "language": options.language}
    stated = [f"--{name} {value}" for name, value in filters.items() if value]
    if options.benchmarks:
        if stated:
            options.command.error(f"{stated[0]} is not for --benchmarks")
        _list_benchmarks(registry, options)
        return
    variants = registry.list_variants(options.pattern, **filters)
    asked = [*([] if options.pattern == "*" else [options.pattern]), *stated]
    require_match(variants, " ".join(asked) or "*")
    show_variants(variants, options, fold=not (options.all or asked))


def show_variants(
    variants: "list[Variant]", options: argparse.Namespace, *, fold: bool = False
) -> None:
    """Show variants as a table, families on one line if asked, or as JSON."""
    from ...registry.families import fold_families

    costs = estimate_here(variants)
    if options.json:
        show_json([to_dict(*each) for each in zip(variants, costs, strict=True)])
        return
    listed = fold_families(variants) if fold else variants
    by_name = {one.name: cost for one, cost in zip(variants, costs, strict=True)}
    rows = [list_columns(each, by_name) for each in listed]
    show(format_table(COLUMNS, rows, right=NUMBERS, least=("CASED", "LANG")))
    if len(listed) < len(variants):
        tell("a name with a * is a family; list --all shows each variant")


def _list_benchmarks(registry: "Registry", options: argparse.Namespace) -> None:
    benchmarks = registry.list_benchmarks(options.pattern)
    require_match(benchmarks, options.pattern, "benchmark", "list --benchmarks")
    if options.json:
        show_json([benchmark.to_dict() for benchmark in benchmarks])
        return
    rows = [(b.name, b.task, join_lines(b.description) or "-") for b in benchmarks]
    show(format_table(("NAME", "TASK", "DESCRIPTION"), rows))


def run_info(options: argparse.Namespace) -> None:
    """Show all facts about a variant or benchmark, with its checksums and citation."""
    from ...registries import Registry

    resource = Registry.over_default(options.registry).find_resource(options.name)
    (cost,) = estimate_here([resource])
    if options.json:
        show_json(to_dict(resource, cost))
        return
    facts = [
        ("name", resource.name),
        *list_own_facts(resource),
        ("license", join_lines(resource.license)),
        ("homepage", join_lines(resource.homepage)),
        ("download", describe_download(resource, cost)),
        ("disk", describe_disk(cost)),
    ]
    for source in resource.sources:
        facts += [
            ("source", source.url),
            ("  bytes", or_dash(source.bytes, "{:,}")),
            *list_checksum(source),
        ]
    member = resource.member
    if member.name or member.sha256:
        facts += [
            ("member", member.name or "the only one"),
            ("  bytes", or_dash(member.bytes, "{:,}")),
            *list_checksum(member),
        ]
    facts.append(("entry", resource.origin))
    show(format_table(None, [fact for fact in facts if fact[1]], fit=False))
    if resource.citation:
        show(f"\n{resource.citation.rstrip()}")


def run_cite(options: argparse.Namespace) -> None:
    """Print the citation of a variant or benchmark as BibTeX."""
    from ...registries import Registry

    variant = Registry.over_default(options.registry).find_resource(options.name)
    if options.json:
        show_json({"name": variant.name, "citation": variant.citation})
        return
    citation = (variant.citation or "").strip()
    if not citation:
        raise RegistryError(
            f"the entry of {variant.name} gives no citation: add the field `citation` "
            f"({variant.origin})"
        )
    if citation.count("{") != citation.count("}"):
        # In a bibliography it would swallow what follows.
        raise RegistryError(
            f"the citation of {variant.name} is not BibTeX: its braces do not match; "
            f"correct its entry ({variant.origin})"
        )
    show(replace_unprintable(citation))


def run_schema(options: argparse.Namespace) -> None:
    """Print the JSON Schema of a registry file, for editors."""
    from ...registry.fields import make_json_schema

    show_json(make_json_schema())


def run_catalogue(options: argparse.Namespace) -> None:
    """Write searchable web pages of all variants, and one of each."""
    from ...catalogue import write_catalogue
    from ...registries import Registry

    page = write_catalogue(Registry.over_default(options.registry), options.output)
    show_path(page, options)
