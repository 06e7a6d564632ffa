"""The command line: its commands and options, and its exit status."""

import argparse
import math
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NoReturn

from ..cache import CACHE_VARIABLE
from ..errors import GloveRegistryError, UnknownVariantError
from ..frameworks.export import FORMATS
from ..messages.printable import make_printable
from ..version import __version__
from . import commands
from .output import tell
from .signals import Ended, ending_by_signals

_DESCRIPTION = """\
Pre-trained word vectors, verified and cached.

first steps:
  glove-registry list                     list the variants
  glove-registry list 'glove.*.300d'      ... those with 300 dimensions
  glove-registry info glove.6B.100d       show all facts about one
  glove-registry fetch glove.6B.100d      download its file and verify it
  glove-registry cache list               show what is on this disk, and its size
  glove-registry verify                   check that it is unchanged

in Python:
  vectors = glove_registry.load("glove.6B.100d")
  layer = vectors.to_keras_layer(word_index)
"""

_ENVIRONMENT = f"""\
environment:
  {CACHE_VARIABLE}   the cache folder
  GLOVE_REGISTRY_PATH    your own registry files, separated as in PATH
  GLOVE_REGISTRY_OFFLINE set it to 1 to never use the network
  GLOVE_REGISTRY_MIRROR  a URL to try first: MIRROR/HOST/PATH of each source

exit status: 0 success, 1 failure, 2 invalid command or unknown name
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; return the process's exit status."""
    try:
        with ending_by_signals():
            return _run(arguments)
    except GloveRegistryError as error:
        tell(str(error))
        # A name that does not exist is a command that was not understood.
        return 2 if isinstance(error, UnknownVariantError) else 1
    except BrokenPipeError:
        # Whoever read our output has seen enough, as `head` does. What is left in the
        # buffer has nowhere to go at exit.
        sys.stdout = None
        return 1
    except OSError as error:
        # Of our own output, such as a disk that is full: others have their own class.
        tell(f"the output cannot be written ({error.strerror or error})")
        sys.stdout = None
        return 1
    except KeyboardInterrupt:
        tell("interrupted")
        return 130
    except Ended as ended:
        tell(f"ended by {ended.name}")
        return ended.status


def _run(arguments: Sequence[str] | None) -> int:
    try:
        options = _make_parser().parse_args(arguments)
        run: Callable[[argparse.Namespace], int | None] = options.run
        return run(options) or 0
    finally:
        # Here, so that a pipe that is broken is seen while it can still be handled,
        # also after --help. A process can be started with its output closed.
        if sys.stdout is not None:
            sys.stdout.flush()


class _Parser(argparse.ArgumentParser):
    """Repeats what somebody typed only as far as it can be shown."""

    def error(self, message: str) -> NoReturn:
        super().error(make_printable(message))


