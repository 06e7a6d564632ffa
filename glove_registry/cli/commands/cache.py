"""The commands that show, verify and clear the cache."""

import argparse
import time
from typing import TYPE_CHECKING, Any

from ...cache import Cache
from ...messages.layout import format_bytes, format_table
from ..arguments import AS_JSON, REGISTRY, as_days, list_names
from ..output import show, show_findings, show_json, show_line, show_path, tell
from ..parser import add_command, complete_by

if TYPE_CHECKING:
    from ...store.listing import Item


def add_commands(commands: Any) -> None:
    """Add the commands to a parser's."""
    verify = add_command(commands, "verify", run_verify, REGISTRY, AS_JSON)
    name = verify.add_argument(
        "name", nargs="?", metavar="NAME", help="name of a variant (default: all)"
    )
    complete_by(list_names, name)
    cache = commands.add_parser(
        "cache",
        help="show the cache, or remove from it",
        description="Show the cache, or remove from it.",
    )
    actions = cache.add_subparsers(title="actions", metavar="ACTION", required=True)
    add_command(actions, "dir", run_cache_dir, AS_JSON)
    add_command(actions, "list", run_cache_list, AS_JSON)
    remove = add_command(actions, "remove", run_cache_remove, REGISTRY, AS_JSON)
    name = remove.add_argument(
        "name",
        metavar="NAME",
        help="a variant, NAME@REVISION, or an item as `cache list` names it",
    )
    complete_by(list_names, name)
    prune = add_command(actions, "prune", run_cache_prune, AS_JSON)
    prune.add_argument(
        "--unused-days",
        type=as_days,
        metavar="DAYS",
        help="also remove what has not been used for this many days",
    )


def run_verify(options: argparse.Namespace) -> int:
    """Verify the checksums of everything in the cache, or of one variant."""
    from ...registries import Registry
    from ...store.verify import verify_items

    registry = Registry.over_default(options.registry)
    verdicts = list(verify_items(Cache.locate(), registry, options.name))
    if options.json:
        show_json([verdict.to_dict() for verdict in verdicts])
    else:
        named = [
            (verdict.item.kind, verdict.item.name, verdict.fault)
            for verdict in verdicts
        ]
        show_findings(
            ("STATE", "KIND", "NAME"),
            [("ok", kind, name) for kind, name, fault in named if not fault],
            [(f"wrong: {kind} {name}", fault) for kind, name, fault in named if fault],
        )
    return int(any(verdict.fault for verdict in verdicts))


def run_cache_dir(options: argparse.Namespace) -> None:
    """Print the cache folder."""
    show_path(Cache.locate().root, options)


def run_cache_list(options: argparse.Namespace) -> None:
    """List what is in the cache, with sizes."""
    from ...store.listing import list_items

    items = list_items(Cache.locate())
    if options.json:
        show_json([item.to_dict() for item in items])
        return
    rows = [
        (
            item.kind,
            format_bytes(item.bytes),
            item.name,
            time.strftime("%Y-%m-%d %H:%M", time.localtime(item.last_used)),
            item.url or "",
        )
        for item in items
    ]
    rows.append(("total", _sum_bytes(items), "", "", ""))
    head = ("KIND", "SIZE", "NAME", "LAST USED", "URL")
    show(format_table(head, rows, right=("SIZE",)))


def run_cache_remove(options: argparse.Namespace) -> None:
    """Remove all files of a variant from the cache."""
    from ...registries import Registry
    from ...store.cleanup import remove_items

    registry = Registry.over_default(options.registry)
    _print_removed(remove_items(Cache.locate(), registry, options.name), options)


def run_cache_prune(options: argparse.Namespace) -> None:
    """Remove leftovers of killed processes, old downloads, and outdated stores."""
    from ...store.cleanup import prune_items
    from ...store.listing import list_items

    days = options.unused_days
    unused_seconds = None if days is None else days * 86400.0
    cache = Cache.locate()
    removed = prune_items(cache, unused_seconds)
    _print_removed(removed, options)
    if not options.json:
        freed = f"removed {_sum_bytes(removed)}" if removed else "nothing to remove"
        tell(f"{freed}; {_sum_bytes(list_items(cache))} are left")


def _print_removed(items: "list[Item]", options: argparse.Namespace) -> None:
    if options.json:
        show_json([item.to_dict() for item in items])
        return
    for item in items:
        show_line(f"removed {item.kind} {item.name} ({format_bytes(item.bytes)})")


def _sum_bytes(items: "list[Item]") -> str:
    return format_bytes(sum(item.bytes for item in items))
