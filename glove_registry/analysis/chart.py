"""Words as points in a plane, with labels that do not overlap."""

import math
from collections.abc import Iterable, Iterator, Sequence
from itertools import product
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ..figures import make_figure
from ..lookup.case import Case
from ..lookup.rows import Rows, list_words
from ..messages.printable import make_line, shorten
from .projection import Method, project

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_COLOUR = "#0072B2"
_FONT_SIZE = 9
# Points around a label, and between a point and its label.
_GAP = 2.0
_POINT_RADIUS = 3.0
_LONGEST = 40
# Inches; and square inches for each word, so that there is room for its label.
_SMALLEST, _LARGEST = 6.0, 40.0
_PER_WORD = 0.6


def draw(
    rows: Rows, words: Iterable[str], method: Method = "pca", *, case: Case = "fallback"
) -> "Figure":
    """Return a figure of words as points, near to each other if their vectors are.

    Raises
    ------
    ImportError
        matplotlib is not installed.
    UnknownWordError, ValueError
        As for `project`.
    """
    words = list(dict.fromkeys(list_words(words)))
    points = project(rows, words, method, case=case)
    side = min(max(_SMALLEST, math.sqrt(_PER_WORD * len(words))), _LARGEST)
    figure = make_figure(side, side)

    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.text import Text

    canvas = FigureCanvasAgg(figure)
    axes = figure.add_axes((0.01, 0.01, 0.98, 0.94))
    axes.set_title(f"{rows.name}, {len(words):,} words", loc="left")
    axes.set_xticks([])
    axes.set_yticks([])
    axes.set_aspect("equal", adjustable="datalim")
    axes.margins(0.12)
    axes.scatter(
        points[:, 0], points[:, 1], s=_POINT_RADIUS**2, color=_COLOUR, linewidths=0
    )
    labels = [
        # A dollar would begin a formula.
        axes.annotate(
            shorten(make_line(word), _LONGEST).replace("$", r"\$"),
            point,
            xytext=(0, 0),
            textcoords="offset points",
            ha="center",
            va="center",
            fontsize=_FONT_SIZE,
            arrowprops={"arrowstyle": "-", "color": "0.7", "lw": 0.5, "shrinkB": 2},
        )
        for word, point in zip(words, points, strict=True)
    ]
    figure.draw_without_rendering()  # which finds out where things are
    renderer = canvas.get_renderer()  # type: ignore[no-untyped-call]
    pixels = 72 / figure.dpi
    sizes = [
        (box.width * pixels, box.height * pixels)
        for box in (Text.get_window_extent(label, renderer) for label in labels)
    ]
    places = axes.transData.transform(points) * pixels
    frame = axes.get_window_extent(renderer)
    bounds = np.array([frame.x0, frame.y0, frame.x1, frame.y1]) * pixels
    offsets = place_labels(places, sizes, bounds)
    for label, offset in zip(labels, offsets, strict=True):
        if offset is None:
            label.set_visible(False)
        else:
            label.set_position(offset)
    return figure


def place_labels(
    points: NDArray[np.float64],
    sizes: Sequence[tuple[float, float]],
    bounds: NDArray[np.float64],
) -> list[tuple[float, float] | None]:
    """Return where to put the label of each point, so that nothing overlaps.

    Parameters
    ----------
    points : ndarray of shape (n_points, 2)
    sizes : sequence of tuple of float
        Width and height of each label.
    bounds : ndarray of shape (4,)
        Left, bottom, right and top of the place for labels.

    Returns
    -------
    list of tuple of float or None
        From each point to the middle of its label; None if no place is free.
    """
    radius = _POINT_RADIUS
    taken = np.concatenate([points - radius, points + radius], axis=1)
    offsets: list[tuple[float, float] | None] = []
    for point, size in zip(points, sizes, strict=True):
        middle = None
        half = np.array(size) / 2 + _GAP
        for offset in _list_offsets(half, radius, bounds):
            box = np.concatenate([point + offset - half, point + offset + half])
            inside = (box[:2] >= bounds[:2]).all() and (box[2:] <= bounds[2:]).all()
            if inside and not _overlaps(box, taken):
                middle = (float(offset[0]), float(offset[1]))
                taken = np.concatenate([taken, box[None]])
                break
        offsets.append(middle)
    return offsets


def _overlaps(box: NDArray[np.float64], taken: NDArray[np.float64]) -> bool:
    apart = (box[:2] >= taken[:, 2:]) | (box[2:] <= taken[:, :2])
    return not bool(apart.any(axis=1).all())


def _list_offsets(
    half: NDArray[np.float64], radius: float, bounds: NDArray[np.float64]
) -> Iterator[NDArray[np.float64]]:
    """Yield places for a label: right, left, above and below, then farther away."""
    nearest = half + radius
    # Where people look first.
    for x, y in ((1, 0), (-1, 0), (0, 1), (0, -1), *product((1, -1), repeat=2)):
        yield nearest * (x, y)
    farthest = float(np.hypot(*(bounds[2:] - bounds[:2])))
    distance = float(half[1])
    while distance < farthest:
        for angle in np.linspace(0, 2 * math.pi, 16, endpoint=False):
            direction = np.array([math.cos(angle), math.sin(angle)])
            yield direction * (nearest + distance)
        distance += float(half[1])
