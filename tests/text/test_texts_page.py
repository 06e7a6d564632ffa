"""The examples of rules in docs/texts.md are what the tokenizers do."""

import re
from pathlib import Path

import pytest

from glove_registry.registry import Tokenizer
from glove_registry.text.tokenizers import tokenize

PAGE = Path(__file__).parents[2] / "docs" / "texts.md"
CODE = r"`` ?(.+?) ?``|`(.+?)`"
ROW = re.compile(rf"\| [^|]+ \| (?:{CODE}) \| (?:{CODE}) \|")


def read_examples() -> list[tuple[Tokenizer, str, str]]:
    """Return the texts and tokens of the tables below the headings of tokenizers."""
    examples: list[tuple[Tokenizer, str, str]] = []
    for section in PAGE.read_text(encoding="utf-8").split("\n### ")[1:]:
        name: Tokenizer = "tweets" if section.startswith("`tweets`") else "ptb"
        for row in ROW.finditer(section.replace(r"\|", "\0")):
            text, tokens = (part.replace("\0", "|") for part in row.groups() if part)
            examples.append((name, text, tokens))
    return examples


def test_there_are_examples_of_both() -> None:
    """No table escapes the test below."""
    assert [name for name, *_ in read_examples()].count("ptb") == 16
    assert [name for name, *_ in read_examples()].count("tweets") == 11


@pytest.mark.parametrize(
    ("name", "text", "tokens"),
    read_examples(),
    ids=[f"{name} {text[:20]!a}" for name, text, _ in read_examples()],
)
def test_an_example_is_true(name: Tokenizer, text: str, tokens: str) -> None:
    """The tokens of a text are those in the column beside it."""
    assert tokenize(text, name) == tokens.split()
