"""Train a text classifier on pre-trained word vectors, as a YAML file describes it.

    python examples/run_experiment.py examples/sentiment.yaml

The same model is trained twice for each seed: on the vectors of a variant, and on
randomly initialised ones. The result says what was measured, with its spread, and on
exactly which bytes.
"""

import argparse
import json
import os
import platform
import random
import statistics
import sys
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, replace
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
from experiment_config import ConfigError, Experiment, read_config
from numpy.typing import NDArray
from reviews import (
    DataError,
    Review,
    describe_source,
    find_reviews,
    read_reviews,
    split,
)

import glove_registry
from glove_registry.errors import GloveRegistryError, UnknownVariantError

ARMS = ("pretrained", "random")


def encode(
    reviews: Sequence[Review], word_index: Mapping[str, int], length: int
) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    """Give the indices of each text's words, 0 as padding, and the labels.

    Words outside `word_index` are left out, as if they were not there.
    """
    texts = [[word_index[w] for w in text if w in word_index] for text, _ in reviews]
    width = min(length, max(1, *map(len, texts)))
    indices = np.zeros((len(texts), width), np.int32)
    for row, text in zip(indices, texts, strict=True):
        row[: len(text)] = text[:width]
    return indices, np.array([label for _, label in reviews], np.int32)


def measure_coverage(
    vectors: glove_registry.Vectors, counts: Sequence[tuple[str, int]]
) -> dict[str, Any]:
    """Say for how many words, and for how much of the text, there is a vector."""
    found = vectors.rows(word for word, _ in counts) >= 0
    hits = [count for (_, count), hit in zip(counts, found, strict=True) if hit]
    misses = [pair for pair, hit in zip(counts, found, strict=True) if not hit]
    types, tokens = len(counts), sum(count for _, count in counts)
    return {
        "types": types,
        "types_with_vector": len(hits),
        "types_share": len(hits) / types,
        "tokens": tokens,
        "tokens_with_vector": sum(hits),
        "tokens_share": sum(hits) / tokens,
        "top_misses": dict(misses[:6]),
    }


@contextmanager
def quiet_start() -> Iterator[None]:
    """Keep TensorFlow from listing the devices that it lacks, while it is imported."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    # Its first lines are written before it looks at that variable, past sys.stderr. An
    # import that fails raises, and is not silenced.
    sys.stderr.flush()
    kept = os.dup(2)
    try:
        with Path(os.devnull).open("wb") as nowhere:
            os.dup2(nowhere.fileno(), 2)
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)


def build_model(embedding: Any, config: Experiment) -> Any:
    """Make a classifier of texts by the mean of their words' vectors."""
    import keras

    indices = keras.Input((None,), dtype="int32")
    is_word = keras.ops.cast(embedding.compute_mask(indices), "float32")
    total = keras.layers.Dot(axes=1)([is_word, embedding(indices)])
    words = keras.ops.sum(is_word, axis=1, keepdims=True)
    # Divided safely: the mean of a text without a known word is 0, not NaN.
    mean = total / keras.ops.maximum(words, 1)
    hidden = keras.layers.Dense(config.model.hidden_units, activation="relu")(mean)
    label = keras.layers.Dense(1, activation="sigmoid")(hidden)
    model = keras.Model(indices, label)
    model.compile(
        optimizer=keras.optimizers.Adam(config.training.learning_rate),
        loss="binary_crossentropy",
    )
    return model


def compare_arms(
    config: Experiment,
    vectors: glove_registry.Vectors,
    word_index: Mapping[str, int],
    pool: Sequence[Review],
    test: Sequence[Review],
) -> Iterator[tuple[int, list[float]]]:
    """Train the model from both starts; give each seed with the arms' accuracies."""
    with quiet_start():
        import keras

    test_texts, test_labels = encode(test, word_index, config.model.text_length)
    for seed in config.training.seeds:
        rng = random.Random(seed)  # noqa: S311 - no secret
        drawn = rng.sample(pool, config.dataset.train_texts)
        texts, labels = encode(drawn, word_index, config.model.text_length)
        accuracies = []
        for arm in ARMS:
            # Both arms alike: the seed decides which texts are drawn, where all other
            # weights start and in which order the texts are seen.
            keras.utils.set_random_seed(seed)
            if arm == "pretrained":
                embedding = vectors.to_keras_layer(
                    word_index, trainable=config.trainable, mask_zero=True
                )
            else:
                embedding = keras.layers.Embedding(
                    len(word_index) + 1, vectors.dimension, mask_zero=True
                )
            model = build_model(embedding, config)
            model.fit(
                texts,
                labels,
                batch_size=config.training.batch_size,
                epochs=config.training.epochs,
                verbose=0,
            )
            scores = model.predict(test_texts, batch_size=1000, verbose=0)[:, 0]
            accuracies.append(float(np.mean((scores > 0.5) == test_labels)))
        yield seed, accuracies


