"""The commands, their options, and the exit status."""

import argparse
import os
import sys
from collections.abc import Sequence

from ..cache import CACHE_VARIABLE
from ..errors import (
    GloveRegistryError,
    UnknownBenchmarkError,
    UnknownVariantError,
)
from ..version import __version__
from .commands import SUBJECTS
from .commands.completing import complete
from .output import tell, telling_warnings
from .parser import Command, Parser
from .signals import Ended, ending_by_signals

_DESCRIPTION = """\
Pre-trained word vectors, verified and cached.

first steps:
  glove-registry list                  list the variants
  glove-registry search twitter 100    find some by words about them
  glove-registry list --benchmarks     list what they can be evaluated on
  glove-registry info glove.6B.100d    show all facts about one
  glove-registry fetch glove.6B.100d   download its file and verify it
  glove-registry cache list            show what is on this disk, with sizes
  glove-registry verify                check that nothing has changed

in Python:
  vectors = glove_registry.load("glove.6B.100d")
  layer = vectors.to_keras_layer(word_index)
"""

_ENVIRONMENT = f"""\
environment:
  {CACHE_VARIABLE:<23} the cache folder
  GLOVE_REGISTRY_PATH     your own registry files, separated as in PATH
  GLOVE_REGISTRY_OFFLINE  1: never use the network
  GLOVE_REGISTRY_MIRROR   a URL to try first, as MIRROR/HOST/PATH of each source

exit status: 0 success, 1 failure, 2 invalid command or unknown name
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; return the exit status of the process."""
    try:
        with ending_by_signals(), telling_warnings():
            return _run(arguments)
    except GloveRegistryError as error:
        tell(str(error))
        # An unknown name is an invalid command.
        unknown = isinstance(error, UnknownVariantError | UnknownBenchmarkError)
        return 2 if unknown else 1
    except BrokenPipeError:
        # The reader has seen enough, as `head` does. Without this, Python would try to
        # write the rest of the buffer at exit.
        sys.stdout = None
        return 1
    except OSError as error:
        # Of our own output, such as a full disk, unless it names a file.
        reason = error.strerror or error
        if error.filename is None:
            tell(f"the output cannot be written ({reason})")
        else:
            tell(f"cannot use {error.filename} ({reason})")
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
        parser = make_parser()
        if "_ARGCOMPLETE" in os.environ:
            complete(parser)
        options, unknown = parser.parse_known_args(arguments)
        if unknown:
            options.command.refuse(unknown[0])
        run: Command = options.run
        return run(options) or 0
    finally:
        # Here, where a broken pipe can still be handled, also after --help. There is no
        # standard output if the process was started without one.
        if sys.stdout is not None:
            sys.stdout.flush()


def make_parser() -> argparse.ArgumentParser:
    """Return the parser of all commands."""
    parser = Parser(
        prog="glove-registry",
        description=_DESCRIPTION,
        epilog=_ENVIRONMENT,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "--version", action="version", version=f"glove-registry {__version__}"
    )
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)
    for subject in SUBJECTS:
        subject.add_commands(commands)
    return parser
