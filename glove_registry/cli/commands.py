"""The commands: each calls public functions and prints what they return.

Each takes the parsed arguments, and returns the exit status if it can be other than 0.
Its docstring is its text in ``--help``.
"""

import argparse
import sys
from contextlib import contextmanager
from dataclasses import asdict
from typing import TYPE_CHECKING

from ..errors import (
    FormatError,
    GloveRegistryError,
    OutputError,
    RegistryError,
    UnknownVariantError,
    VocabularyError,
)
from ..messages.layout import format_table
from ..messages.printable import is_shown
from .facts import (
    describe_download,
    join_lines,
    list_own_facts,
    or_dash,
    summarize_download,
    yes_or_no,
)
from .output import show, show_json, show_path, tell

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from ..analysis import Neighbours
    from ..registry import Registry, Resource
    from ..vectors import Vectors


def run_list(options: argparse.Namespace) -> None:
    """List the variants, or the benchmarks."""
    from ..registry import Registry

    registry = Registry.over_default(options.registry)
    if options.benchmarks:
        _list_benchmarks(registry, options)
        return
    variants = registry.list_variants(options.pattern)
    _require_match(variants, options.pattern)
    if options.json:
        show_json([variant.to_dict() for variant in variants])
        return
    header = ("NAME", "DIM", "WORDS", "CASED", "DOWNLOAD", "CORPUS")
    rows = [
        (
            variant.name,
            or_dash(variant.dimension),
            or_dash(variant.row_count, "{:,}"),
            yes_or_no(variant.cased),
            summarize_download(variant),
            join_lines(variant.corpus) or "-",
        )
        for variant in variants
    ]
    show(format_table(header, rows, right=("DIM", "WORDS", "DOWNLOAD")))


def _list_benchmarks(registry: "Registry", options: argparse.Namespace) -> None:
    benchmarks = registry.list_benchmarks(options.pattern)
    _require_match(benchmarks, options.pattern, "benchmark", "list --benchmarks")
    if options.json:
        show_json([benchmark.to_dict() for benchmark in benchmarks])
        return
    rows = [(b.name, b.task, join_lines(b.description) or "-") for b in benchmarks]
    show(format_table(("NAME", "TASK", "DESCRIPTION"), rows))


def run_info(options: argparse.Namespace) -> None:
    """Show all facts about a variant or benchmark, with its checksums and citation."""
    from ..registry import Registry

    resource = Registry.over_default(options.registry).find_resource(options.name)
    if options.json:
        show_json(resource.to_dict())
        return
    facts = [
        ("name", resource.name),
        *list_own_facts(resource),
        ("license", join_lines(resource.license)),
        ("homepage", join_lines(resource.homepage)),
        ("download", describe_download(resource)),
    ]
    for source in resource.sources:
        facts += [
            ("source", source.url),
            ("  bytes", or_dash(source.bytes, "{:,}")),
            ("  sha256", source.sha256 or "not known"),
        ]
    member = resource.member
    if member.name or member.sha256:
        facts += [
            ("member", member.name or "the only one"),
            ("  bytes", or_dash(member.bytes, "{:,}")),
            ("  sha256", member.sha256 or "not known"),
        ]
    facts.append(("entry", resource.origin))
    show(format_table(None, [fact for fact in facts if fact[1]], fit=False))
    if resource.citation:
        show(f"\n{resource.citation.rstrip()}")


def run_cite(options: argparse.Namespace) -> None:
    """Print the citation of a variant or benchmark as BibTeX."""
    from ..registry import Registry

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
    # The backslash of an escape would begin a TeX command.
    show("".join(c if is_shown(c) else "\ufffd" for c in citation))


def run_catalogue(options: argparse.Namespace) -> None:
    """Write a searchable web page of all variants."""
    from ..catalogue import write_catalogue
    from ..registry import Registry

    page = write_catalogue(Registry.over_default(options.registry), options.output)
    show_path(page, options)


def run_coverage(options: argparse.Namespace) -> None:
    """Report how many words of a text have a vector, and why the others have none."""
    from ..coverage import count_words, tokenize_words
    from ..pipeline import load
    from ..registry import info

    # Mistakes in the arguments are reported before a download begins.
    info(options.name, registry=options.registry)
    words = count_words(options.file)
    vectors = load(options.name, registry=options.registry)
    counts = tokenize_words(words, vectors)
    is_list = words.are_a_vocabulary
    coverage = vectors.coverage(list(counts) if is_list else counts)
    if options.json:
        show_json(coverage.to_dict())
    else:
        show(str(coverage))
    if options.plot:
        try:
            coverage.plot(options.plot)
        except ImportError as error:
            raise OutputError(str(error)) from error


def run_tokenize(options: argparse.Namespace) -> None:
    """Split texts into tokens as the corpus of a variant was split."""
    from ..registry import info
    from ..text.tokenizers import tokenize

    tokenizer = info(options.name, registry=options.registry).tokenizer
    texts = options.texts or _read_lines()
    found = [tokenize(text, tokenizer) for text in texts]
    if options.json:
        show_json(found)
    else:
        for tokens in found:
            show(" ".join(tokens))


