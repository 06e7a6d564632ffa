"""Train a text classifier on pre-trained word vectors, as a YAML file describes it.

    python examples/run_experiment.py examples/sentiment.yaml

The same model is trained twice for each seed: on the vectors of a variant, and on
randomly initialised ones. The result says what was measured, with its spread, and on
exactly which bytes.
"""

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path

from experiment import Prepared, describe, prepare, summarize, train
from experiment_config import ConfigError, choose_vectors, read_config, read_recipe
from reviews import DataError, find_reviews, read_reviews, split

from glove_registry.errors import GloveRegistryError, UnknownVariantError


def print_start(prepared: Prepared) -> None:
    """Print what is compared, and how much of the vocabulary has a vector."""
    vectors, dataset = prepared.recipe.vectors, prepared.config.dataset
    use = "trained on" if prepared.recipe.trainable else "frozen"
    print(f"vectors: {vectors.name}, {len(vectors):,} x {vectors.dimension}, {use}")
    print(f"texts:   {dataset.name}, {dataset.train_texts:,} labelled ones per seed")
    print(f"\n{prepared.coverage}")
    print(f"\naccuracy on {len(prepared.test):,} other texts")
    print("  seed   pre-trained     random    difference", flush=True)


def print_row(name: str, numbers: Sequence[float], sign: str = "+") -> None:
    """Print a row of the table of accuracies, at once."""
    pretrained, by_chance, difference = numbers
    row = f"{name:>6} {pretrained:13.4f} {by_chance:10.4f} {difference:{sign}13.4f}"
    print(row, flush=True)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the experiment that the command line names; give the exit status."""
    parser = argparse.ArgumentParser(
        description="Train a text classifier on pre-trained word vectors and on random "
        "ones, as a YAML file describes it.",
        epilog="exit status: 0 done, 1 it failed, 2 command or configuration is wrong",
    )
    parser.add_argument("config", metavar="CONFIG", type=Path, help="the YAML file")
    parser.add_argument(
        "--variant", metavar="NAME", help="take these vectors in place of the config's"
    )
    parser.add_argument(
        "--registry", metavar="FILE", type=Path, help="a registry file of your own"
    )
    parser.add_argument(
        "--output",
        metavar="FILE",
        type=Path,
        help="where the result goes (default: results/CONFIG.json)",
    )
    options = parser.parse_args(arguments)
    output: Path = options.output or Path("results", f"{options.config.stem}.json")
    if output.is_dir():
        parser.error(f"argument --output: {output} is a folder, expected a file")
    try:
        config = read_config(options.config)
        if options.variant is not None:
            config = choose_vectors(config, {"name": options.variant})
        recipe = read_recipe(config, options.config, options.registry)
        reviews = read_reviews(find_reviews(), config.dataset.name)
        prepared = prepare(config, recipe, *split(reviews, config.dataset))
        # Before the training: a folder that cannot be made should not cost a run.
        output.parent.mkdir(parents=True, exist_ok=True)
        print_start(prepared)
        by_seed = {}
        for seed, (pretrained, by_chance) in train(prepared):
            by_seed[seed] = (pretrained, by_chance)
            print_row(str(seed), (pretrained, by_chance, pretrained - by_chance))
        accuracy = summarize(by_seed)
        print_row("mean", [column["mean"] for column in accuracy.values()])
        if len(by_seed) > 1:
            spread = [column["standard_deviation"] for column in accuracy.values()]
            print_row("sd", spread, sign="")
        result = json.dumps(describe(prepared, accuracy), indent=2)
        output.write_text(result + "\n", encoding="utf-8")
    except (ConfigError, DataError, GloveRegistryError, OSError) as error:
        # A message of several lines is a list of causes.
        print("run_experiment:", "; ".join(str(error).splitlines()), file=sys.stderr)
        return 2 if isinstance(error, ConfigError | UnknownVariantError) else 1
    except KeyboardInterrupt:
        print("run_experiment: interrupted", file=sys.stderr)
        return 130
    print(f"\nwritten to {output}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
