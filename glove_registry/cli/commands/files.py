"""The commands that bring a variant's file, or write one for another library."""

import argparse
from pathlib import Path
from typing import Any

from ...errors import FormatError
from ...frameworks.export import DTYPES, FORMATS
from ..arguments import AS_JSON, NAME, REGISTRY, as_path
from ..inputs import read_input
from ..mistakes import telling_mistakes
from ..output import show_path, tell
from ..parser import add_command


def add_commands(commands: Any) -> None:
    """Add the commands to a parser's."""
    fetch = add_command(commands, "fetch", run_fetch, NAME, REGISTRY, AS_JSON)
    fetch.add_argument(
        "--from",
        dest="from_file",
        metavar="FILE",
        type=as_path,
        help="read this file, the text or its archive, instead of downloading; it is "
        "verified as well",
    )
    fetch.add_argument(
        "--trust-on-first-use",
        action="store_true",
        help="for an entry without a checksum: record the checksum of the first "
        "download, and require it from then on",
    )
    export = add_command(commands, "export", run_export, NAME, REGISTRY, AS_JSON)
    export.add_argument(
        "path",
        metavar="PATH",
        type=as_path,
        help="the file to write, or the folder for the projector; it must not exist",
    )
    export.add_argument(
        "--to",
        choices=FORMATS,
        help="word2vec and word2vec-binary are for gensim, npz for numpy, safetensors "
        "for torch, parquet for pandas, projector for TensorBoard (default: by the "
        "ending of PATH, .vec being word2vec)",
    )
    export.add_argument(
        "--words",
        metavar="FILE",
        type=as_path,
        help="write only the words of this file, one on each line, that have a vector",
    )
    export.add_argument(
        "--dtype",
        choices=DTYPES,
        help="the type of the numbers in npz, safetensors and parquet (default: "
        "float32)",
    )


def run_fetch(options: argparse.Namespace) -> None:
    """Download and verify the file of a variant or benchmark, and print its path."""
    from ...pipeline import fetch

    path = fetch(
        options.name,
        registry=options.registry,
        from_file=options.from_file,
        trust_on_first_use=options.trust_on_first_use,
    )
    if options.from_file is not None:
        tell(f"{options.from_file} was verified: it has the text of {options.name}")
    show_path(path, options, name=options.name)


def run_export(options: argparse.Namespace) -> None:
    """Export a variant to a file for another library, and print its path."""
    from ...cache.outputs import check_path
    from ...frameworks.export import check_format, choose_format
    from ...pipeline import load
    from ...registries import info

    # Mistakes in the arguments are reported before a download begins.
    info(options.name, registry=options.registry)
    try:
        to = choose_format(options.path, options.to)
    except ValueError as error:
        options.command.error(str(error))
    with telling_mistakes():
        check_format(to, options.dtype)
    check_path(options.path)
    words = None if options.words is None else _read_words(options.words)
    vectors = load(options.name, registry=options.registry)
    if words is not None:
        asked = len({*words})
        with telling_mistakes():
            vectors = vectors.subset(words)
        if missing := asked - len(vectors):
            tell(f"{missing:,} of {asked:,} words have no vector and were left out")
    with telling_mistakes():
        path = vectors.export(options.path, to, dtype=options.dtype)
    show_path(path, options, name=options.name)


def _read_words(path: Path) -> list[str]:
    """Return the words of a file, one on each line."""
    # Not by splitlines(), as words may contain what it takes for the end of a line.
    words = [line.removesuffix("\r") for line in read_input(path).split("\n")]
    if not any(words):
        raise FormatError(f"{path} has no words: write one on each line")
    return [word for word in words if word]
