"""Frozen facts about one benchmark: a file of questions, and how it is evaluated."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, get_args

from .names import EvaluationCase, UnknownRule
from .resource import Resource

Task = Literal["analogies", "similarity", "association"]
"""Names of the kinds of benchmarks."""

TASKS: tuple[Task, ...] = get_args(Task)


@dataclass(frozen=True, slots=True, kw_only=True)
class Published:
    """Scores that somebody has published, and how they were measured.

    Attributes
    ----------
    source : str
        Who published them, in a few words.
    url : str or None
        Where.
    protocol : str or None
        How they were measured, for people.
    scores : mapping of str to mapping of str to float
        For each variant, a score by the name of its part, such as ``"total"``.
    """

    source: str
    url: str | None = None
    protocol: str | None = None
    scores: Mapping[str, Mapping[str, float]]


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Benchmark(Resource):
    """A published set of questions about words, as the registry describes it.

    Attributes
    ----------
    name : str
    task : {"analogies", "similarity", "association"}
        What is asked: ``a`` is to ``b`` as ``c`` is to what; how similar two words
        are; how strongly sets of words are associated (WEAT).
    sources, member, description, license, citation, homepage, origin
        As of a `Variant`.
    case : {"fallback", "exact", "lower"}
        How its words are looked up, unless the caller says otherwise.
    oov : {"skip", "zeros", "mean"}
        What becomes of words without a vector, unless the caller says otherwise.
    columns : tuple of int
        Columns of the two words and the score in a file of similarities, from 1.
    header : int
        Lines to skip at the beginning of a file of similarities.
    totals : mapping of str to tuple of str
        Totals over several sections of a file of analogies: patterns of their names.
    tests : mapping of str to tuple of str
        Association tests: the names of the two sets of targets and the two of
        attributes.
    published : tuple of Published
        Scores to compare with.
    """

    task: Task
    case: EvaluationCase = "fallback"
    oov: UnknownRule = "skip"
    columns: tuple[int, ...] = (1, 2, 3)
    header: int = 0
    totals: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    tests: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    published: tuple[Published, ...] = ()
