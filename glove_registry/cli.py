"""The command line: each command is a few lines over the public functions."""

import argparse
import json
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .cache import CACHE_VARIABLE, Cache
from .errors import GloveRegistryError, UnknownVariantError
from .table import format_bytes, format_table
from .version import __version__

if TYPE_CHECKING:
    from .registry import Variant
    from .upkeep import Item

_DESCRIPTION = """\
Pre-trained word vectors, verified and cached.

first steps:
  glove-registry list                     what there is
  glove-registry list 'glove.*.300d'      ... with 300 dimensions
  glove-registry info glove.6B.100d       all facts about one
  glove-registry fetch glove.6B.100d      bring its file here, verified
  glove-registry cache list               what is on this disk, and how large
  glove-registry verify                   whether it is still what it was

in Python:
  vectors = glove_registry.load("glove.6B.100d")
  layer = vectors.to_keras_layer(word_index)
"""

_ENVIRONMENT = f"""\
environment:
  {CACHE_VARIABLE}   the cache folder
  GLOVE_REGISTRY_PATH    registry files of your own, separated as in PATH
  GLOVE_REGISTRY_OFFLINE 1: never use the network
  GLOVE_REGISTRY_MIRROR  a URL to ask first: MIRROR/HOST/PATH of each source

exit status: 0 done, 1 it failed, 2 the command was not understood
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; give the process's exit status."""
    options = _make_parser().parse_args(arguments)
    run: Callable[[argparse.Namespace], int | None] = options.run
    try:
        status = run(options)
        sys.stdout.flush()
    except GloveRegistryError as error:
        print(f"glove-registry: {error}", file=sys.stderr)
        # A name that does not exist is a command that was not understood.
        return 2 if isinstance(error, UnknownVariantError) else 1
    except BrokenPipeError:
        # Whoever read our output has seen enough, as `head` does. What is left in the
        # buffer has nowhere to go at exit.
        sys.stdout = None
        return 1
    except KeyboardInterrupt:
        print("glove-registry: interrupted", file=sys.stderr)
        return 130
    return status or 0


def _list(options: argparse.Namespace) -> None:
    from .registry import list_variants

    variants = list_variants(options.pattern, registry=options.registry)
    if options.json:
        _print_json([variant.to_dict() for variant in variants])
    elif not variants:
        raise UnknownVariantError(
            f"no variant's name matches {options.pattern!r}: `glove-registry list` "
            "shows all names"
        )
    else:
        header = ("NAME", "DIM", "WORDS", "CASED", "DOWNLOAD", "CORPUS")
        rows = [
            (
                variant.name,
                _or_dash(variant.dimension),
                _or_dash(variant.rows, "{:,}"),
                _yes_or_no(variant.cased),
                _describe_size(variant),
                variant.corpus or "-",
            )
            for variant in variants
        ]
        print(format_table(header, rows, right=("DIM", "WORDS", "DOWNLOAD")))


def _info(options: argparse.Namespace) -> None:
    from .registry import info

    variant = info(options.name, registry=options.registry)
    if options.json:
        _print_json(variant.to_dict())
        return
    facts: list[tuple[str, str]] = [("name", variant.name)]
    if variant.revision:
        others = [r for r in variant.revisions if r != variant.revision]
        shown = f"{variant.revision} (also: {', '.join(others)})" if others else ""
        facts.append(("revision", shown or variant.revision))
    facts += [
        ("description", variant.description or ""),
        ("corpus", variant.corpus or ""),
        ("tokens", variant.tokens or ""),
        ("dimension", _or_dash(variant.dimension)),
        ("words", _or_dash(variant.rows, "{:,}")),
        ("cased", _yes_or_no(variant.cased)),
        ("format", variant.format or ""),
        ("license", variant.license or ""),
        ("homepage", variant.homepage or ""),
    ]
    for source in variant.sources:
        facts += [
            ("source", source.url),
            ("  bytes", _or_dash(source.bytes, "{:,}")),
            ("  sha256", source.sha256 or "not known"),
        ]
    member = variant.member
    if member.name or member.sha256:
        facts += [
            ("member", member.name or "the only one"),
            ("  bytes", _or_dash(member.bytes, "{:,}")),
            ("  sha256", member.sha256 or "not known"),
        ]
    facts.append(("entry", variant.origin))
    print(format_table(None, [fact for fact in facts if fact[1]]))
    if variant.citation:
        print(f"\n{variant.citation.rstrip()}")


def _fetch(options: argparse.Namespace) -> None:
    from .pipeline import fetch

    path = fetch(
        options.name,
        registry=options.registry,
        from_file=options.from_file,
        trust_on_first_use=options.trust_on_first_use,
    )
    if options.json:
        _print_json({"name": options.name, "path": str(path)})
    else:
        print(path)


def _check(options: argparse.Namespace) -> int:
    from .fetching.check import check_sources
    from .registry import Registry

    registry = Registry.over_default(options.registry)
    findings = list(check_sources(registry.list_revisions(options.pattern)))
    if options.json:
        _print_json([finding.to_dict() for finding in findings])
    else:
        rows = [(f.reference, f.state, f.url, f.detail) for f in findings]
        print(format_table(("NAME", "STATE", "SOURCE", "DETAIL"), rows))
    return int(any(finding.state == "bad" for finding in findings))


