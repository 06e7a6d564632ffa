"""The experiment: a text classifier with pre-trained vectors and with random ones.

Reviews -> vocabulary -> the same model, initialized in two ways -> accuracies.
"""

import os
import platform
import random
import statistics
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
from experiment_config import Experiment
from numpy.typing import NDArray
from reviews import Review, describe_source

import glove_registry
from glove_registry import Coverage, Recipe

ARMS = ("pretrained", "random")


@dataclass(frozen=True)
class Prepared:
    """An experiment with everything it needs, before training.

    `word_index` starts at 1, as 0 is padding; `coverage` is that of its words. The
    model is trained on reviews of `pool`, and tested on those of `test`.
    """

    config: Experiment
    recipe: Recipe
    word_index: Mapping[str, int]
    coverage: Coverage
    pool: Sequence[Review]
    test: Sequence[Review]


def prepare(
    config: Experiment, recipe: Recipe, pool: Sequence[Review], test: Sequence[Review]
) -> Prepared:
    """Choose the vocabulary and compute its coverage."""
    # Labels are scarce, texts are not: the vocabulary comes from all texts outside the
    # test set, without their labels.
    counts = Counter(word for tokens, _ in pool for word in tokens)
    words = counts.most_common(config.model.vocabulary_size)
    word_index = {word: index for index, (word, _) in enumerate(words, start=1)}
    coverage = recipe.vectors.coverage(Counter(dict(words)), case=recipe.case)
    return Prepared(config, recipe, word_index, coverage, pool, test)


def run(
    prepared: Prepared, report: Callable[[int, list[float]], object]
) -> dict[str, Any]:
    """Train with each seed, and return all results as plain values for JSON.

    `report` is called with each seed and its accuracies, in the order of `ARMS`.
    """
    by_seed = {}
    for seed, accuracies in train(prepared):
        by_seed[seed] = accuracies
        report(seed, accuracies)
    return {
        "config": asdict(prepared.config),
        "coverage": prepared.coverage.to_dict(),
        "accuracy": summarize(by_seed),
        "provenance": prepared.recipe.vectors.provenance,
        "data": describe_source(),
        "versions": find_versions(),
    }


def train(prepared: Prepared) -> Iterator[tuple[int, list[float]]]:
    """Yield each seed with the accuracy of each arm."""
    with quiet_start():
        import keras

    config, word_index = prepared.config, prepared.word_index
    length = config.model.text_length
    test_texts, test_labels = encode(prepared.test, word_index, length)
    for seed in config.training.seeds:
        rng = random.Random(seed)  # noqa: S311 - no secret
        drawn = rng.sample(prepared.pool, config.dataset.train_texts)
        texts, labels = encode(drawn, word_index, length)
        accuracies = []
        for arm in ARMS:
            # For both arms, the seed decides which texts are drawn, how all other
            # weights are initialized, and in which order the texts are seen.
            keras.utils.set_random_seed(seed)
            if arm == "pretrained":
                embedding = prepared.recipe.layer(word_index)
            else:
                dimension = prepared.recipe.vectors.dimension
                embedding = keras.layers.Embedding(len(word_index) + 1, dimension)
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


def summarize(by_seed: Mapping[int, Sequence[float]]) -> dict[str, Any]:
    """Return mean and sample standard deviation of each arm and their difference."""
    columns = {
        **{arm: [row[i] for row in by_seed.values()] for i, arm in enumerate(ARMS)},
        "difference": [first - second for first, second in by_seed.values()],
    }
    return {
        name: {
            "mean": statistics.fmean(values),
            "standard_deviation": statistics.stdev(values) if values[1:] else None,
            "by_seed": dict(zip(by_seed, values, strict=True)),
        }
        for name, values in columns.items()
    }


def encode(
    reviews: Sequence[Review], word_index: Mapping[str, int], length: int
) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    """Return the indices of each text's words, padded with 0, and the labels.

    Words outside `word_index` are left out.
    """
    texts = [[word_index[w] for w in text if w in word_index] for text, _ in reviews]
    width = min(length, max(1, *map(len, texts)))
    indices = np.zeros((len(texts), width), np.int32)
    for row, text in zip(indices, texts, strict=True):
        row[: len(text)] = text[:width]
    return indices, np.array([label for _, label in reviews], np.int32)


def build_model(embedding: Any, config: Experiment) -> Any:
    """Return a compiled classifier of texts by the mean of their words' vectors."""
    import keras

    indices = keras.Input((None,), dtype="int32")
    is_word = keras.ops.cast(keras.ops.not_equal(indices, 0), "float32")
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


def find_versions() -> dict[str, str]:
    """Return the versions of the software that the numbers depend on."""
    import keras

    backend = keras.config.backend()
    return {
        "python": platform.python_version(),
        "glove_registry": glove_registry.__version__,
        "keras": keras.__version__,
        backend: import_module(backend).__version__,
        "numpy": np.__version__,
    }


@contextmanager
def quiet_start() -> Iterator[None]:
    """Silence TensorFlow's notes about missing devices while it is imported."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    # Its first lines are written before it reads that variable, and not by way of
    # sys.stderr. An import that fails still raises.
    sys.stderr.flush()
    stderr = os.dup(2)
    try:
        with Path(os.devnull).open("wb") as null:
            os.dup2(null.fileno(), 2)
        yield
    finally:
        os.dup2(stderr, 2)
        os.close(stderr)