def _read_lines() -> "Iterator[str]":
    """Yield the lines of standard input, in UTF-8 whatever the locale says."""
    if sys.stdin is None:
        raise VocabularyError("standard input is closed: give texts as arguments")
    for line in sys.stdin.buffer:
        yield line.decode("utf-8", "surrogateescape")


def run_similar(options: argparse.Namespace) -> None:
    """Show the words that are most similar to one word, or to several together."""
    if not options.words + options.negative:
        options.command.error("expected a WORD, or --negative WORD")
    vectors = _load(options)
    with _telling_mistakes():
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
    with _telling_mistakes():
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
    from ..analysis import evaluate
    from ..pipeline import load
    from ..registry import Registry

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


def run_schema(options: argparse.Namespace) -> None:
    """Print the JSON Schema of a registry file, for editors."""
    from ..registry.fields import make_json_schema

    show_json(make_json_schema())


def run_fetch(options: argparse.Namespace) -> None:
    """Download and verify the file of a variant or benchmark, and print its path."""
    from ..pipeline import fetch

    path = fetch(
        options.name,
        registry=options.registry,
        from_file=options.from_file,
        trust_on_first_use=options.trust_on_first_use,
    )
    show_path(path, options, name=options.name)


def run_export(options: argparse.Namespace) -> None:
    """Export a variant to a file for another library, and print its path."""
    from ..frameworks.export import check_format, check_path
    from ..pipeline import load
    from ..registry import info

    # Mistakes in the arguments are reported before a download begins.
    info(options.name, registry=options.registry)
    with _telling_mistakes():
        check_format(options.to, options.dtype)
    check_path(options.path)
    words = None if options.words is None else _read_words(options.words)
    vectors = load(options.name, registry=options.registry)
    if words is not None:
        asked = len({*words})
        with _telling_mistakes():
            vectors = vectors.subset(words)
        if missing := asked - len(vectors):
            tell(f"{missing:,} of {asked:,} words have no vector and were left out")
    with _telling_mistakes():
        path = vectors.export(options.path, options.to, dtype=options.dtype)
    show_path(path, options, name=options.name)


def _read_words(path: "Path") -> list[str]:
    """Return the words of a file, one on each line."""
    try:
        lines = path.read_text(encoding="utf-8-sig").split("\n")
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "it is not UTF-8"
        raise FormatError(f"{path} cannot be read: {reason}") from error
    # Not by splitlines(), as words may contain what it takes for the end of a line.
    words = [line.removesuffix("\r") for line in lines]
    if not any(words):
        raise FormatError(f"{path} has no words: write one on each line")
    return [word for word in words if word]


def run_add(options: argparse.Namespace) -> None:
    """Add an entry for a file of vectors to your own registry."""
    from ..authoring import add, describe, to_dict, write_registry

    addition = add(
        options.source,
        options.name,
        to=options.to,
        member=options.member,
        override=options.override,
        dry_run=options.dry_run,
    )
    if options.json:
        show_json(to_dict(addition))
        return
    # Standard output is a complete registry file.
    show(write_registry(addition.entries).removesuffix("\n"))
    sys.stdout.flush()
    for sentence in describe(addition):
        tell(sentence)


def run_check(options: argparse.Namespace) -> int:
    """Check with small requests that each source has the right file."""
    from ..download.check import check_sources
    from ..registry import Registry, Resource

    registry = Registry.over_default(options.registry)
    resources: list[Resource] = []
    if "@" in options.pattern:
        resources += [registry.find(options.pattern)]
    else:
        resources += registry.list_revisions(options.pattern)
        resources += registry.list_benchmarks(options.pattern)
    _require_match(resources, options.pattern)
    checks = list(check_sources(resources))
    if options.json:
        show_json([asdict(check) for check in checks])
    else:
        rows = [(one.name, one.state, one.url, one.detail) for one in checks]
        show(format_table(("NAME", "STATE", "SOURCE", "DETAIL"), rows, fit=False))
    return int(any(one.state in ("bad", "no answer") for one in checks))


def _require_match(
    found: "Sequence[Resource]",
    pattern: str,
    what: str = "variant",
    command: str = "list",
) -> None:
    if not found:
        raise UnknownVariantError(
            f"no {what}'s name matches {pattern!r}: `glove-registry {command}` shows "
            "all names"
        )


def _load(options: argparse.Namespace) -> "Vectors":
    from ..pipeline import load

    return load(options.name, registry=options.registry, dtype=options.dtype)


@contextmanager
def _telling_mistakes() -> "Iterator[None]":
    """Make one sentence of an error that a question has no answer."""
    try:
        yield
    except ValueError as error:
        raise GloveRegistryError(str(error)) from error


def _show_neighbours(near: "Neighbours", options: argparse.Namespace) -> None:
    if options.json:
        show_json(near.to_dicts())
    else:
        show(str(near))
