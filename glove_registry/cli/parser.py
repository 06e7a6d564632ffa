"""The commands, their options, and the exit status."""

import argparse
import sys
from collections.abc import Callable, Sequence
from typing import Any

from ..cache import CACHE_VARIABLE
from ..errors import (
    GloveRegistryError,
    UnknownBenchmarkError,
    UnknownVariantError,
)
from ..frameworks.export import DTYPES, FORMATS
from ..registry.benchmark import EVALUATION_CASES, UNKNOWN_RULES
from ..version import __version__
from . import cache_commands, commands, text_commands
from .arguments import Parser, as_count, as_days, as_path
from .output import tell
from .signals import Ended, ending_by_signals

_Command = Callable[[argparse.Namespace], int | None]

_DESCRIPTION = """\
Pre-trained word vectors, verified and cached.

first steps:
  glove-registry list                  list the variants
  glove-registry list 'glove.*.300d'   ... those with 300 dimensions
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
        with ending_by_signals():
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
        # Only of our own output, such as a full disk: others are converted before.
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
        options, unknown = _make_parser().parse_known_args(arguments)
        if unknown:
            options.command.refuse(unknown[0])
        run: _Command = options.run
        return run(options) or 0
    finally:
        # Here, where a broken pipe can still be handled, also after --help. There is no
        # standard output if the process was started without one.
        if sys.stdout is not None:
            sys.stdout.flush()


def _make_parser() -> argparse.ArgumentParser:
    as_json = _share("--json", action="store_true", help="print JSON, for scripts")
    registry = _share(
        "--registry",
        metavar="FILE",
        type=as_path,
        help="your own registry file, used on top of the built-in one",
    )
    name = _share("name", metavar="NAME", help="glove.6B.100d, or NAME@REVISION")
    pattern = _share(
        "pattern",
        nargs="?",
        default="*",
        metavar="PATTERN",
        help="shell pattern for names, in quotes: 'glove.twitter.*'",
    )

    parser = Parser(
        prog="glove-registry",
        description=_DESCRIPTION,
        epilog=_ENVIRONMENT,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "--version", action="version", version=f"glove-registry {__version__}"
    )
    names = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)

    listing = _add(names, "list", commands.run_list, pattern, registry, as_json)
    listing.add_argument(
        "--benchmarks", action="store_true", help="list the benchmarks instead"
    )
    _add(names, "info", commands.run_info, name, registry, as_json)
    _add(names, "cite", commands.run_cite, name, registry, as_json)
    _add(names, "schema", commands.run_schema)
    catalogue = _add(names, "catalogue", commands.run_catalogue, registry, as_json)
    catalogue.add_argument(
        "--output",
        metavar="DIR",
        type=as_path,
        required=True,
        help="the folder for index.html; created if needed",
    )
    coverage = _add(names, "coverage", commands.run_coverage, name, registry, as_json)
    coverage.add_argument(
        "file",
        metavar="FILE",
        help="a text in UTF-8, split into tokens as the corpus of NAME was, or "
        "a vocabulary of one word on each line; - reads standard input",
    )
    coverage.add_argument(
        "--plot",
        metavar="PICTURE",
        type=as_path,
        help="also save a chart, in the format of the file's ending: .png, .svg, .pdf",
    )
    tokens = _add(names, "tokenize", commands.run_tokenize, name, registry, as_json)
    texts = tokens.add_argument(
        "texts",
        nargs="+",
        default=[],
        metavar="TEXT",
        help="by default, each line of standard input is a text",
    )
    # With nargs="*", options could not precede the texts.
    texts.required = False
    dtype = _share(
        "--dtype",
        choices=("float32", "float16", "int8"),
        default="float32",
        help="type of the numbers on disk, which is made if needed (default: float32)",
    )
    embed = _add(
        names, "embed", text_commands.run_embed, name, dtype, registry, as_json
    )
    embed.add_argument(
        "file",
        nargs="?",
        default="-",
        metavar="FILE",
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
    topn = _share(
        "--topn",
        metavar="N",
        type=as_count,
        default=10,
        help="how many words to show (default: 10)",
    )
    restrict = _share(
        "--restrict",
        metavar="N",
        type=as_count,
        help="use only the N most frequent words",
    )
    case = _share(
        "--case",
        choices=("fallback", "exact"),
        default="fallback",
        help="fallback (the default) tries lower, title and upper case for words "
        "without a vector",
    )
    rule = _share(
        "--rule",
        choices=("3CosAdd", "3CosMul"),
        default="3CosAdd",
        help="how to score answers to analogies (default: 3CosAdd)",
    )
    asking = (topn, restrict, case, dtype, registry, as_json)
    similar = _add(names, "similar", commands.run_similar, name, *asking)
    words = similar.add_argument(
        "words",
        nargs="+",
        default=[],
        metavar="WORD",
        help="several words are taken together; none is needed beside --negative",
    )
    # Not needed beside --negative. With nargs="*", options could not precede the words.
    words.required = False
    similar.add_argument(
        "--negative",
        action="append",
        default=[],
        metavar="WORD",
        help="a word to be unlike; may be repeated",
    )
    analogy = _add(names, "analogy", commands.run_analogy, name, rule, *asking)
    for word in ("a", "b", "c"):
        analogy.add_argument(word, metavar=word.upper())
    shared = (restrict, rule, dtype, registry, as_json)
    evaluate = _add(names, "evaluate", commands.run_evaluate, *shared)
    evaluate.add_argument(
        "names", nargs="+", metavar="NAME", help="glove.6B.100d, or NAME@REVISION"
    )
    evaluate.add_argument(
        "--benchmark",
        action="append",
        metavar="NAME",
        help="one that `list --benchmarks` shows; can be repeated (default: all)",
    )
    evaluate.add_argument(
        "--case",
        choices=EVALUATION_CASES,
        help="look up words as written or else in another case, only as written, or in "
        "lower case (default: as the benchmark's entry says)",
    )
    evaluate.add_argument(
        "--oov",
        choices=UNKNOWN_RULES,
        help="for words without a vector: skip their questions, or use zeros or the "
        "mean vector (default: as the benchmark's entry says)",
    )
    evaluate.add_argument(
        "--to", choices=("csv", "markdown"), help="print CSV or Markdown"
    )
    fetch = _add(names, "fetch", commands.run_fetch, name, registry, as_json)
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
    export = _add(names, "export", commands.run_export, name, registry, as_json)
    export.add_argument(
        "path",
        metavar="PATH",
        type=as_path,
        help="the file to write, or the folder for the projector; it must not exist",
    )
    export.add_argument(
        "--to",
        choices=FORMATS,
        required=True,
        help="word2vec and word2vec-binary are for gensim, npz for numpy, safetensors "
        "for torch, parquet for pandas, projector for TensorBoard",
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
    add = _add(names, "add", commands.run_add, as_json)
    add.add_argument(
        "source",
        metavar="URL-or-FILE",
        help="the file of vectors; archives are unpacked",
    )
    add.add_argument(
        "--name",
        required=True,
        help="name of the variant; if it contains {dimension} or {member}, each member "
        "of an archive gets an entry",
    )
    add.add_argument(
        "--to",
        metavar="FILE",
        type=as_path,
        help="the registry file (default: the one in GLOVE_REGISTRY_PATH, or "
        "registry.yaml in this folder)",
    )
    add.add_argument(
        "--member", metavar="NAME", help="which member of an archive that has several"
    )
    add.add_argument(
        "--override",
        action="store_true",
        help="replace the built-in variant of that name",
    )
    add.add_argument(
        "--dry-run", action="store_true", help="show the entry without writing it"
    )
    _add(names, "check", commands.run_check, pattern, registry, as_json)
    verify = _add(names, "verify", cache_commands.run_verify, registry, as_json)
    verify.add_argument(
        "name", nargs="?", metavar="NAME", help="name of a variant (default: all)"
    )

    cache = names.add_parser(
        "cache",
        help="show the cache, or remove from it",
        description="Show the cache, or remove from it.",
    )
    actions = cache.add_subparsers(title="actions", metavar="ACTION", required=True)
    _add(actions, "dir", cache_commands.run_cache_dir, as_json)
    _add(actions, "list", cache_commands.run_cache_list, as_json)
    remove = _add(actions, "remove", cache_commands.run_cache_remove, registry, as_json)
    remove.add_argument(
        "name",
        metavar="NAME",
        help="a variant, NAME@REVISION, or an item as `cache list` names it",
    )
    prune = _add(actions, "prune", cache_commands.run_cache_prune, as_json)
    prune.add_argument(
        "--unused-days",
        type=as_days,
        metavar="DAYS",
        help="also remove what has not been used for this many days",
    )
    return parser


def _share(*names: str, **how: Any) -> argparse.ArgumentParser:
    """Return a parent parser for commands that share an argument."""
    parent = argparse.ArgumentParser(add_help=False)
    parent.add_argument(*names, **how)
    return parent


def _add(
    commands: Any, name: str, run: _Command, *shared: argparse.ArgumentParser
) -> argparse.ArgumentParser:
    """Add a command, which is described by the docstring of its function."""
    text = run.__doc__ or ""
    command: argparse.ArgumentParser = commands.add_parser(
        name,
        help=text[:1].lower() + text[1:].rstrip("."),
        description=text,
        parents=shared,
    )
    command.set_defaults(run=run, command=command)
    return command