def run(
    config: Experiment,
    vectors: glove_registry.Vectors,
    pool: Sequence[Review],
    test: Sequence[Review],
) -> dict[str, Any]:
    """Run an experiment; print and give coverage and accuracies."""
    # Labels are scarce, text is not: the vocabulary comes from all texts that are not
    # tested on, without their labels.
    words = Counter(word for tokens, _ in pool for word in tokens)
    counts = words.most_common(config.model.vocabulary_size)
    word_index = {word: index for index, (word, _) in enumerate(counts, start=1)}
    coverage = measure_coverage(vectors, counts)
    print_coverage(config, vectors, coverage)

    columns: dict[str, dict[int, float]] = {arm: {} for arm in (*ARMS, "difference")}
    print(f"\naccuracy on {len(test):,} other texts")
    print("  seed   pre-trained     random    difference")
    for seed, (pretrained, by_chance) in compare_arms(
        config, vectors, word_index, pool, test
    ):
        row = (pretrained, by_chance, pretrained - by_chance)
        for column, value in zip(columns.values(), row, strict=True):
            column[seed] = value
        print_row(str(seed), row)
    accuracy = {name: summarize(column) for name, column in columns.items()}
    print_row("mean", [column["mean"] for column in accuracy.values()])
    if len(config.training.seeds) > 1:
        print_row("sd", [c["standard_deviation"] for c in accuracy.values()], sign="")
    return {"coverage": coverage, "accuracy": accuracy}


def summarize(by_seed: Mapping[int, float]) -> dict[str, Any]:
    """Give mean and sample standard deviation, and the values themselves."""
    values = list(by_seed.values())
    return {
        "mean": statistics.fmean(values),
        "standard_deviation": statistics.stdev(values) if len(values) > 1 else None,
        "by_seed": dict(by_seed),
    }


def find_versions() -> dict[str, str]:
    """Say what the numbers depend on beside the configuration and the data."""
    import keras

    backend = keras.config.backend()
    return {
        "python": platform.python_version(),
        "glove_registry": glove_registry.__version__,
        "keras": keras.__version__,
        backend: import_module(backend).__version__,
        "numpy": np.__version__,
    }


def print_coverage(
    config: Experiment, vectors: glove_registry.Vectors, coverage: Mapping[str, Any]
) -> None:
    """Print what is compared, and how much of the vocabulary has a vector."""
    use = "trained on" if config.trainable else "frozen"
    print(f"vectors: {vectors.name}, {len(vectors):,} x {vectors.dimension}, {use}")
    dataset = config.dataset
    print(f"texts:   {dataset.name}, {dataset.train_texts:,} labelled ones per seed")
    print("\ncoverage   with vector      words      share")
    for what in ("types", "tokens"):
        found, total = coverage[f"{what}_with_vector"], coverage[what]
        print(f"{what:>8} {found:13,} {total:10,} {found / total:10.1%}")
    # In ASCII, since a word of a review can be any character.
    misses = (f"{word!a} {count}" for word, count in coverage["top_misses"].items())
    print(f"most frequent without: {', '.join(misses) or 'none'}", flush=True)


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
            config = replace(config, variant=options.variant)
        reviews = read_reviews(find_reviews(), config.dataset.name)
        pool, test = split(reviews, config.dataset)
        vectors = glove_registry.load(config.variant, registry=options.registry)
        # Before the training: a folder that cannot be made should not cost a run.
        output.parent.mkdir(parents=True, exist_ok=True)
        result = {
            "config": asdict(config),
            **run(config, vectors, pool, test),
            "provenance": vectors.provenance,
            "data": describe_source(),
            "versions": find_versions(),
        }
        output.write_text(json.dumps(result, indent=2) + "\n", encoding="utf-8")
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
