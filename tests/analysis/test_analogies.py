"""Analogies are answered as plain numpy answers them."""

import numpy as np
import pytest

from glove_registry import Vectors
from glove_registry.analysis import analogies
from glove_registry.analysis.analogies import Rule, answer


@pytest.mark.parametrize("rule", ["3CosAdd", "3CosMul"])
@pytest.mark.parametrize("restrict", [None, 3000])
def test_many_questions_get_the_answers_of_plain_numpy(
    sample: Vectors, rule: Rule, restrict: int | None
) -> None:
    """By either rule, over all words or the most frequent, without the question's."""
    questions = np.random.default_rng(3).integers(0, 3000, (600, 3))
    unit = np.array(sample.matrix, float)
    unit /= np.linalg.norm(unit, axis=1, keepdims=True)
    a, b, c = (unit[rows] @ unit.T for rows in questions.T)
    if rule == "3CosAdd":
        scores = b - a + c
    else:
        scores = (b + 1) / 2 * (c + 1) / 2 / ((a + 1) / 2 + 1e-6)
    scores[np.arange(600)[:, None], questions] = -9
    found = answer(sample, questions, rule=rule, restrict=restrict)
    assert found.tolist() == scores[:, :restrict].argmax(axis=1).tolist()


def test_answers_may_be_restricted_to_rows(sample: Vectors) -> None:
    """Rows by number, of which those of the question do not count."""
    words = ["man", "king", "woman", "prince", "the"]
    question = sample.rows(words[:3])[None]
    among = np.sort(sample.rows(words))
    assert sample.tokens[answer(sample, question, restrict=among)[0]] == "prince"
    assert answer(sample, question, restrict=np.sort(question[0])).tolist() == [-1]
    assert answer(sample, np.empty((0, 3), np.int64)).tolist() == []


def test_there_are_two_rules(sample: Vectors) -> None:
    """Another name is an error that lists them."""
    assert analogies.RULES == ("3CosAdd", "3CosMul")
    with pytest.raises(ValueError, match="rule='add': expected one of 3CosAdd, 3Cos"):
        answer(sample, np.zeros((1, 3), np.int64), rule="add")  # type: ignore[arg-type]
