"""Two dimensions: as scikit-learn projects them, and labels that can be read."""

import sys
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from matplotlib.text import Text
from sklearn.decomposition import PCA

import glove_registry
from glove_registry import Vectors, errors
from glove_registry.analysis import chart, project
from glove_registry.analysis.chart import place_labels

WORDS = ["france", "paris", "germany", "king", "queen", "man", "woman", "apple"]


def test_the_plane_is_that_of_scikit_learn(sample: Vectors) -> None:
    """PCA, but for the sign of each axis, which is always the same."""
    found = project(sample, WORDS)
    vectors = sample.lookup(WORDS).astype(float)
    model = PCA(2, svd_solver="full").fit(vectors)
    expected = model.transform(vectors)
    for axis in range(2):
        weights = model.components_[axis]
        sign = np.sign(weights[np.abs(weights).argmax()])
        np.testing.assert_allclose(found[:, axis], sign * expected[:, axis], atol=1e-5)


def test_signs_do_not_depend_on_the_order(sample: Vectors) -> None:
    """The same words in another order lie at the same points."""
    there = project(sample, WORDS)
    back = project(sample, WORDS[::-1])
    np.testing.assert_allclose(back[::-1], there, atol=1e-6)


@pytest.mark.parametrize("words", [["film"], ["film", "film"], ["film", "book"]])
def test_few_words_lie_on_a_line(sample: Vectors, words: list[str]) -> None:
    """One word is a point, two are on a line: the other axis is zero."""
    found = project(sample, words)
    assert found.shape == (len(words), 2)
    assert np.abs(found[:, 1]).max() < 1e-6
    distance = np.linalg.norm(sample[words[0]] - sample[words[-1]])
    assert np.ptp(found[:, 0]) == pytest.approx(distance, abs=1e-5)


@pytest.mark.parametrize(
    ("arguments", "error", "words"),
    [
        ((["flim"],), errors.UnknownWordError, r"^'flim' has .*did you mean 'film'\?$"),
        (("film",), errors.UnknownWordError, r"write \['film'\]"),
        (([],), ValueError, "expected at least one word"),
        ((["film"], "tsne"), ValueError, "method='tsne': expected one of pca"),
    ],
)
def test_mistakes_are_errors(
    sample: Vectors, arguments: Any, error: type[Exception], words: str
) -> None:
    """Each mistake says what was expected, for the numbers and for the plot."""
    with pytest.raises(error, match=words):
        project(sample, *arguments)
    with pytest.raises(error, match=words):
        chart.draw(sample, *arguments)


def test_labels_do_not_overlap_in_a_plot(sample: Vectors, tmp_path: Path) -> None:
    """Each word has a point and a visible label; no two labels overlap."""
    words = [*(sample.tokens[row] for row in range(300, 360)), "$", "_", "^"]
    words = [word for word in words if word in sample]
    figure = sample.plot([*words, words[0]], tmp_path / "words.png")
    assert (tmp_path / "words.png").read_bytes().startswith(b"\x89PNG")
    (axes,) = figure.axes
    assert len(np.asarray(axes.collections[0].get_offsets())) == len(words)
    labels = [text for text in axes.texts if text.get_visible()]
    assert [label.get_text().replace("\\", "") for label in labels] == words
    figure.draw_without_rendering()
    # Without the line to its point.
    extents = [Text.get_window_extent(label) for label in labels]
    for one, other in combinations(extents, 2):
        assert not one.overlaps(other)
    frame = axes.get_window_extent()
    for box in extents:
        assert frame.x0 <= box.x0 < box.x1 <= frame.x1
        assert frame.y0 <= box.y0 < box.y1 <= frame.y1


@given(
    st.lists(
        st.tuples(st.integers(0, 200), st.integers(0, 200), st.integers(1, 60)),
        min_size=1,
        max_size=25,
    )
)
def test_no_two_labels_take_the_same_place(
    labels: list[tuple[int, int, int]],
) -> None:
    """However near the points are, labels are apart and inside, or left out."""
    points = np.array([(x, y) for x, y, _ in labels], float)
    sizes = [(float(width), 10.0) for _, _, width in labels]
    offsets = place_labels(points, sizes, np.array([0.0, 0.0, 200.0, 200.0]))
    boxes = [
        (x + dx - w / 2, y + dy - h / 2, x + dx + w / 2, y + dy + h / 2)
        for (x, y), (w, h), (dx, dy) in (
            (point, size, offset)
            for point, size, offset in zip(points, sizes, offsets, strict=True)
            if offset
        )
    ]
    for box in boxes:
        assert min(box[:2]) >= 0
        assert max(box[2:]) <= 200
    for a, b in combinations(boxes, 2):
        assert a[0] >= b[2] or b[0] >= a[2] or a[1] >= b[3] or b[1] >= a[3]


def test_a_label_without_room_is_left_out() -> None:
    """One that is wider than the figure has no place; the others keep theirs."""
    offsets = place_labels(
        np.array([[50.0, 50.0], [20.0, 20.0]]),
        [(500.0, 10.0), (20.0, 10.0)],
        np.array([0.0, 0.0, 100.0, 100.0]),
    )
    assert offsets[0] is None
    assert offsets[1] is not None


def test_without_matplotlib_the_error_says_what_to_install(
    sample: Vectors, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The extra is named."""
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)
    monkeypatch.delitem(sys.modules, "glove_registry.figures.picture", raising=False)
    with pytest.raises(ImportError, match=r"pip install 'glove_registry\[plot\]'"):
        sample.plot(["film"])


def test_a_plot_that_cannot_be_saved_is_an_error(
    sample: Vectors, tmp_path: Path
) -> None:
    """The error names the path."""
    with pytest.raises(errors.OutputError, match=r"words\.xyz cannot be written"):
        sample.plot(["film", "book"], tmp_path / "words.xyz")


@pytest.mark.parametrize("path", ["", 1, b"words.png"])
def test_a_plot_needs_a_path(sample: Vectors, path: Any) -> None:
    """A number would be an open file of the process, and an empty path no file."""
    with pytest.raises(errors.OutputError, match=f"^path={path!r}: expected the path"):
        sample.plot(["film", "book"], path)


@pytest.mark.parametrize("dimension", [1, 2, 3, 50])
def test_what_lies_on_a_line_has_one_coordinate(dimension: int) -> None:
    """The other is 0, and not a rounding error that a chart would magnify."""
    steps = np.arange(1.0, 6)[:, None]
    direction = np.arange(1.0, dimension + 1)[None] / 4
    words = list("abcde")
    line = glove_registry.from_arrays(words, steps * direction, name="line")
    for some, long in ((words, 4), (words[:2], 1), (["b", "b"], 0)):
        projected = project(line, some)
        assert not projected[:, 1].any()
        expected = long * np.linalg.norm(direction)
        np.testing.assert_allclose(np.ptp(projected[:, 0]), expected)
