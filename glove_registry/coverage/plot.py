"""The picture of a coverage: what is found and how, and why the rest is missed."""

import os
from collections.abc import Sequence
from os import PathLike
from typing import TYPE_CHECKING

from ..errors import OutputError
from .findings import Findings
from .screen import MOST_CAUSES, summarize
from .shares import Cause, Share, count, format_share, gather

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


# The colours of Okabe and Ito, which the colour-blind can tell apart
# (https://jfly.uni-koeln.de/color/); of different lightness, for print in grey.
_COLOURS = {
    "exact": "#0072B2",
    "lower case": "#56B4E9",
    "title case": "#009E73",
    "upper case": "#F0E442",
    "missed": "#D55E00",
}
_WHITE_ON = {"exact", "title case", "missed"}
_BAR = 0.7
# Narrower than this, a part of a bar has no room for its number.
_ROOM_FOR_NUMBER = 0.07


def draw(coverage: Findings) -> "Figure":
    """Draw a coverage.

    Raises
    ------
    ImportError
        matplotlib is not installed.
    """
    try:
        from matplotlib.figure import Figure
    except ImportError as error:
        raise ImportError(
            "a picture takes matplotlib: pip install 'glove_registry[plot]'"
        ) from error
    whole = ["types"] if coverage.tokens is None else ["types", "tokens"]
    causes = gather(coverage.causes, MOST_CAUSES)
    heights = [len(whole), *([len(causes)] if causes else [])]
    # Not by pyplot, which would keep the figure and choose a window for it.
    figure = Figure(figsize=(8, 1.2 + 0.5 * sum(heights)), layout="constrained")
    figure.suptitle(summarize(coverage), x=0.01, ha="left", wrap=True)
    axes = figure.subplots(len(heights), squeeze=False, height_ratios=heights)[:, 0]
    _draw_parts(axes[0], coverage, whole)
    if causes:
        _draw_causes(axes[1], causes, whole[-1])
    return figure


def save(figure: "Figure", path: str | PathLike[str]) -> None:
    """Write a picture; the ending of the path decides on its format.

    Raises
    ------
    OutputError
        It cannot be written there, or there is no such format.
    """
    if os.path.exists(path) and not os.path.isfile(path):
        # To open a pipe for writing would wait for whoever reads it.
        raise OutputError(f"{path} cannot be written: it is not a regular file")
    try:
        figure.savefig(path)
    except OSError as error:
        raise OutputError(f"{path} cannot be written ({error.strerror})") from error
    except ValueError as error:  # matplotlib names the formats there are
        raise OutputError(f"{path} cannot be written: {error}") from error


def _draw_parts(axes: "Axes", coverage: Findings, whole: Sequence[str]) -> None:
    """Draw bars of all types and all tokens, in their parts."""
    parts = {**coverage.ways, "missed": coverage.missed}
    left = [0.0] * len(whole)
    parts = {name: share for name, share in parts.items() if share.types}
    for name, share in parts.items():
        widths = _list_widths(share, whole)
        bars = axes.barh(
            whole,
            widths,
            _BAR,
            left=left,
            label=name,
            color=_COLOURS[name],
            edgecolor="white",
        )
        axes.bar_label(
            bars,
            [format_share(w) if w >= _ROOM_FOR_NUMBER else "" for w in widths],
            label_type="center",
            color="white" if name in _WHITE_ON else "black",
        )
        left = [start + width for start, width in zip(left, widths, strict=True)]
    axes.invert_yaxis()
    axes.set_xlim(0, 1)
    axes.set_xticks([])
    axes.legend(
        loc="lower left", bbox_to_anchor=(0, 1), ncols=len(parts), frameon=False
    )
    _take_off_frame(axes)


def _draw_causes(axes: "Axes", causes: Sequence[Cause], of: str) -> None:
    """Draw a bar for each cause of misses, as part of all types or tokens."""
    shares = [cause.share for cause in causes]
    names = [cause.name for cause in causes]
    weights = [share.weight for share in shares]
    bars = axes.barh(names, weights, _BAR, color=_COLOURS["missed"])
    labels = [
        f"{format_share(share.weight)}, {count(share.types, 'type', 'types')}"
        for share in shares
    ]
    axes.bar_label(bars, labels, padding=4)
    axes.invert_yaxis()
    # Words that all have the count 0 weigh nothing.
    axes.set_xlim(0, 1.4 * max(weights) or 1)
    axes.set_xticks([])
    axes.set_title(f"missed, by cause, in % of all {of}", loc="left", fontsize="medium")
    _take_off_frame(axes)


def _list_widths(share: Share, whole: Sequence[str]) -> list[float]:
    return [share.of_types, share.of_tokens or 0.0][: len(whole)]


def _take_off_frame(axes: "Axes") -> None:
    axes.spines[:].set_visible(False)
    axes.tick_params(length=0)
