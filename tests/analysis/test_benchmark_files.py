"""Files of benchmarks are read as they are written, or refused with the line."""

import json
from typing import Any

import pytest
from benchmark_files import ANALOGIES, SETS, TESTS
from hypothesis import given, settings
from hypothesis import strategies as st

from glove_registry.analysis.benchmarks import Analogies, Pairs, WordSets, parse
from glove_registry.errors import BenchmarkError
from glove_registry.registry import Benchmark, Source


def make(task: Any, **fields: Any) -> Benchmark:
    """Make an entry."""
    source = Source(url="https://example.org/b", sha256="a" * 64)
    return Benchmark(name="b", sources=(source,), task=task, **fields)


ASSOCIATION = make("association", tests={k: tuple(v) for k, v in TESTS.items()})


def test_analogies_are_read_by_section() -> None:
    """Four words on a line, below the name of their section."""
    found = parse(ANALOGIES, make("analogies"), "b")
    assert isinstance(found, Analogies)
    assert found.sections == {"family": slice(0, 3), "gram1-plural": slice(3, 5)}
    assert found.words[:4] == ["man", "king", "woman", "queen"]
    assert len(found.words) == 20


@pytest.mark.parametrize("separator", ["\t", ",", ";", " ", "   ", ", "])
@pytest.mark.parametrize("ending", ["\n", "\r\n", "\r"])
def test_pairs_are_read_whatever_separates_them(separator: str, ending: str) -> None:
    """Tabs, commas, semicolons and blanks separate columns, whatever ends a line."""
    rows = [("film", "movie", "9"), ("film", "book", "5.5"), ("a", "b", "-1e2")]
    text = ending.join(separator.join(row) for row in rows)
    found = parse(text.encode(), make("similarity"), "b")
    assert isinstance(found, Pairs)
    assert found.words == ["film", "movie", "film", "book", "a", "b"]
    assert found.scores.tolist() == [9, 5.5, -100]


def test_columns_and_header_are_the_entry_s() -> None:
    """An entry says where the words and the score are, and what to skip."""
    text = b"\xef\xbb\xbfscore,x,one,two\n\n1,?,a,b\n# no\n2,?,c,d e\n"
    found = parse(text, make("similarity", header=1, columns=(3, 4, 1)), "b")
    assert isinstance(found, Pairs)
    assert found.words == ["a", "b", "c", "d e"]
    assert found.scores.tolist() == [1, 2]


def test_sets_are_read_by_name() -> None:
    """Those that tests name are taken from the JSON object."""
    content = json.dumps({**SETS, "other": 5}).encode()
    found = parse(content, ASSOCIATION, "b")
    assert isinstance(found, WordSets)
    assert found.sets == SETS


FAULTS: dict[str, tuple[str, bytes, str]] = {
    "three words": ("analogies", b": a\n\na b c\n", "line 3: expected four words"),
    "five words": ("analogies", b": a\na b c d e\n", "line 2: expected four words"),
    "no section": ("analogies", b"a b c d\n", "line 1: expected a line such as ': f"),
    "section twice": ("analogies", b": a\n: a\n", "line 2: expected a new name"),
    "section unnamed": ("analogies", b":\n", "line 1: expected a new name"),
    "total": ("analogies", b": total\n", "line 1: expected a name that is not that of"),
    "no questions": ("analogies", b": a\n", "b: expected lines of four words, found"),
    "empty": ("analogies", b"", "b: expected lines of four words, found none"),
    "not UTF-8": ("analogies", b": a\n\xff b c d\n", "line 2: not UTF-8"),
    "two columns": ("similarity", b"a\tb\t1\nc\td\n", "line 2: expected at least 3"),
    "score a word": ("similarity", b"a,b,high\n", "number in column 3, found 'high'"),
    "header": ("similarity", b"#\na,b,score\n", "`header: 2` in the entry skips"),
    "separator": ("similarity", b"a,b;1\n", "at least 3 columns separated by commas"),
    "score nan": ("similarity", b"a b nan\n", "line 1: expected a number in column 3"),
    "score infinite": ("similarity", b"a b 1e999\n", "expected a number in column 3"),
    "word empty": ("similarity", b"a,,1\n", "line 1: expected a word in each of two"),
    "one pair": ("similarity", b"a b 1\n", "expected at least two pairs"),
    "a page": ("similarity", b"<html>\n<body>\n", "line 1: expected at least 3 col"),
    "not JSON": ("association", b'{\n "a": [}', "line 2, column 8: not valid JSON"),
    "a list": ("association", b"[]", "expected a JSON object"),
    "set twice": ("association", b'{"arts": ["a"], "arts": ["b"]}', "'arts' again"),
    "set missing": ("association", b"{}", "expected 'arts' to be a list of words"),
    "set empty": ("association", b'{"arts": []}', "expected 'arts' to be a list"),
    "set of numbers": ("association", b'{"arts": [1]}', "expected 'arts' to be a li"),
    "deep": ("association", b"[" * 100_000, "nested too deeply"),
}


