"""How many labels pre-trained vectors are worth to a text classifier.

    python examples/learning_curve.py

The same Keras model learns from a few labelled film reviews, three times: with the
vectors of a variant in its embedding layer, with random numbers in it, and with TF-IDF
counts of words in its place. All are tested on the same other reviews. The result is a
table in Markdown and a picture, for the sample that comes with the package in less than
two minutes; --variant glove.6B.50d measures a whole release.
"""

import argparse
import random
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import exp, log
from pathlib import Path
from statistics import mean, stdev
from typing import Any

from classifiers import LENGTHS, choose_words, make_classifiers, prepare
from curve_picture import draw_picture
from experiment_config import EXIT_STATUS, ConfigError, run_command
from reviews import Review, find_reviews, read_texts

from glove_registry import Vectors, load

SIZES = "20,50,100,200,500,1000,2000,5000"
SPLIT_SEED = 0
# A quarter more labels is more than chance.
_WORTH_A_TITLE = 1.25


@dataclass(frozen=True)
class Point:
    """The accuracies with one number of labels: for each classifier, seed by seed."""

    labels: int
    accuracies: dict[str, list[float]]

    def mean(self, name: str) -> float:
        """Return the mean accuracy of a classifier over the seeds."""
        return mean(self.accuracies[name])

    def deviation(self, name: str) -> float:
        """Return its standard deviation, 0 for one seed."""
        accuracies = self.accuracies[name]
        return stdev(accuracies) if len(accuracies) > 1 else 0.0


def measure(
    reviews: Sequence[Review],
    vectors: Vectors,
    sizes: Sequence[int],
    seeds: int,
    test_texts: int,
    length: int,
    report: Callable[[int], object],
) -> list[Point]:
    """Train and test each classifier with each number of labels and each seed.

    The texts to test on are the same for all. A seed draws the texts to train on, of
    which a larger number contains the smaller ones, the first weights, and the order.
    `report` is called with the number of seeds that are done.
    """
    if max(sizes) + test_texts > len(reviews):
        raise ConfigError(
            f"there are {len(reviews):,} reviews, too few to train on {max(sizes):,} "
            f"and to test on {test_texts:,} others"
        )
    shuffled = list(reviews)
    random.Random(SPLIT_SEED).shuffle(shuffled)  # noqa: S311 - no secret
    test, pool = shuffled[:test_texts], shuffled[test_texts:]
    words = choose_words(pool)
    pool_inputs, test_inputs = prepare(pool, test, words, length)
    classifiers = make_classifiers(vectors, words)
    points = [Point(size, {name: [] for name in classifiers}) for size in sizes]
    for seed in range(seeds):
        rows = list(range(len(pool)))
        random.Random(seed).shuffle(rows)  # noqa: S311 - no secret
        for point in points:
            drawn = pool_inputs.take(rows[: point.labels])
            for name, classifier in classifiers.items():
                classifier.train(drawn, seed)
                point.accuracies[name].append(classifier.test(test_inputs))
        report(seed + 1)
    return points


def find_crossing(points: Sequence[Point], other: str) -> float | None:
    """Return the number of labels from which on another classifier stays ahead.

    None if it is not ahead at the end, or is from the beginning. Between two numbers of
    labels, the difference of the means is taken to be linear in their logarithm.
    """
    gains = [point.mean("vectors") - point.mean(other) for point in points]
    if gains[-1] > 0:
        return None
    for i in range(len(points) - 1, 0, -1):
        before, after = gains[i - 1], gains[i]
        if before > 0:
            share = before / (before - after)
            first, last = log(points[i - 1].labels), log(points[i].labels)
            return exp(first * (1 - share) + last * share)
    return None


def find_worth(points: Sequence[Point], labels: int, other: str) -> float | None:
    """Return how many labels another classifier needs for what vectors reach.

    None if it reaches that nowhere, or already with the smallest number.
    """
    reached = next(p.mean("vectors") for p in points if p.labels == labels)
    for first, last in pairwise(points):
        low, high = first.mean(other), last.mean(other)
        if low < reached <= high:
            share = (reached - low) / (high - low)
            return exp(log(first.labels) * (1 - share) + log(last.labels) * share)
    return None


def state_finding(points: Sequence[Point]) -> str:
    """Return in a sentence what the curves show."""
    middle = min(points, key=lambda point: abs(log(point.labels / 100))).labels
    worth = find_worth(points, middle, "TF-IDF")
    if worth is not None and worth >= _WORTH_A_TITLE * middle:
        return f"{middle:,} labels with vectors are worth {round_off(worth):,} without"
    crossing = find_crossing(points, "random")
    if crossing is not None:
        return f"Vectors beat random ones up to {round_off(crossing):,} labels"
    return "Vectors, random ones and TF-IDF by labels"


