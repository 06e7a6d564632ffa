"""Draw the seconds of whole processes, with a row of panels for each shape."""

from pathlib import Path
from statistics import median

import matplotlib as mpl

mpl.use("agg")

import matplotlib.pyplot as plt
from matplotlib.axes import Axes
from report import TITLES, show
from results import Results, Row, ShapeResult

OURS, FLOOR, OTHERS, FAILURE = "#1565c0", "#9e9e9e", "#c77c11", "#b71c1c"
# Seconds; the same in all panels, so that they can be compared.
LIMITS = (0.05, 900)


def draw(results: Results, target: Path) -> None:
    """Draw all shapes in one picture.

    Parameters
    ----------
    results : Results
    target : Path
        A PNG.
    """
    heights = [len(shape.contenders) for shape in results.shapes]
    figure, panels = plt.subplots(
        len(heights),
        2,
        figsize=(12, 0.27 * sum(heights) + 1.1 * len(heights) + 0.6),
        height_ratios=heights,
        squeeze=False,
        layout="constrained",
    )
    for line, shape in zip(panels, results.shapes, strict=True):
        _draw_panel(line[0], shape, later=False)
        _draw_panel(line[1], shape, later=True)
    figure.suptitle(
        "First use: from the text to a saved form. Later use: from there to the "
        "vectors of 20,000 words.\n"
        "Whole processes, median with min and max (left is better); "
        f"{results.date}, {results.cores} cores, {results.memory_gb:.0f} GB of memory",
        fontsize=11,
    )
    figure.savefig(target, dpi=130)
    plt.close(figure)


def _draw_panel(axes: Axes, shape: ShapeResult, *, later: bool) -> None:
    rows = [row for row in shape.contenders if row.failure or _seconds(row, later)]
    rows.sort(key=lambda row: _middle(row, later))
    for place, row in enumerate(rows):
        seconds = [] if row.failure else _seconds(row, later)
        ours = row.key in ("this", "zip")
        color = OURS if ours else FLOOR if row.key == "floor" else OTHERS
        weight = "bold" if ours else "normal"
        if not seconds:
            place_text = LIMITS[0] * 1.1, place
            axes.text(*place_text, "fails", va="center", color=FAILURE, size=9)
            continue
        middle = median(seconds)
        # Not bars: on a logarithmic axis their length would mean nothing.
        axes.plot([min(seconds), max(seconds)], [place] * 2, color=color, lw=2)
        axes.plot(middle, place, "o", color=color, ms=7)
        axes.annotate(
            f"{show(middle)} s",
            (max(seconds), place),
            (8, 0),
            textcoords="offset points",
            va="center",
            size=9,
            weight=weight,
        )
    names = [row.title.replace("*", "").replace("`", "") for row in rows]
    axes.set_yticks(range(len(rows)), names, size=9)
    axes.set_ylim(len(rows) - 0.4, -0.6)
    axes.set_xscale("log")
    axes.set_xlim(*LIMITS)
    axes.xaxis.set_major_formatter(lambda value, _: f"{value:g}")
    axes.tick_params(axis="x", labelsize=9)
    axes.tick_params(axis="y", length=0)
    axes.set_xlabel("seconds (logarithmic)", size=9)
    axes.grid(alpha=0.25)
    axes.set_axisbelow(True)
    axes.spines[["top", "right", "left"]].set_visible(False)
    task = "later use" if later else "first use"
    size = f"{shape.rows:,} x {shape.dimension}"
    kind = TITLES[shape.name].split(",")[0]
    axes.set_title(f"{kind}, {size}: {task}", size=10, loc="left")


def _seconds(row: Row, later: bool) -> list[float]:
    return [run.seconds for run in (row.later if later else row.first)]


def _middle(row: Row, later: bool) -> float:
    seconds = _seconds(row, later)
    return median(seconds) if seconds and not row.failure else float("inf")
