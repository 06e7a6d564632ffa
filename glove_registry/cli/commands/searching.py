"""The command that finds variants by words about them."""

import argparse
from typing import Any

from ...messages.printable import quote
from ..arguments import AS_JSON, REGISTRY
from ..mistakes import require_match
from ..output import tell
from ..parser import add_command
from .browsing import show_variants


def add_commands(commands: Any) -> None:
    """Add the command to a parser's."""
    search = add_command(commands, "search", run_search, REGISTRY, AS_JSON)
    search.add_argument(
        "words",
        nargs="+",
        metavar="WORD",
        help="of a name, the corpus, the language, the dimension, the licence or the "
        "description; or the beginning of one",
    )


def run_search(options: argparse.Namespace) -> None:
    """Find variants by words such as german wikipedia 300, the best match first."""
    from ...registries import Registry
    from ...registry.matching import EMPTY_WORDS
    from ...registry.words import split_words

    registry = Registry.over_default(options.registry)
    text = " ".join(options.words)
    found = registry.search(text)
    require_match(found, text)
    for word in text.split():
        is_empty = EMPTY_WORDS.issuperset(split_words(word))
        if not is_empty and not registry.search(word):
            tell(f"no variant has the word {quote(word)}")
    show_variants(found, options)
