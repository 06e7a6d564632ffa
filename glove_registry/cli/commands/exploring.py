"""The command that writes a page to explore words."""

import argparse
import sys
from typing import Any

from ...errors import GloveRegistryError
from ...messages.layout import format_bytes, format_count
from ..arguments import AS_JSON, DTYPE, REGISTRY, as_count, as_path, list_names
from ..mistakes import telling_mistakes
from ..output import show_path, tell
from ..parser import add_command, complete_by


def add_commands(commands: Any) -> None:
    """Add the command to a parser's."""
    explore = add_command(commands, "explore", run_explore, DTYPE, REGISTRY, AS_JSON)
    names = explore.add_argument(
        "names",
        nargs="+",
        metavar="NAME",
        help="glove.6B.100d, or NAME@REVISION; several are shown side by side",
    )
    complete_by(list_names, names)
    explore.add_argument(
        "--words",
        metavar="N",
        type=as_count,
        default=20_000,
        help="how many of the most frequent words it holds (default: 20000)",
    )
    explore.add_argument(
        "--projection",
        choices=("pca", "umap"),
        help="how the map is made: PCA takes seconds, UMAP about a minute for 20,000 "
        "words (default: UMAP if umap-learn is installed)",
    )
    explore.add_argument(
        "--output",
        metavar="FILE",
        type=as_path,
        required=True,
        help="the HTML file to write; it must not exist",
    )


def run_explore(options: argparse.Namespace) -> None:
    """Write a web page to explore words: their neighbours, analogies and a map."""
    from ...cache.outputs import check_path
    from ...explorer import explore
    from ...explorer.projection import choose_projection
    from ...pipeline import load
    from ...registries import Registry

    # Mistakes in the arguments are reported before a download begins.
    registry = Registry.over_default(options.registry)
    for name in options.names:
        registry.find(name)
    try:
        projection = choose_projection(options.projection)
    except ImportError as error:
        raise GloveRegistryError(str(error)) from error
    check_path(options.output)
    releases = [
        load(name, registry=registry, dtype=options.dtype) for name in options.names
    ]
    if projection == "umap":
        tell(
            "UMAP places the words, which takes about a minute for 20,000; "
            "--projection pca is quicker"
        )
    with telling_mistakes():
        page = explore(releases, options.words, projection)
    path = page.save(options.output)
    size = path.stat().st_size
    show_path(path, options, names=options.names, words=page.words, bytes=size)
    if not options.json:
        sys.stdout.flush()
        counts = " and ".join(format_count(count, "word") for count in page.words)
        tell(f"the page has {counts} and takes {format_bytes(size)}")