def _make_parser() -> argparse.ArgumentParser:
    parser = _Parser(
        prog="glove-registry",
        description=_DESCRIPTION,
        epilog=_ENVIRONMENT,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "--version", action="version", version=f"glove-registry {__version__}"
    )
    names = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)

    def add(
        to: Any, name: str, run: Callable[[argparse.Namespace], int | None]
    ) -> argparse.ArgumentParser:
        does = run.__doc__ or ""
        command: argparse.ArgumentParser = to.add_parser(
            name, help=does[:1].lower() + does[1:].rstrip("."), description=does
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
            help="your own registry file, used on top of the built-in one",
        )
        add_json(command)

    def add_pattern(command: argparse.ArgumentParser) -> None:
        command.add_argument(
            "pattern",
            nargs="?",
            default="*",
            metavar="PATTERN",
            help="shell pattern for names, in quotes: 'glove.twitter.*'",
        )
        add_registry(command)

    def add_name(command: argparse.ArgumentParser) -> None:
        command.add_argument(
            "name", metavar="NAME", help="glove.6B.100d, or NAME@REVISION"
        )
        add_registry(command)

    add_pattern(add(names, "list", commands.run_list))
    add_name(add(names, "info", commands.run_info))
    add_name(add(names, "cite", commands.run_cite))
    add(names, "schema", commands.run_schema)
    catalogue = add(names, "catalogue", commands.run_catalogue)
    catalogue.add_argument(
        "--output",
        metavar="DIR",
        type=Path,
        required=True,
        help="the folder for index.html; created if needed",
    )
    add_registry(catalogue)
    coverage = add(names, "coverage", commands.run_coverage)
    add_name(coverage)
    coverage.add_argument(
        "file",
        metavar="FILE",
        help="a text in UTF-8, split at white space: tokenized text, or a vocabulary "
        "with one word per line; - reads standard input",
    )
    coverage.add_argument(
        "--plot",
        metavar="PICTURE",
        type=Path,
        help="also save a chart; the file's ending sets its format: .png, .svg, .pdf",
    )
    fetch = add(names, "fetch", commands.run_fetch)
    fetch.add_argument(
        "--from",
        dest="from_file",
        metavar="FILE",
        type=Path,
        help="read this file, the text or its archive, instead of downloading; it is "
        "verified as well",
    )
    fetch.add_argument(
        "--trust-on-first-use",
        action="store_true",
        help="for an entry without a checksum: record the checksum of the first "
        "download, and require it from then on",
    )
    add_name(fetch)
    exporting = add(names, "export", commands.run_export)
    add_name(exporting)
    exporting.add_argument(
        "path",
        metavar="PATH",
        type=Path,
        help="the file to write, or the folder for the projector; it must not exist",
    )
    exporting.add_argument(
        "--to",
        choices=FORMATS,
        required=True,
        help="word2vec and word2vec-binary are for gensim, npz for numpy, safetensors "
        "for torch, parquet for pandas, projector for TensorBoard",
    )
    adding = add(names, "add", commands.run_add)
    adding.add_argument(
        "source",
        metavar="URL-or-FILE",
        help="the file of vectors; archives are unpacked",
    )
    adding.add_argument(
        "--name",
        required=True,
        help="name of the variant; with {dimension} or {member} in it, each member of "
        "an archive gets an entry",
    )
    adding.add_argument(
        "--to",
        metavar="FILE",
        type=Path,
        help="the registry file (default: the one in GLOVE_REGISTRY_PATH, or "
        "registry.yaml in this folder)",
    )
    adding.add_argument(
        "--member", metavar="NAME", help="which member of an archive that has several"
    )
    adding.add_argument(
        "--override",
        action="store_true",
        help="replace the built-in variant of that name",
    )
    adding.add_argument(
        "--dry-run", action="store_true", help="show the entry without writing it"
    )
    add_json(adding)
    add_pattern(add(names, "check", commands.run_check))
    verify = add(names, "verify", commands.run_verify)
    verify.add_argument(
        "name", nargs="?", metavar="NAME", help="name of a variant (default: all)"
    )
    add_registry(verify)

    cache = names.add_parser(
        "cache",
        help="show the cache, or remove from it",
        description="Show the cache, or remove from it.",
    )
    actions = cache.add_subparsers(title="actions", metavar="ACTION", required=True)
    add_json(add(actions, "dir", commands.run_cache_dir))
    add_json(add(actions, "list", commands.run_cache_list))
    remove = add(actions, "remove", commands.run_cache_remove)
    remove.add_argument(
        "name",
        metavar="NAME",
        help="name of a variant, NAME@REVISION, or of an item as listed",
    )
    add_registry(remove)
    prune = add(actions, "prune", commands.run_cache_prune)
    prune.add_argument(
        "--unused-days",
        type=_days,
        metavar="DAYS",
        help="also remove what has not been used for this many days",
    )
    add_json(prune)
    return parser


def _days(text: str) -> float:
    try:
        days = float(text)
    except ValueError:
        days = math.nan
    if not days >= 0:
        raise argparse.ArgumentTypeError(f"expected 0 days or more, found {text}")
    return days
