"""The commands that publish vectors for others, and follow what others publish."""

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ...frameworks.export import DTYPES
from ...messages.layout import format_bytes, format_table
from ..arguments import AS_JSON, REGISTRY, as_path, as_place
from ..inputs import read_input
from ..mistakes import telling_mistakes
from ..output import show, show_json, show_line, tell
from ..parser import add_command

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ...authoring import Publication
    from ...coverage import Coverage
    from ...vectors import Vectors


def add_commands(commands: Any) -> None:
    """Add the commands to a parser's."""
    push = add_command(commands, "push", run_push, REGISTRY, AS_JSON)
    push.add_argument(
        "vectors",
        metavar="VECTORS",
        type=as_place,
        help="the name of a variant, or a file of vectors",
    )
    push.add_argument(
        "--to",
        metavar="PLACE",
        type=as_place,
        required=True,
        help="a new FOLDER, hf:ORG/REPO or s3://BUCKET/FOLDER; nothing is replaced",
    )
    push.add_argument(
        "--name",
        help="name of the variant in the new registry (default: as it is called)",
    )
    push.add_argument(
        "--dtype",
        choices=DTYPES,
        default="float32",
        help="type of the numbers in the file (default: float32)",
    )
    for field, meaning in (
        ("license", "their licence, as SPDX identifier if there is one"),
        ("language", "their language, such as en"),
        ("corpus", "what they were trained on"),
        ("description", "one sentence about them"),
        ("homepage", "where their authors describe them"),
    ):
        push.add_argument(f"--{field}", metavar="TEXT", help=meaning)
    push.add_argument(
        "--citation", metavar="FILE", type=as_path, help="a file of BibTeX"
    )
    push.add_argument(
        "--benchmark",
        action="append",
        metavar="NAME",
        help="state the scores on it, as `evaluate` computes them; can be repeated",
    )
    push.add_argument(
        "--coverage",
        action="append",
        default=[],
        metavar="FILE",
        type=_as_text_file,
        help="state how many words of this text have a vector, as `coverage` counts "
        "them; can be repeated",
    )
    push.add_argument(
        "--private",
        action="store_true",
        help="make a new repository of the hub private (default: as the organization)",
    )
    push.add_argument(
        "--dry-run", action="store_true", help="show everything and publish nothing"
    )
    update = add_command(commands, "update", run_update, AS_JSON)
    update.add_argument(
        "registry",
        metavar="URL",
        type=as_place,
        help="the URL of a registry, such as hf:ORG/REPO",
    )
    update.add_argument(
        "--dry-run", action="store_true", help="show what has changed, and keep it out"
    )


def run_push(options: argparse.Namespace) -> None:
    """Publish vectors in a folder, on the Hugging Face Hub or in a bucket."""
    from ...authoring import push
    from ...authoring.push import find_vectors
    from ...registries import Registry

    # Mistakes in the arguments are reported before a download begins.
    registry = Registry.over_default(options.registry)
    for name in options.benchmark or ():
        registry.find_benchmark(name)
    names = [path.name for path in options.coverage]
    if doubled := {name for name in names if names.count(name) > 1}:
        options.command.error(
            f"--coverage: the page calls texts by the names of their files, and "
            f"several are called {min(doubled)}: rename one"
        )
    citation = options.citation and read_input(options.citation)
    vectors = find_vectors(options.vectors, registry)
    evaluation = None
    if options.benchmark:
        evaluation = vectors.evaluate(options.benchmark, registry=registry)
    coverage = {path.name: _find_coverage(path, vectors) for path in options.coverage}
    with telling_mistakes():
        made = push(
            vectors,
            options.to,
            name=options.name,
            dtype=options.dtype,
            description=options.description,
            language=options.language,
            corpus=options.corpus,
            license=options.license,
            citation=citation,
            homepage=options.homepage,
            evaluation=evaluation,
            coverage=coverage,
            private=options.private,
            registry=registry,
            dry_run=options.dry_run,
        )
    if options.json:
        show_json(made.to_dict())
        return
    if options.dry_run:
        _show_all(made)
    else:
        show_line(made.registry)
    sys.stdout.flush()
    for sentence in _describe(made):
        tell(sentence)


def _as_text_file(text: str) -> Path:
    """Return an argument that is the path of a text, by whose name it is called."""
    path = as_path(text)
    if text == "-":
        raise argparse.ArgumentTypeError("expected a file, found - (standard input)")
    return path


def _find_coverage(path: Path, vectors: "Vectors") -> "Coverage":
    from ...coverage import count_words, tokenize_words

    words = count_words(path)
    counts = tokenize_words(words, vectors)
    return vectors.coverage(list(counts) if words.are_a_vocabulary else counts)


def _show_all(made: "Publication") -> None:
    rows = [(name, format_bytes(size)) for name, size in made.files.items()]
    show(format_table(("FILE", "SIZE"), rows, right=("SIZE",), fit=False))
    for name, text in (("README.md", made.card), ("registry.yaml", made.text)):
        show(f"\n==> {name} <==\n{text}".removesuffix("\n"))


def _describe(made: "Publication") -> "Iterator[str]":
    from ...authoring.destinations import choose_destination

    size = f"{len(made.files)} files, {format_bytes(sum(made.files.values()))}"
    if not made.license:
        yield (
            "no licence is stated, without which others may not use them: name it by "
            "--license"
        )
    if made.is_written:
        yield f"{size} are published in {made.destination}"
        yield (
            f'load them by glove_registry.load("{made.name}", '
            f'registry="{made.registry}")'
        )
    else:
        yield f"{size} would be published in {made.destination}; a dry run writes none"
        if not choose_destination(made.destination).is_local:
            yield f"whether {made.destination} has files of these names was not asked"


def run_update(options: argparse.Namespace) -> None:
    """Fetch a registry again that is named by a URL, and show what has changed."""
    from ...authoring import update

    found = update(options.registry, dry_run=options.dry_run)
    if options.json:
        show_json(found.to_dict())
        return
    rows = [("added", name, "") for name in found.added]
    rows += [("removed", name, "") for name in found.removed]
    rows += [
        ("changed", name, ", ".join(names)) for name, names in found.changed.items()
    ]
    if rows:
        show(format_table(("WHAT", "NAME", "FIELDS"), rows, fit=False))
    sys.stdout.flush()
    if found.before == found.after:
        tell(f"{found.url} has not changed: sha256 {found.after}")
    elif found.is_accepted:
        tell(f"{found.url} is used from now on as it is: sha256 {found.after}")
    else:
        tell(
            f"{found.url} has changed to sha256 {found.after}; a dry run does not "
            "accept it"
        )
