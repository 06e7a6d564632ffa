"""`Evaluation`: the results of vectors on benchmarks, as a table."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from .render import render_csv, render_html, render_markdown, render_text
from .results import Result


@dataclass(frozen=True, slots=True, repr=False)
class Evaluation:
    """Scores of vectors on benchmarks; returned by ``Vectors.evaluate``.

    It prints as a table with a column for each set of vectors, beside published scores.
    Iterating yields a `Result` for each set of vectors and benchmark;
    ``evaluation["simlex-999"]`` is that of a benchmark, and
    ``evaluation["glove.6B.50d", "simlex-999"]`` that of one of several sets of vectors.

    Attributes
    ----------
    results : tuple of Result

    Raises
    ------
    ValueError
        Two results are of the same vectors and benchmark.
    """

    results: tuple[Result, ...]

    def __post_init__(self) -> None:
        # A table would show only one of them.
        for key, count in Counter(
            (r.vectors, r.benchmark) for r in self.results
        ).items():
            if count > 1:
                raise ValueError(f"results: expected one for {key}, found {count}")

    def __iter__(self) -> Iterator[Result]:
        return iter(self.results)

    def __len__(self) -> int:
        return len(self.results)

    def __getitem__(self, key: str | tuple[str, str]) -> Result:
        vectors, benchmark = key if isinstance(key, tuple) else (None, key)
        found = [
            result
            for result in self.results
            if result.benchmark == benchmark and vectors in (None, result.vectors)
        ]
        if len(found) == 1:
            return found[0]
        known = ", ".join(repr((r.vectors, r.benchmark)) for r in self.results)
        raise KeyError(f"{key!r} names {len(found)} results: there are {known}")

    def to_dict(self) -> dict[str, Any]:
        """Return plain values for JSON."""
        return {"results": [result.to_dict() for result in self.results]}

    def to_csv(self) -> str:
        """Return CSV: a line for each score, and one for each published score."""
        return render_csv(self.results)

    def to_markdown(self) -> str:
        """Return the table that is printed, as Markdown."""
        return render_markdown(self.results)

    def __str__(self) -> str:
        return render_text(self.results)

    def __repr__(self) -> str:
        vectors = ", ".join(dict.fromkeys(r.vectors for r in self.results))
        benchmarks = ", ".join(dict.fromkeys(r.benchmark for r in self.results))
        return f"<Evaluation of {vectors} on {benchmarks}>"

    def _repr_html_(self) -> str:
        return render_html(self.results)

    def _repr_markdown_(self) -> str:
        return self.to_markdown()
