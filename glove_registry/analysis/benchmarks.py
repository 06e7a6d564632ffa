"""Read the files of benchmarks: analogies, pairs of words with a score, sets of words.

A file that is not as expected is refused with its line.
"""

import json
import math
import os
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..cache import Cache
from ..download import ensure_original
from ..errors import BenchmarkError
from ..messages.printable import shorten
from ..registry import Benchmark

_LONGEST_SHOWN = 60
# The first that occurs in a line of pairs separates its columns.
_SEPARATORS = {"\t": "tabs", ",": "commas", ";": "semicolons"}


@dataclass(frozen=True, slots=True)
class Analogies:
    """Questions by section: ``a`` is to ``b`` as ``c`` is to ``d``."""

    words: list[str]  # four for each question, section by section
    sections: dict[str, slice]  # of the questions


@dataclass(frozen=True, slots=True)
class Pairs:
    """Pairs of words and how similar people find them."""

    words: list[str]  # two for each pair
    scores: NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class WordSets:
    """Sets of words by name."""

    sets: dict[str, list[str]]


def read_benchmark(
    benchmark: Benchmark,
    *,
    cache_dir: str | os.PathLike[str] | None = None,
    offline: bool | None = None,
    progress: bool | None = None,
) -> Analogies | Pairs | WordSets:
    """Return the questions of a benchmark, fetched and verified on first use.

    Raises
    ------
    ChecksumError, FetchError, OfflineError, CacheError
        As for `glove_registry.fetch`.
    BenchmarkError
        The file is not written as the benchmark's task needs it.
    """
    cache = Cache.locate(cache_dir)
    path = ensure_original(benchmark, cache, offline=offline, progress=progress)
    with cache.access():
        content = path.read_bytes()
    # The copy in the cache has a name that people do not know.
    shown = f"{benchmark.name} ({benchmark.origin})"
    return parse(content, benchmark, shown)


def parse(
    content: bytes, benchmark: Benchmark, shown: str
) -> Analogies | Pairs | WordSets:
    """Parse the content of a benchmark's file, which is called `shown` in errors."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise BenchmarkError(
            f"{shown}, line {line}: not UTF-8: convert the file to UTF-8"
        ) from None
    lines = _Lines(text, shown)
    if benchmark.task == "analogies":
        return _parse_analogies(lines, benchmark)
    if benchmark.task == "similarity":
        return _parse_pairs(lines, benchmark)
    return _parse_sets(text, benchmark, shown)


class _Lines:
    """The lines of a file; an error names the file and the line."""

    def __init__(self, text: str, shown: str) -> None:
        # Only these end a line, unlike in `str.splitlines`.
        self._lines = re.split(r"\r\n|\r|\n", text)
        self.number = 0
        self.shown = shown

    def read(self, skip: int = 0) -> Iterator[str]:
        """Yield lines that are not empty."""
        for number, line in enumerate(self._lines[skip:], skip + 1):
            self.number = number
            if line.strip():
                yield line

    def refuse(self, expected: str, found: str, hint: str = "") -> BenchmarkError:
        """Return an error about the line that was read last."""
        found = shorten(found, _LONGEST_SHOWN)
        return BenchmarkError(
            f"{self.shown}, line {self.number}: expected {expected}, found {found!r}"
            + hint
        )

    def refuse_all(self, expected: str) -> BenchmarkError:
        """Return an error about a file that contains nothing."""
        return BenchmarkError(f"{self.shown}: expected {expected}, found none")


def _parse_analogies(lines: _Lines, benchmark: Benchmark) -> Analogies:
    totals = {"total", *benchmark.totals}
    starts: dict[str, int] = {}
    words: list[str] = []
    for line in lines.read():
        if line.startswith(":"):
            name = line[1:].strip()
            if not name or name in starts:
                raise lines.refuse("a new name after the colon", line)
            if name in totals:
                raise lines.refuse("a name that is not that of a total", line)
            starts[name] = len(words) // 4
            continue
        question = line.split()
        if len(question) != 4:
            raise lines.refuse("four words separated by blanks", line)
        if not starts:
            raise lines.refuse("a line such as ': family' before the questions", line)
        words += question
    if not words:
        raise lines.refuse_all("lines of four words")
    stops = [*list(starts.values())[1:], len(words) // 4]
    return Analogies(
        words,
        {
            name: slice(start, stop)
            for (name, start), stop in zip(starts.items(), stops, strict=True)
        },
    )


def _parse_pairs(lines: _Lines, benchmark: Benchmark) -> Pairs:
    words: list[str] = []
    scores = []
    needed = max(benchmark.columns)
    for line in lines.read(skip=benchmark.header):
        if line.startswith("#"):  # a comment
            continue
        separator = next((each for each in _SEPARATORS if each in line), None)
        cells = [cell.strip() for cell in line.split(separator)]
        separated = f"separated by {_SEPARATORS.get(separator or '', 'blanks')}"
        if len(cells) < needed:
            raise lines.refuse(f"at least {needed} columns {separated}", line)
        first, second, score = (cells[column - 1] for column in benchmark.columns)
        if not (first and second):
            raise lines.refuse("a word in each of two columns", line)
        words += [first, second]
        try:
            scores.append(float(score))
        except ValueError:
            scores.append(math.nan)
        if not math.isfinite(scores[-1]):
            hint = f" (columns {separated})"
            if len(scores) == 1:
                hint += f"; `header: {lines.number}` in the entry skips a header"
            expected = f"a number in column {benchmark.columns[2]}"
            raise lines.refuse(expected, score, hint)
    if len(scores) < 2:
        raise lines.refuse_all("at least two pairs of words with a score")
    return Pairs(words, np.array(scores))


def _make_dict(shown: str, pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Return a JSON object, none of whose keys is repeated."""
    found = dict(pairs)
    if len(found) < len(pairs):
        counts = Counter(key for key, _ in pairs)
        name = shorten(counts.most_common(1)[0][0], _LONGEST_SHOWN)
        raise BenchmarkError(f"{shown}: expected each name once, found {name!r} again")
    return found


def _parse_sets(text: str, benchmark: Benchmark, shown: str) -> WordSets:
    try:
        found: Any = json.loads(text, object_pairs_hook=partial(_make_dict, shown))
    except json.JSONDecodeError as error:
        raise BenchmarkError(
            f"{shown}, line {error.lineno}, column {error.colno}: not valid JSON"
        ) from None
    except RecursionError:
        raise BenchmarkError(f"{shown}: JSON that is nested too deeply") from None
    if not isinstance(found, dict):
        raise BenchmarkError(f"{shown}: expected a JSON object of lists of words")
    sets: dict[str, list[str]] = {}
    for name in sorted({name for test in benchmark.tests.values() for name in test}):
        words = found.get(name)
        if (
            not isinstance(words, list)
            or not words
            or not all(isinstance(word, str) for word in words)
        ):
            raise BenchmarkError(
                f"{shown}: expected {name!r} to be a list of words: correct the name "
                "in `tests`, or the file"
            )
        sets[name] = words
    return WordSets(sets)
