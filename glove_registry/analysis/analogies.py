"""Analogies: find the word to which `c` is as `a` is to `b`."""

from typing import Literal, TypeAlias, get_args

import numpy as np
from numpy.typing import NDArray

from ..lookup.rows import Rows
from .directions import Restriction, find_directions, normalize
from .questions import Nearest, ThreeCosMul
from .search import NO_ROW, Questions, in_groups, search

Rule: TypeAlias = Literal["3CosAdd", "3CosMul"]
RULES: tuple[Rule, ...] = get_args(Rule)


def answer(
    rows: Rows,
    questions: NDArray[np.int64],
    *,
    rule: Rule = "3CosAdd",
    restrict: Restriction = None,
    unknown: NDArray[np.floating] | None = None,
) -> NDArray[np.int64]:
    """Return the answers to many analogies, whose own words are left out.

    Parameters
    ----------
    rows : Rows
    questions : ndarray of shape (n_questions, 3), int64
        Rows of `a`, `b` and `c`: `a` is to `b` as `c` is to the answer.
    rule : {"3CosAdd", "3CosMul"}
    restrict : int or ndarray of int64, optional
        Answers are the first rows only, or rows by number, ascending.
    unknown : ndarray of shape (dimension,), optional
        Vector for words whose row is -1.

    Returns
    -------
    ndarray of shape (n_questions,), int64
        The row of the answer; -1 if no row is left.
    """
    check_rule(rule)
    directions = find_directions(rows)
    answers = np.full(len(questions), -1)
    for some in in_groups(len(questions)):
        asked = questions[some]
        terms = [rows.take(term.clip(0)) for term in asked.T]
        for vectors, term in zip(terms, asked.T, strict=True):
            if unknown is not None:
                vectors[term == NO_ROW] = unknown
        found, _ = search(
            directions,
            make_questions(rule, *terms),
            1,
            restrict=restrict,
            exclude=asked,
        )
        if found.shape[1]:
            answers[some] = found[:, 0]
    return answers


def check_rule(rule: object) -> None:
    """Raise `ValueError` if `rule` is not the name of a rule."""
    if rule not in RULES:
        raise ValueError(f"rule={rule!r}: expected one of {', '.join(RULES)}")


def make_questions(
    rule: Rule,
    a: NDArray[np.floating],
    b: NDArray[np.floating],
    c: NDArray[np.floating],
) -> Questions:
    """Return the questions for the words that complete analogies.

    Parameters
    ----------
    rule : {"3CosAdd", "3CosMul"}
    a, b, c : ndarray of shape (n_questions, dimension)
    """
    if rule == "3CosMul":
        return ThreeCosMul(a, b, c)
    return Nearest(normalize(b) - normalize(a) + normalize(c))