def _verify(options: argparse.Namespace) -> int:
    from .registry import Registry
    from .upkeep import verify_items

    registry = Registry.over_default(options.registry)
    verdicts = list(verify_items(Cache.locate(), registry, options.name))
    if options.json:
        _print_json([verdict.to_dict() for verdict in verdicts])
    else:
        rows = [(v.item.kind, v.item.name, v.fault or "ok") for v in verdicts]
        print(format_table(("KIND", "NAME", "VERDICT"), rows))
    return int(any(verdict.fault for verdict in verdicts))


def _cache_dir(options: argparse.Namespace) -> None:
    print(Cache.locate().root)


def _cache_list(options: argparse.Namespace) -> None:
    from .upkeep import list_items

    items = list_items(Cache.locate())
    if options.json:
        _print_json([item.to_dict() for item in items])
        return
    rows = [
        (
            item.kind,
            item.name,
            format_bytes(item.bytes),
            time.strftime("%Y-%m-%d %H:%M", time.localtime(item.last_used)),
        )
        for item in items
    ]
    rows.append(("", "total", format_bytes(sum(item.bytes for item in items)), ""))
    print(format_table(("KIND", "NAME", "SIZE", "LAST USED"), rows, right=("SIZE",)))


def _cache_remove(options: argparse.Namespace) -> None:
    from .upkeep import remove_items

    _print_removed(remove_items(Cache.locate(), options.name), options)


def _cache_prune(options: argparse.Namespace) -> None:
    from .upkeep import prune_items

    days = options.unused_days
    unused_seconds = None if days is None else days * 86400.0
    _print_removed(prune_items(Cache.locate(), unused_seconds), options)


def _print_removed(items: "list[Item]", options: argparse.Namespace) -> None:
    if options.json:
        _print_json([item.to_dict() for item in items])
        return
    for item in items:
        print(f"removed {item.kind} {item.name} ({format_bytes(item.bytes)})")


def _make_parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="glove-registry",
        description=_DESCRIPTION,
        epilog=_ENVIRONMENT,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "--version", action="version", version=f"glove-registry {__version__}"
    )
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)

    def add(
        to: Any,
        name: str,
        run: Callable[[argparse.Namespace], int | None],
        summary: str,
    ) -> argparse.ArgumentParser:
        command: argparse.ArgumentParser = to.add_parser(
            name, help=summary, description=summary[0].upper() + summary[1:] + "."
        )
        command.set_defaults(run=run)
        return command

    def add_json(command: argparse.ArgumentParser) -> None:
        command.add_argument(
            "--json", action="store_true", help="print JSON, for scripts"
        )

    def add_registry(command: argparse.ArgumentParser) -> None:
        command.add_argument(
            "--registry",
            metavar="FILE",
            type=Path,
            help="a registry file of your own, above the built-in one",
        )
        add_json(command)

    def add_pattern(command: argparse.ArgumentParser) -> None:
        command.add_argument(
            "pattern",
            nargs="?",
            default="*",
            metavar="PATTERN",
            help="names, as in the shell and quoted: 'glove.twitter.*'",
        )
        add_registry(command)

    def add_name(command: argparse.ArgumentParser) -> None:
        command.add_argument(
            "name", metavar="NAME", help="glove.6B.100d, or NAME@REVISION"
        )
        add_registry(command)

    add_pattern(add(commands, "list", _list, "list the variants there are"))
    add_name(
        add(
            commands,
            "info",
            _info,
            "show all facts about a variant, its checksums and citation",
        )
    )
    bring = add(
        commands,
        "fetch",
        _fetch,
        "bring the verified file of a variant and print its path",
    )
    bring.add_argument(
        "--from",
        dest="from_file",
        metavar="FILE",
        type=Path,
        help="take it from this file, the text or its archive; verified all the same",
    )
    bring.add_argument(
        "--trust-on-first-use",
        action="store_true",
        help="for an entry without a checksum: record the one of what arrives, and "
        "hold later fetches to it",
    )
    add_name(bring)
    add_pattern(
        add(
            commands,
            "check",
            _check,
            "ask every source, by small requests, whether it has what it should",
        )
    )
    verify = add(
        commands, "verify", _verify, "hash what is in the cache again and compare"
    )
    verify.add_argument(
        "name", nargs="?", metavar="NAME", help="of a variant; without it all"
    )
    add_registry(verify)

    cache = add(commands, "cache", _cache_dir, "look at the cache, or remove from it")
    actions = cache.add_subparsers(title="actions", metavar="ACTION", required=True)
    add(actions, "dir", _cache_dir, "print the cache folder")
    add_json(add(actions, "list", _cache_list, "list what is in the cache"))
    remove = add(
        actions, "remove", _cache_remove, "remove all files of a variant from the cache"
    )
    remove.add_argument("name", metavar="NAME", help="name of the variant")
    add_json(remove)
    prune = add(
        actions,
        "prune",
        _cache_prune,
        "remove leftovers, stores of other versions, and what is long unused",
    )
    prune.add_argument(
        "--unused-days",
        type=float,
        metavar="DAYS",
        help="also remove what nobody has used for so many days",
    )
    add_json(prune)
    return parser


def _describe_size(variant: "Variant") -> str:
    source = variant.sources[0]
    if source.url.startswith("package:"):
        return "included"
    if variant.anchor is None:
        return "unverified"
    return format_bytes(source.bytes) if source.bytes else "-"


def _or_dash(value: int | None, form: str = "{}") -> str:
    return "-" if value is None else form.format(value)


def _yes_or_no(value: bool | None) -> str:
    return "-" if value is None else "yes" if value else "no"


def _print_json(value: Any) -> None:
    print(json.dumps(value, indent=2, ensure_ascii=False))
