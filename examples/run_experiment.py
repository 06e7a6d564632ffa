"""Train a text classifier on pre-trained word vectors, as a YAML file describes it.

    python examples/run_experiment.py examples/sentiment.yaml

The same model is trained twice with each seed: with the vectors of a variant, and with
random ones. The result records all accuracies and the exact files they depend on.
"""

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path

from experiment import Prepared, prepare, run
from experiment_config import (
    EXIT_STATUS,
    choose_vectors,
    read_config,
    read_recipe,
    run_command,
)
from reviews import find_reviews, read_reviews, split


def main() -> None:
    """Run the experiment that the command line names; print and write its result."""
    parser = argparse.ArgumentParser(
        description="Train a text classifier on pre-trained word vectors and on random "
        "ones, as a YAML file describes it.",
        epilog=EXIT_STATUS,
    )
    parser.add_argument("config", metavar="CONFIG", type=Path, help="the YAML file")
    parser.add_argument(
        "--variant", metavar="NAME", help="use these vectors instead of the config's"
    )
    parser.add_argument(
        "--registry", metavar="FILE", type=Path, help="a registry file of your own"
    )
    parser.add_argument(
        "--output",
        metavar="FILE",
        type=Path,
        help="file for the result (default: results/CONFIG.json)",
    )
    options = parser.parse_args()
    output: Path = options.output or Path("results", f"{options.config.stem}.json")
    if output.is_dir():
        parser.error(f"argument --output: {output} is a folder, expected a file")

    config = read_config(options.config)
    if options.variant is not None:
        config = choose_vectors(config, {"name": options.variant})
    recipe = read_recipe(config, options.config, options.registry)
    reviews = read_reviews(find_reviews(), config.dataset.name)
    prepared = prepare(config, recipe, *split(reviews, config.dataset))
    # Before training, so that an error here costs no run.
    output.parent.mkdir(parents=True, exist_ok=True)
    print_start(prepared)
    result = run(
        prepared, lambda seed, arms: print_row(str(seed), (*arms, arms[0] - arms[1]))
    )
    columns = result["accuracy"].values()
    print_row("mean", [column["mean"] for column in columns])
    if len(config.training.seeds) > 1:
        print_row("sd", [column["standard_deviation"] for column in columns], sign="")
    output.write_text(json.dumps(result, indent=2) + "\n", encoding="utf-8")
    print(f"\nwritten to {output}")


def print_start(prepared: Prepared) -> None:
    """Print what is compared, and the coverage of the vocabulary."""
    vectors, dataset = prepared.recipe.vectors, prepared.config.dataset
    use = "trained on" if prepared.recipe.trainable else "frozen"
    print(f"vectors: {vectors.name}, {len(vectors):,} x {vectors.dimension}, {use}")
    print(f"texts:   {dataset.name}, {dataset.train_texts:,} labelled ones per seed")
    print(f"\n{prepared.coverage}")
    print(f"\naccuracy on {len(prepared.test):,} other texts")
    print("  seed   pre-trained     random    difference", flush=True)


def print_row(name: str, numbers: Sequence[float], sign: str = "+") -> None:
    """Print a row of the table of accuracies."""
    pretrained, random, difference = numbers
    row = f"{name:>6} {pretrained:13.4f} {random:10.4f} {difference:{sign}13.4f}"
    print(row, flush=True)


if __name__ == "__main__":
    sys.exit(run_command("run_experiment", main))