@pytest.mark.parametrize("case", FAULTS)
def test_a_malformed_file_is_refused(case: str) -> None:
    """The error names the file and the line, what was expected and what was found."""
    task, content, words = FAULTS[case]
    benchmark = ASSOCIATION if task == "association" else make(task)
    with pytest.raises(BenchmarkError) as caught:
        parse(content, benchmark, "b")
    assert str(caught.value).startswith("b")
    assert words in str(caught.value)
    assert len(str(caught.value)) < 300


def test_a_section_is_not_called_as_a_total_of_the_entry() -> None:
    """`result[name]` would be one of two scores."""
    benchmark = make("analogies", totals={"semantic": ("family",)})
    with pytest.raises(BenchmarkError, match="line 1: expected a name that is not"):
        parse(b": semantic\na b c d\n", benchmark, "b")


def test_only_a_first_line_may_be_a_header() -> None:
    """A later line whose score is not a number gets no advice to skip it."""
    with pytest.raises(BenchmarkError) as caught:
        parse(b"a,b,1\na,b,c\n", make("similarity"), "b")
    assert (
        "line 2: expected a number in column 3, found 'c' (columns separated by"
        in str(caught.value)
    )
    assert "header" not in str(caught.value)


def test_a_long_line_is_not_shown_in_full() -> None:
    """A binary file, or one without line ends, gives a short error."""
    with pytest.raises(BenchmarkError) as caught:
        parse(b"x" * 100_000, make("similarity"), "b")
    assert len(str(caught.value)) < 300


@given(st.binary(max_size=300), st.sampled_from(["analogies", "similarity", "ass"]))
def test_any_bytes_are_read_or_refused(content: bytes, task: str) -> None:
    """No content whatever ends in anything but questions or a BenchmarkError."""
    benchmark = ASSOCIATION if task == "ass" else make(task)
    try:
        found = parse(content, benchmark, "b")
    except BenchmarkError:
        return
    assert isinstance(found, Analogies | Pairs | WordSets)


_WORDS = st.text(
    st.characters(codec="utf-8", exclude_categories=["C", "Z"], exclude_characters=":"),
    min_size=1,
).filter(lambda word: not word.isspace())


@settings(max_examples=40)
@given(st.dictionaries(_WORDS, st.lists(st.tuples(*[_WORDS] * 4), min_size=1)))
def test_what_was_written_is_read(sections: dict[str, list[tuple[str, ...]]]) -> None:
    """Any words, in any number of sections, come back in their order."""
    text = "".join(
        f": {name}\n" + "".join(f"{' '.join(words)}\n" for words in questions)
        for name, questions in sections.items()
    )
    if not sections:
        return
    found = parse(text.encode(), make("analogies"), "b")
    assert isinstance(found, Analogies)
    expected = [word for some in sections.values() for words in some for word in words]
    assert found.words == expected
    sizes = {name: len(some) for name, some in sections.items()}
    assert {n: s.stop - s.start for n, s in found.sections.items()} == sizes
