"""The comparison of tokenizers counts what its table says."""

import importlib
from pathlib import Path
from types import ModuleType

import pytest
from plain_rows import SAMPLE

import glove_registry

BENCHMARKS = Path(__file__).parents[2] / "benchmarks"


@pytest.fixture
def script(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """The benchmark's module, with two texts and only this package's tokenizers."""
    monkeypatch.syspath_prepend(str(BENCHMARKS))
    module = importlib.import_module("tokens")
    own = list(module.list_contenders())[:5]
    monkeypatch.setattr(module, "list_contenders", lambda: own)
    texts = ["A good flim.", "Good!<br />"]
    monkeypatch.setattr(module, "read_reviews", lambda: texts)
    return module


def test_tokens_with_a_vector_are_counted_without_markup(script: ModuleType) -> None:
    """Of A, good, flim, a period, Good and a mark, five are known in lower case."""
    split = dict(script.list_contenders())["`ptb`"]
    known = {"a", "good", ".", "!"}
    speed, share = script.measure(split, script.read_reviews(), known)
    assert share == pytest.approx(5 / 6)
    assert speed > 0


def test_one_command_writes_the_table(
    script: ModuleType, capsys: pytest.CaptureFixture[str]
) -> None:
    """Each tokenizer is a row."""
    script.main(["--text", str(glove_registry.fetch(SAMPLE))])
    _, _, *rows = capsys.readouterr().out.splitlines()
    names = [row.split("|")[1].strip(" `") for row in rows]
    assert names == ["ptb", "lower-ptb", "tweets", "words", "whitespace"]
