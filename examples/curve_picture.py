"""The picture of a learning curve."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from learning_curve import Point

# Of the palette of Okabe and Ito, which colour-blind readers can tell apart; the
# markers differ, too.
_STYLES = {
    "vectors": ("#0072B2", "o"),
    "random": ("#6B6B6B", "^"),
    "TF-IDF": ("#D55E00", "s"),
}
# The least distance between two labels, as a share of the axis.
_LEAST_GAP = 0.062


def draw_picture(points: Sequence["Point"], name: str, title: str, path: Path) -> None:
    """Draw the accuracies over the number of labels, with bands of one deviation."""
    from matplotlib.figure import Figure

    # Large letters, as the picture is 390 pixels wide on a phone.
    figure = Figure(figsize=(8, 5.6), layout="constrained", facecolor="white")
    axes = figure.add_subplot()
    axes.set_title(title, loc="left", fontsize=18, weight="bold", pad=36)
    axes.text(
        0,
        1.03,
        f"accuracy of one Keras model; vectors: {name}",
        transform=axes.transAxes,
        fontsize=14,
        color="#444444",
    )
    sizes = [point.labels for point in points]
    ends = {}
    for key, (colour, marker) in _STYLES.items():
        means = [point.mean(key) for point in points]
        deviations = [point.deviation(key) for point in points]
        axes.plot(
            sizes, means, marker=marker, color=colour, linewidth=2.5, markersize=7
        )
        pairs = list(zip(means, deviations, strict=True))
        low, high = [m - d for m, d in pairs], [m + d for m, d in pairs]
        axes.fill_between(sizes, low, high, color=colour, alpha=0.13, linewidth=0)
        ends[key] = means[-1]
    axes.set_xscale("log")
    axes.set_xticks(sizes, [f"{size:,}" for size in sizes])
    axes.set_xticks([], minor=True)
    axes.tick_params(labelsize=14, length=0)
    axes.set_xlabel("labelled film reviews", fontsize=15)
    axes.grid(axis="y", alpha=0.25)
    axes.spines[["top", "right", "left"]].set_visible(False)
    bottom, top = axes.get_ylim()
    for key, place in _spread(ends, _LEAST_GAP * (top - bottom)).items():
        axes.annotate(
            key,
            (sizes[-1], place),
            (10, 0),
            textcoords="offset points",
            va="center",
            color=_STYLES[key][0],
            fontsize=16,
            weight="bold",
        )
    figure.savefig(path, dpi=150)


def _spread(ends: dict[str, float], gap: float) -> dict[str, float]:
    """Return where labels stand: at the ends of their lines, or a little off."""
    names = sorted(ends, key=ends.__getitem__)
    places = [ends[name] for name in names]
    for i in range(1, len(places)):
        places[i] = max(places[i], places[i - 1] + gap)
    # As far above as below.
    shift = (sum(ends.values()) - sum(places)) / len(places)
    return {name: place + shift for name, place in zip(names, places, strict=True)}
