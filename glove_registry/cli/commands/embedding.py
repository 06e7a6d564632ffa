"""The command that makes a vector of each text."""

import argparse
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from ...errors import FormatError
from ..arguments import AS_JSON, DTYPE, NAME, REGISTRY, as_path, as_place
from ..inputs import get_standard_input, open_input, read_lines
from ..mistakes import telling_mistakes
from ..output import show_path
from ..parser import add_command


def add_commands(commands: Any) -> None:
    """Add the command to a parser's."""
    embed = add_command(commands, "embed", run_embed, NAME, DTYPE, REGISTRY, AS_JSON)
    embed.add_argument(
        "file",
        nargs="?",
        default="-",
        metavar="FILE",
        type=as_place,
        help="texts in UTF-8, one on each line; by default, or with -, standard input",
    )
    embed.add_argument(
        "--output",
        metavar="FILE",
        type=as_path,
        required=True,
        help="the file to write, for numpy.load; it must not exist",
    )
    embed.add_argument(
        "--pooling",
        choices=("mean", "sum", "sqrtn", "max"),
        default="mean",
        help="how the vectors of words become one (default: mean)",
    )
    embed.add_argument(
        "--weights",
        choices=("sif",),
        help="sif is smooth inverse frequency (default: all words count the same)",
    )


def run_embed(options: argparse.Namespace) -> None:
    """Write one vector for each line of a text, and print the path.

    The file holds an array of numpy, of shape (lines, dimension) and type float32.
    """
    import numpy as np

    from ...cache.outputs import check_path, write_new
    from ...pipeline import load
    from ...registries import info

    # Mistakes in the arguments are reported before a download begins.
    info(options.name, registry=options.registry)
    check_path(options.output)
    with ExitStack() as stack:
        if options.file == "-":
            file, name = get_standard_input("a file of texts"), "standard input"
        else:
            file, name = stack.enter_context(open_input(options.file)), options.file
        vectors = load(options.name, registry=options.registry, dtype=options.dtype)
        texts = _decode(read_lines(file, name), name)
        # A single text has no weights of "sif", for example.
        with telling_mistakes():
            embedded = vectors.embed(texts, options.pooling, options.weights)

    def save(path: Path) -> None:
        with path.open("wb") as output:
            np.save(output, embedded, allow_pickle=False)

    write_new(options.output, save)
    show_path(options.output, options, name=options.name, shape=list(embedded.shape))


def _decode(lines: Iterator[bytes], name: str) -> Iterator[str]:
    """Yield lines as text, in UTF-8 whatever the locale says."""
    number = 0
    try:
        for number, line in enumerate(lines, 1):
            yield line.decode("utf-8-sig" if number == 1 else "utf-8").rstrip("\r\n")
    except UnicodeDecodeError as error:
        raise FormatError(
            f"{name}, line {number:,}: expected UTF-8; convert the file first, for "
            "example with iconv"
        ) from error
