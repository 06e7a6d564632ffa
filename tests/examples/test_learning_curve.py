"""The learning curve runs with the sample, and says of its points what is so."""

import importlib
import math
import os
import subprocess
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest
from test_run_experiment import CHECKOUT, EXAMPLES

import glove_registry


def start(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the script with few texts to its end."""
    return subprocess.run(
        [
            *(sys.executable, str(EXAMPLES / "learning_curve.py"), "--seeds", "2"),
            *("--test-texts", "300", *arguments),
        ],
        cwd=folder,
        env={
            **os.environ,
            "GLOVE_REGISTRY_CACHE": str(folder / "cache"),
            "PYTHONPATH": str(CHECKOUT),
        },
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.slow
def test_a_run_writes_a_table_and_a_picture(tmp_path: Path) -> None:
    """Each number of labels has a row, and the same seeds give the same numbers."""
    done = start(tmp_path, "--sizes", "100,20")
    assert done.returncode == 0, done.stderr
    rows = [line.split(" | ")[0] for line in done.stdout.splitlines()[4:6]]
    assert rows == ["| 20", "| 100"]
    results = tmp_path / "results"
    assert (results / "learning-curve.png").read_bytes().startswith(b"\x89PNG")
    written = (results / "learning-curve.md").read_text()
    assert done.stdout.startswith(written)
    again = start(tmp_path, "--sizes", "100,20", "--output", "again")
    assert (tmp_path / "again" / "learning-curve.md").read_text() == written, again


@pytest.fixture
def curve(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """The script as a module."""
    monkeypatch.syspath_prepend(str(EXAMPLES))
    return importlib.import_module("learning_curve")


def test_too_few_texts_are_an_error(curve: ModuleType) -> None:
    """More labels than there are reviews are refused with both numbers."""
    reviews = [(["film"], 1)] * 30
    vectors = glove_registry.from_arrays(["film"], [[1, 2]], name="own")
    expected = "30 reviews, too few to train on 21 and to test on 10 others"
    with pytest.raises(curve.ConfigError, match=expected):
        curve.measure(reviews, vectors, [5, 21], 1, 10, 40, print)


@pytest.mark.parametrize("text", ["", "20,", "0,20", "-5", "2.5", "a"])
def test_numbers_of_labels_are_whole_numbers(curve: ModuleType, text: str) -> None:
    """Anything else is refused; numbers are sorted, and none counts twice."""
    with pytest.raises(curve.argparse.ArgumentTypeError, match="whole number"):
        curve.read_sizes(text)
    assert curve.read_sizes("100,20,100") == [20, 100]


def make_points(curve: ModuleType, *rows: tuple[int, float, float]) -> list[Any]:
    """Return points from labels and the accuracies of vectors and TF-IDF."""
    return [
        curve.Point(labels, {"vectors": [a, a], "random": [0.5], "TF-IDF": [b]})
        for labels, a, b in rows
    ]


def test_curves_cross_where_the_line_between_two_gains_is_zero(
    curve: ModuleType,
) -> None:
    """Labels are interpolated in their logarithm, where the curves cross last."""
    rows = (10, 0.5, 0.6), (100, 0.9, 0.7), (1000, 0.7, 0.9), (10000, 0.7, 0.8)
    points = make_points(curve, *rows)
    assert math.isclose(curve.find_crossing(points, "TF-IDF"), 10**2.5)
    assert curve.find_crossing(points[:2], "TF-IDF") is None
    assert curve.find_crossing(points[2:], "TF-IDF") is None
    table = curve.write_table(points, "own").splitlines()
    assert table[-1] == "TF-IDF is better from about 320 labels on."


def test_what_labels_are_worth(curve: ModuleType) -> None:
    """It is where the other curve is as high, however far that is; None if nowhere."""
    points = make_points(curve, (10, 0.6, 0.5), (100, 0.7, 0.6), (1000, 0.9, 0.8))
    assert math.isclose(curve.find_worth(points, 100, "TF-IDF"), 10**2.5)
    assert math.isclose(curve.find_worth(points, 10, "TF-IDF"), 100)
    assert curve.find_worth(points, 1000, "TF-IDF") is None
    assert (
        curve.state_finding(points) == "100 labels with vectors are worth 320 without"
    )
    assert "better" not in curve.write_table(points, "own")


def test_a_title_does_not_claim_what_is_not_so(curve: ModuleType) -> None:
    """A small gain is none; where vectors lose, the title only says what is shown."""
    small = make_points(curve, (10, 0.6, 0.5), (100, 0.701, 0.7), (1000, 0.45, 0.8))
    assert curve.state_finding(small) == "Vectors beat random ones up to 630 labels"
    worse = make_points(curve, (10, 0.4, 0.6), (100, 0.4, 0.7))
    assert not set(curve.state_finding(worse).split()) & {"worth", "beat"}


def test_the_table_has_means_and_deviations(curve: ModuleType) -> None:
    """Means are rounded to three digits; one seed has the deviation 0."""
    accuracies = {"vectors": [0.6, 0.8], "random": [0.5], "TF-IDF": [0.5004]}
    table = curve.write_table([curve.Point(1000, accuracies)], "own").splitlines()
    assert table[0] == "| labels | own | random embeddings | TF-IDF |"
    assert table[2] == "| 1,000 | 0.700 (0.141) | 0.500 (0.000) | 0.500 (0.000) |"


def test_labels_of_the_picture_do_not_overlap(
    curve: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each curve is named at its end, apart from others; the longest title fits."""
    from matplotlib.figure import Figure
    from matplotlib.text import Annotation, Text

    figures = []
    save = Figure.savefig

    def keep(figure: Figure, *args: Any, **options: Any) -> None:
        save(figure, *args, **options)
        figures.append(figure)

    monkeypatch.setattr(Figure, "savefig", keep)
    points = make_points(curve, (20, 0.6, 0.5), (5000, 0.75, 0.7501))
    points[1].accuracies["random"] = [0.7499]
    path = tmp_path / "curve.png"
    title = "10,000 labels with vectors are worth 99,000 without"
    curve.draw_picture(points, "glove.6B.50d-first10k", title, path)
    (figure,) = figures
    figure.draw_without_rendering()
    boxes = [text.get_window_extent() for text in figure.findobj(Annotation)]
    assert len(boxes) == 3
    width, height = figure.canvas.get_width_height()
    for i, box in enumerate(boxes):
        assert box.x1 <= width
        assert box.y1 <= height
        assert not any(box.overlaps(other) for other in boxes[:i])
    assert figure.axes[0].get_title(loc="left") == title
    (shown,) = (text for text in figure.findobj(Text) if text.get_text() == title)
    assert shown.get_window_extent().x1 <= width


@pytest.mark.slow
def test_a_training_does_not_depend_on_those_before(
    curve: ModuleType,
) -> None:
    """A classifier that has learned something else learns the same again."""
    classifiers = importlib.import_module("classifiers")
    reviews = [
        (["a", "good", "film"] if i % 2 else ["a", "bad", "film", f"{i % 9}"], i % 2)
        for i in range(60)
    ]
    vectors = glove_registry.load("glove.6B.50d-first10k")
    words = classifiers.choose_words(reviews)
    texts, _ = classifiers.prepare(reviews, reviews, words, 10)
    for classifier in classifiers.make_classifiers(vectors, words).values():
        classifier.train(texts.take(np.arange(20)), seed=1)
        first = classifier._model.get_weights()
        assert classifier.test(texts) == 1
        classifier.train(texts.take(np.arange(40)), seed=2)
        classifier.train(texts.take(np.arange(20)), seed=1)
        for before, after in zip(first, classifier._model.get_weights(), strict=True):
            np.testing.assert_array_equal(before, after)
