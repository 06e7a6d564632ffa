"""A coverage as a figure: hits by spelling, and misses by cause."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from ..figures import make_figure
from ..messages.layout import format_count
from .screen import MOST_CAUSES, summarize
from .shares import Cause, format_share, merge_smaller

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from .report import Coverage

# The colours of Okabe and Ito, which the colour-blind can tell apart
# (https://jfly.uni-koeln.de/color/); of different lightness, for print in grey.
_COLOURS = {
    "exact": "#0072B2",
    "lower case": "#56B4E9",
    "title case": "#009E73",
    "upper case": "#F0E442",
    "n-grams": "#CC79A7",
    "missed": "#D55E00",
}
_WHITE_ON = {"exact", "title case", "missed"}
_BAR = 0.7
# Narrower than this, a part of a bar has no room for its number.
_ROOM_FOR_NUMBER = 0.07


def draw(coverage: "Coverage") -> "Figure":
    """Return the figure of a coverage.

    Raises
    ------
    ImportError
        matplotlib is not installed.
    """
    units = ["types"] if coverage.tokens is None else ["types", "tokens"]
    causes = merge_smaller(coverage.causes, MOST_CAUSES)
    heights = [len(units), *([len(causes)] if causes else [])]
    figure = make_figure(8, 1.2 + 0.5 * sum(heights), layout="constrained")
    figure.suptitle(summarize(coverage), x=0.01, ha="left", wrap=True)
    axes = figure.subplots(len(heights), squeeze=False, height_ratios=heights)[:, 0]
    _draw_parts(axes[0], coverage, units)
    if causes:
        _draw_causes(axes[1], causes, units[-1])
    for one in axes:
        one.invert_yaxis()
        one.set_xticks([])
        one.spines[:].set_visible(False)
        one.tick_params(length=0)
    return figure


def _draw_parts(axes: "Axes", coverage: "Coverage", units: Sequence[str]) -> None:
    """Draw one bar of all types and one of all tokens, in their parts."""
    parts = {**coverage.ways, "missed": coverage.missed}
    parts = {name: share for name, share in parts.items() if share.types}
    left = [0.0] * len(units)
    for name, share in parts.items():
        widths = [share.of_types, share.of_tokens or 0.0][: len(units)]
        bars = axes.barh(
            units,
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
    axes.set_xlim(0, 1)
    axes.legend(
        loc="lower left", bbox_to_anchor=(0, 1), ncols=len(parts), frameon=False
    )


def _draw_causes(axes: "Axes", causes: Sequence[Cause], unit: str) -> None:
    """Draw a bar for each cause of misses, as a share of all types or tokens."""
    weights = [cause.share.weight for cause in causes]
    bars = axes.barh(
        [cause.name for cause in causes], weights, _BAR, color=_COLOURS["missed"]
    )
    labels = [
        f"{format_share(cause.share.weight)}, {format_count(cause.share.types, 'type')}"
        for cause in causes
    ]
    axes.bar_label(bars, labels, padding=4)
    # Words that all have the count 0 have no weight.
    axes.set_xlim(0, 1.4 * max(weights) or 1)
    axes.set_title(
        f"missed, by cause, in % of all {unit}", loc="left", fontsize="medium"
    )
