"""How many labels it takes until word vectors no longer help a text classifier.

    python examples/learning_curve.py --variant glove.6B.50d

The same logistic regression learns from a few labelled film reviews, once from one
vector per text, and once from TF-IDF counts of words; both are tested on other reviews.
The result is a table in Markdown and, with --plot, a picture.
"""

import argparse
import random
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import exp, log
from pathlib import Path
from statistics import mean, stdev
from typing import Any

from experiment_config import EXIT_STATUS, ConfigError, run_command
from reviews import find_reviews, read_texts
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline

from glove_registry import TextEmbedder, Vectors, load

SIZES = "20,50,100,200,500,1000,2000,5000"


@dataclass(frozen=True)
class Point:
    """The accuracies with one number of labels, seed by seed."""

    labels: int
    embedded: list[float]
    counted: list[float]

    @property
    def gains(self) -> list[float]:
        """By how much vectors are better than counts."""
        pairs = zip(self.embedded, self.counted, strict=True)
        return [embedded - counted for embedded, counted in pairs]


def measure(
    reviews: Sequence[tuple[str, int]],
    vectors: Vectors,
    sizes: Sequence[int],
    seeds: int,
    test_texts: int,
) -> list[Point]:
    """Train and test both classifiers with each number of labels and each seed.

    A seed shuffles the reviews: the first are tested on, the next are trained on, so
    that a larger training set contains the smaller ones.
    """
    if max(sizes) + test_texts > len(reviews):
        raise ConfigError(
            f"there are {len(reviews):,} reviews, too few to train on {max(sizes):,} "
            f"and to test on {test_texts:,} others"
        )
    points = [Point(size, [], []) for size in sizes]
    for seed in range(seeds):
        shuffled = list(reviews)
        random.Random(seed).shuffle(shuffled)  # noqa: S311 - no secret
        test, pool = shuffled[:test_texts], shuffled[test_texts:]
        for point in points:
            for step, accuracies in (
                (TextEmbedder(vectors), point.embedded),
                (TfidfVectorizer(), point.counted),
            ):
                model = make_pipeline(step, LogisticRegression(max_iter=1000))
                model.fit(*zip(*pool[: point.labels], strict=True))
                accuracies.append(float(model.score(*zip(*test, strict=True))))
        print(f"seed {seed + 1} of {seeds}", file=sys.stderr)
    return points


def find_crossing(points: Sequence[Point]) -> float | None:
    """Return the number of labels from which on counts are better, if there is one.

    Between two numbers of labels, the mean gain is taken to be linear in their
    logarithm.
    """
    for first, last in pairwise(points):
        before, after = mean(first.gains), mean(last.gains)
        if before > 0 >= after:
            share = before / (before - after)
            return exp(log(first.labels) * (1 - share) + log(last.labels) * share)
    return None


def write_table(points: Sequence[Point]) -> str:
    """Return means, and standard deviations over the seeds, as Markdown."""
    lines = ["| labels | one vector per text | TF-IDF | gain |", "|---|---|---|---|"]
    for point in points:
        cells = [show(point.embedded), show(point.counted), show(point.gains, "+")]
        lines.append(f"| {point.labels:,} | {' | '.join(cells)} |")
    crossing = find_crossing(points)
    if crossing is None:
        lines += ["", "The two curves do not cross."]
    else:
        lines += [
            "",
            f"The two curves cross at about {round(crossing, -1):,.0f} labels.",
        ]
    return "\n".join(lines)


def show(numbers: Sequence[float], sign: str = "") -> str:
    """Return the mean of numbers, and their standard deviation if there are several."""
    deviation = f" ({stdev(numbers):.3f})" if len(numbers) > 1 else ""
    return f"{mean(numbers):{sign}.3f}{deviation}"


def draw_plot(points: Sequence[Point], name: str, path: Path) -> None:
    """Plot both accuracies over the number of labels."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(7, 4.2), layout="constrained")
    axes = figure.add_subplot()
    labels = [point.labels for point in points]
    # Distinguished by colour and by shape.
    for title, colour, marker, column in (
        (f"one vector per text, {name}", "#0072B2", "o", [p.embedded for p in points]),
        ("TF-IDF", "#D55E00", "s", [p.counted for p in points]),
    ):
        axes.errorbar(
            labels,
            [mean(accuracies) for accuracies in column],
            yerr=[stdev(a) if len(a) > 1 else 0 for a in column],
            fmt=f"{marker}-",
            color=colour,
            capsize=3,
            label=title,
        )
    if (crossing := find_crossing(points)) is not None:
        axes.axvline(crossing, color="0.5", linestyle=":")
        axes.annotate(
            f"{round(crossing, -1):,.0f} labels",
            (crossing, axes.get_ylim()[0]),
            (-4, 4),
            textcoords="offset points",
            ha="right",
        )
    axes.set_xscale("log")
    axes.set_xticks(labels, [f"{label:,}" for label in labels])
    axes.set_xticks([], minor=True)
    axes.set_xlabel("labelled reviews")
    axes.set_ylabel("accuracy: mean and standard deviation")
    axes.grid(alpha=0.3)
    axes.spines[["top", "right"]].set_visible(False)
    axes.legend(frameon=False)
    figure.savefig(path, dpi=150)


def main() -> None:
    """Measure the curves that the command line asks for; print the table."""
    parser = argparse.ArgumentParser(
        description="Measure how many labels it takes until word vectors no longer "
        "help a text classifier.",
        epilog=EXIT_STATUS,
    )
    add: Any = parser.add_argument
    add("--variant", metavar="NAME", default="glove.6B.50d-first10k")
    add("--registry", metavar="FILE", type=Path, help="a registry file of your own")
    add("--dataset", default="rotten_tomatoes", choices=["rotten_tomatoes", "imdb"])
    add("--sizes", default=SIZES, help="numbers of labels, by commas")
    add("--seeds", type=int, default=5, help="number of seeds")
    add("--test-texts", type=int, default=2000, help="number of texts to test on")
    add("--plot", metavar="FILE", type=Path, help="file for the plot")
    options = parser.parse_args()
    sizes = sorted(map(int, options.sizes.split(",")))

    vectors = load(options.variant, registry=options.registry)
    reviews = read_texts(find_reviews(), options.dataset)
    points = measure(reviews, vectors, sizes, options.seeds, options.test_texts)
    print(write_table(points))
    if options.plot:
        draw_plot(points, vectors.name, options.plot)


if __name__ == "__main__":
    sys.exit(run_command("learning_curve", main))
