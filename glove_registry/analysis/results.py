"""`Result`: the scores of vectors on a benchmark, with their protocol."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from ..registry import EvaluationCase, Task, UnknownRule
from .analogies import Rule

MEASURES: dict[Task, str] = {
    "analogies": "accuracy",
    "similarity": "Spearman's rank correlation",
    "association": "effect size d",
}

_CASES: dict[EvaluationCase, str] = {
    "fallback": "words as written, else in another case",
    "exact": "case kept",
    "lower": "lower case",
}
_UNKNOWN: dict[UnknownRule, str] = {
    "skip": "unknown words skipped",
    "zeros": "zeros for unknown words",
    "mean": "mean vector for unknown words",
}


@dataclass(frozen=True, slots=True)
class Protocol:
    """How a benchmark was evaluated; ``str()`` says it in words.

    Attributes
    ----------
    restrict : int or None
        Size of the vocabulary, the most frequent words; None for all words.
    case : {"fallback", "exact", "lower"}
    oov : {"skip", "zeros", "mean"}
    rule : {"3CosAdd", "3CosMul"} or None
        How analogies are answered.
    """

    restrict: int | None
    case: EvaluationCase
    oov: UnknownRule
    rule: Rule | None

    def __str__(self) -> str:
        words = "whole vocabulary"
        if self.restrict is not None:
            words = f"{self.restrict:,} most frequent words"
        parts = [words, _CASES[self.case], _UNKNOWN[self.oov]]
        return ", ".join([*parts, self.rule] if self.rule else parts)


@dataclass(frozen=True, slots=True)
class Score:
    """The score of one part of a benchmark.

    Attributes
    ----------
    part : str
        ``"total"``, or the name of a total, a section or a test.
    value : float or None
        None if it is not defined, such as for no answered question.
    answered, asked : int
        How many questions have a vector for each of their words, of how many; of an
        association test, how many words.
    correct : int or None
        Number of correct answers to analogies.

    Examples
    --------
    >>> from glove_registry import analysis
    >>> score = analysis.Score("total", 0.5, answered=4, asked=5, correct=2)
    >>> score.to_dict()["asked"]
    5
    """

    part: str
    value: float | None
    answered: int
    asked: int
    correct: int | None = None

    def to_dict(self) -> dict[str, Any]:
        """Return plain values for JSON."""
        return {
            "part": self.part,
            "value": self.value,
            "answered": self.answered,
            "asked": self.asked,
            "correct": self.correct,
        }


@dataclass(frozen=True, slots=True)
class Reference:
    """What somebody has published about the same vectors.

    Attributes
    ----------
    source : str
    url, protocol : str or None
    values : mapping of str to float
        Scores by part.
    """

    source: str
    url: str | None
    protocol: str | None
    values: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Result:
    """The scores of one set of vectors on one benchmark.

    Attributes
    ----------
    vectors : str
        The name of the vectors, with their revision if it is not the default one, and
        their `dtype` if it is not float32: ``"glove.6B.50d (int8)"``. A subset is
        ``"NAME (500 of 400,000 words)"``. Of several sets that would be called the
        same, the second is ``"NAME #2"``.
    dtype : str
        Type of the numbers on disk.
    benchmark : str
    task : {"analogies", "similarity", "association"}
    protocol : Protocol
    scores : tuple of Score
        The total first, then totals of several sections, then sections or tests.
    sections : frozenset of str
        Which parts are sections of a file of analogies.
    published : tuple of Reference

    Notes
    -----
    Iterating yields the scores; ``result["semantic"]`` is that of a part.
    """

    vectors: str
    dtype: str
    benchmark: str
    task: Task
    protocol: Protocol
    scores: tuple[Score, ...]
    sections: frozenset[str]
    published: tuple[Reference, ...]

    @property
    def measure(self) -> str:
        """What the scores are."""
        return MEASURES[self.task]

    @property
    def total(self) -> Score:
        """The score of the whole benchmark.

        Raises
        ------
        KeyError
            It has none: association tests are not added up.
        """
        return self["total"]

    def __iter__(self) -> Iterator[Score]:
        return iter(self.scores)

    def __len__(self) -> int:
        return len(self.scores)

    def __getitem__(self, part: str) -> Score:
        """Return the score of a part."""
        for score in self.scores:
            if score.part == part:
                return score
        known = ", ".join(repr(score.part) for score in self.scores)
        raise KeyError(f"{self.benchmark} has no part {part!r}: it has {known}")

    def list_differences(
        self, part: str
    ) -> list[tuple[Reference, float, float | None]]:
        """List published scores of a part, each with the difference to this score."""
        value = self[part].value
        return [
            (
                reference,
                reference.values[part],
                None if value is None else value - reference.values[part],
            )
            for reference in self.published
            if part in reference.values
        ]

    def to_dict(self) -> dict[str, Any]:
        """Return plain values for JSON."""
        return {
            "vectors": self.vectors,
            "dtype": self.dtype,
            "benchmark": self.benchmark,
            "task": self.task,
            "measure": self.measure,
            "protocol": {
                "restrict": self.protocol.restrict,
                "case": self.protocol.case,
                "oov": self.protocol.oov,
                "rule": self.protocol.rule,
            },
            "scores": [
                {
                    **score.to_dict(),
                    "published": [
                        {
                            "source": reference.source,
                            "url": reference.url,
                            "protocol": reference.protocol,
                            "value": published,
                            "difference": difference,
                        }
                        for reference, published, difference in self.list_differences(
                            score.part
                        )
                    ],
                }
                for score in self.scores
            ],
        }