def round_off(number: float) -> int:
    """Return a number with its first two digits.

    >>> round_off(1234.5), round_off(87.6)
    (1200, 88)
    """
    return int(float(f"{number:.1e}"))


def write_table(points: Sequence[Point], name: str) -> str:
    """Return means, and standard deviations over the seeds, as Markdown."""
    lines = [
        f"| labels | {name} | random embeddings | TF-IDF |",
        "|---|---|---|---|",
    ]
    for point in points:
        cells = [
            f"{point.mean(each):.3f} ({point.deviation(each):.3f})"
            for each in ("vectors", "random", "TF-IDF")
        ]
        lines.append(f"| {point.labels:,} | {' | '.join(cells)} |")
    lines += ["", f"{state_finding(points)}."]
    for other, called in (("random", "Random embeddings are"), ("TF-IDF", "TF-IDF is")):
        if (crossing := find_crossing(points, other)) is not None:
            lines.append(
                f"{called} better from about {round_off(crossing):,} labels on."
            )
    return "\n".join(lines)


def read_count(text: str) -> int:
    """Return a whole number above zero from the command line."""
    if not text.isdecimal() or not int(text):
        raise argparse.ArgumentTypeError(
            f"expected a whole number above zero, found {text!r}"
        )
    return int(text)


def read_sizes(text: str) -> list[int]:
    """Return different whole numbers above zero, the smallest first."""
    return sorted({read_count(number) for number in text.split(",")})


def main() -> None:
    """Measure the curves that the command line asks for; write table and picture."""
    parser = argparse.ArgumentParser(
        description="Train one Keras model on few labelled film reviews, with "
        "pre-trained vectors, with random ones, and with TF-IDF; write a table and a "
        "picture of the accuracies by the number of labels.",
        epilog=EXIT_STATUS,
    )
    add: Any = parser.add_argument
    add(
        "--variant",
        metavar="NAME",
        default="glove.6B.50d-first10k",
        help="the vectors (default: %(default)s, which comes with the package)",
    )
    add("--registry", metavar="FILE", type=Path, help="a registry file of your own")
    add(
        "--dataset",
        default="rotten_tomatoes",
        choices=LENGTHS,
        help="8,530 reviews of one sentence, or 24,904 long ones (default: "
        "%(default)s)",
    )
    add(
        "--sizes",
        metavar="N,N,...",
        type=read_sizes,
        default=SIZES,
        help="numbers of labels (default: %(default)s)",
    )
    add(
        "--seeds",
        metavar="N",
        type=read_count,
        default=5,
        help="number of seeds (default: %(default)s)",
    )
    add(
        "--test-texts",
        metavar="N",
        type=read_count,
        default=2000,
        help="number of reviews to test on (default: %(default)s)",
    )
    add(
        "--output",
        metavar="FOLDER",
        type=Path,
        default=Path("results"),
        help="folder for learning-curve.md and learning-curve.png (default: "
        "%(default)s)",
    )
    options = parser.parse_args()

    began = time.monotonic()
    vectors = load(options.variant, registry=options.registry)
    texts = read_texts(find_reviews(), options.dataset)
    reviews = [(vectors.tokenize(text), label) for text, label in texts]
    # Before training, so that an error here costs no run.
    options.output.mkdir(parents=True, exist_ok=True)

    def show_progress(seeds: int) -> None:
        took = time.monotonic() - began
        print(f"seed {seeds} of {options.seeds}: {took:.0f} s", file=sys.stderr)

    points = measure(
        reviews,
        vectors,
        options.sizes,
        options.seeds,
        options.test_texts,
        LENGTHS[options.dataset],
        show_progress,
    )
    report = (
        f"Mean accuracy (standard deviation) of {options.seeds} seeds on "
        f"{options.test_texts:,} other reviews\n\n{write_table(points, vectors.name)}"
    )
    print(report)
    picture = options.output / "learning-curve.png"
    written = picture.with_suffix(".md")
    written.write_text(f"{report}\n", encoding="utf-8")
    draw_picture(points, vectors.name, state_finding(points), picture)
    print(f"\nwritten to {written} and {picture}")


if __name__ == "__main__":
    sys.exit(run_command("learning_curve", main))
