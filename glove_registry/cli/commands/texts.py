"""The commands that read texts and count or split their words."""

import argparse
from typing import TYPE_CHECKING, Any

from ...errors import OutputError
from ..arguments import AS_JSON, NAME, REGISTRY, as_path, as_place
from ..inputs import get_standard_input, read_lines
from ..output import show, show_json
from ..parser import add_command

if TYPE_CHECKING:
    from collections.abc import Iterator


def add_commands(commands: Any) -> None:
    """Add the commands to a parser's."""
    coverage = add_command(commands, "coverage", run_coverage, NAME, REGISTRY, AS_JSON)
    coverage.add_argument(
        "file",
        metavar="FILE",
        type=as_place,
        help="a text in UTF-8, split into tokens as the corpus of NAME was, or "
        "a vocabulary of one word on each line; - reads standard input",
    )
    coverage.add_argument(
        "--plot",
        metavar="PICTURE",
        type=as_path,
        help="also save a chart, in the format of the file's ending: .png, .svg, .pdf",
    )
    tokens = add_command(commands, "tokenize", run_tokenize, NAME, REGISTRY, AS_JSON)
    texts = tokens.add_argument(
        "texts",
        nargs="+",
        default=[],
        metavar="TEXT",
        help="by default, each line of standard input is a text",
    )
    # With nargs="*", options could not precede the texts.
    texts.required = False


def run_coverage(options: argparse.Namespace) -> None:
    """Report how many words of a text have a vector, and why the others have none."""
    from ...coverage import count_words, tokenize_words
    from ...pipeline import load
    from ...registries import info

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
    from ...registries import info
    from ...registry import DEFAULT_TOKENIZER
    from ...text.tokenizers import tokenize

    variant = info(options.name, registry=options.registry)
    tokenizer = variant.tokenizer or DEFAULT_TOKENIZER
    texts = options.texts or _read_texts()
    found = [tokenize(text, tokenizer) for text in texts]
    if options.json:
        show_json(found)
    else:
        for tokens in found:
            show(" ".join(tokens))


def _read_texts() -> "Iterator[str]":
    """Yield the lines of standard input, in UTF-8 whatever the locale says."""
    file = get_standard_input("texts as arguments")
    for line in read_lines(file, "standard input"):
        yield line.decode("utf-8", "surrogateescape")
