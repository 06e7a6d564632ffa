"""The commands that ask vectors about words."""

import argparse
from typing import TYPE_CHECKING, Any

from ...registry.names import EVALUATION_CASES, UNKNOWN_RULES
from ..arguments import AS_JSON, DTYPE, NAME, REGISTRY, as_count, list_names
from ..mistakes import telling_mistakes
from ..output import show, show_json
from ..parser import add_command, complete_by, share

if TYPE_CHECKING:
    from ...analysis import Neighbours
    from ...vectors import Vectors


def add_commands(commands: Any) -> None:
    """Add the commands to a parser's."""
    topn = share(
        "--topn",
        metavar="N",
        type=as_count,
        default=10,
        help="how many words to show (default: 10)",
    )
    restrict = share(
        "--restrict",
        metavar="N",
        type=as_count,
        help="use only the N most frequent words",
    )
    case = share(
        "--case",
        choices=("fallback", "exact"),
        default="fallback",
        help="fallback (the default) tries lower, title and upper case for words "
        "without a vector",
    )
    rule = share(
        "--rule",
        choices=("3CosAdd", "3CosMul"),
        default="3CosAdd",
        help="how to score answers to analogies (default: 3CosAdd)",
    )
    asking = (topn, restrict, case, DTYPE, REGISTRY, AS_JSON)
    similar = add_command(commands, "similar", run_similar, NAME, *asking)
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
    analogy = add_command(commands, "analogy", run_analogy, NAME, rule, *asking)
    for word in ("a", "b", "c"):
        analogy.add_argument(word, metavar=word.upper())
    shared = (restrict, rule, DTYPE, REGISTRY, AS_JSON)
    evaluate = add_command(commands, "evaluate", run_evaluate, *shared)
    names = evaluate.add_argument(
        "names", nargs="+", metavar="NAME", help="glove.6B.100d, or NAME@REVISION"
    )
    complete_by(list_names, names)
    benchmark = evaluate.add_argument(
        "--benchmark",
        action="append",
        metavar="NAME",
        help="one that `list --benchmarks` shows; can be repeated (default: all)",
    )
    complete_by(_list_benchmarks, benchmark)
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


def _list_benchmarks(parsed_args: argparse.Namespace, **_: object) -> list[str]:
    """List the names of benchmarks, when the tab key asks for one."""
    from ...registries import Registry

    registry = Registry.over_default(parsed_args.registry, offline=True)
    return [benchmark.name for benchmark in registry.list_benchmarks()]


def run_similar(options: argparse.Namespace) -> None:
    """Show the words that are most similar to one word, or to several together."""
    if not options.words + options.negative:
        options.command.error("expected a WORD, or --negative WORD")
    vectors = _load(options)
    with telling_mistakes():
        near = vectors.most_similar(
            options.words,
            options.negative,
            options.topn,
            options.restrict,
            case=options.case,
        )
    _show_neighbours(near, options)


def run_analogy(options: argparse.Namespace) -> None:
    """Show the words that complete an analogy: A is to B as C is to them."""
    vectors = _load(options)
    with telling_mistakes():
        near = vectors.analogy(
            options.a,
            options.b,
            options.c,
            options.topn,
            options.restrict,
            rule=options.rule,
            case=options.case,
        )
    _show_neighbours(near, options)


def run_evaluate(options: argparse.Namespace) -> None:
    """Evaluate variants on benchmarks, beside published scores."""
    from ...analysis import evaluate
    from ...pipeline import load
    from ...registries import Registry

    # Mistakes in the arguments are reported before a download begins.
    registry = Registry.over_default(options.registry)
    if options.json and options.to:
        options.command.error(f"expected --json or --to {options.to}, found both")
    benchmarks = {benchmark.name for benchmark in registry.list_benchmarks()}
    for name in options.names:
        if name in benchmarks:
            options.command.error(
                f"{name} is a benchmark, not a variant: write --benchmark {name}"
            )
        registry.find(name)
    for name in options.benchmark or ():
        registry.find_benchmark(name)
    evaluation = evaluate(
        (load(n, registry=registry, dtype=options.dtype) for n in options.names),
        options.benchmark,
        restrict=options.restrict,
        case=options.case,
        oov=options.oov,
        rule=options.rule,
        registry=registry,
    )
    if options.json:
        show_json(evaluation.to_dict())
    elif options.to == "csv":
        show(evaluation.to_csv().removesuffix("\n"))
    elif options.to == "markdown":
        show(evaluation.to_markdown())
    else:
        show(str(evaluation))


def _load(options: argparse.Namespace) -> "Vectors":
    from ...pipeline import load

    return load(options.name, registry=options.registry, dtype=options.dtype)


def _show_neighbours(near: "Neighbours", options: argparse.Namespace) -> None:
    if options.json:
        show_json(near.to_dicts())
    else:
        show(str(near))
