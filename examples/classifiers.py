"""One Keras model of texts with three beginnings: vectors, random numbers, TF-IDF.

Texts -> indices of words, or TF-IDF -> the same two dense layers -> accuracies.
"""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from experiment import encode, quiet_start
from numpy.typing import NDArray
from reviews import Review
from sklearn.feature_extraction.text import TfidfVectorizer

from glove_registry import Vectors

# The same for all three and for every number of labels. Rates from 0.001 to 0.01 and
# 200 to 600 steps were compared on 1,500 reviews that are not among those of the test:
# for none of the three was another choice better by more than 0.003 in the mean.
STEPS = 400
BATCH_SIZE = 32
LEARNING_RATE = 0.002
HIDDEN_UNITS = 64

# How many words of a text are read; few are longer.
LENGTHS = {"rotten_tomatoes": 60, "imdb": 400}


@dataclass(frozen=True)
class Inputs:
    """Texts as the models read them, and their labels.

    `indices` has a row of word numbers for each text, padded with 0; `weights` is a
    sparse matrix with the TF-IDF of each word.
    """

    indices: NDArray[np.int32]
    weights: Any
    labels: NDArray[np.int32]

    def take(self, rows: Sequence[int] | NDArray[np.int64]) -> "Inputs":
        """Return some of the texts, in the order given."""
        return Inputs(self.indices[rows], self.weights[rows], self.labels[rows])


def choose_words(pool: Sequence[Review]) -> list[str]:
    """Return the words that all three know: those that occur more than once.

    Labels are scarce, texts are not: the words come from all texts outside the test
    set, and so do their document frequencies, without the labels.
    """
    counts = Counter(word for tokens, _ in pool for word in tokens)
    return [word for word, count in counts.most_common() if count > 1]


def prepare(
    pool: Sequence[Review], test: Sequence[Review], words: Sequence[str], length: int
) -> tuple[Inputs, Inputs]:
    """Return the texts to train on and those to test on as the models read them."""
    word_index = {word: index for index, word in enumerate(words, start=1)}
    tfidf = TfidfVectorizer(analyzer=list, vocabulary=words, dtype=np.float32)
    tfidf.fit(tokens for tokens, _ in pool)

    def read(reviews: Sequence[Review]) -> Inputs:
        indices, labels = encode(reviews, word_index, length)
        weights = tfidf.transform(tokens for tokens, _ in reviews)
        return Inputs(indices, weights, labels)

    return read(pool), read(test)


class Classifier:
    """A model that is compiled once, and begins anew with each training."""

    def __init__(
        self,
        begin: Callable[[], tuple[Any, Any]],
        select: Callable[[Inputs], Any],
        *,
        jit_compile: bool = True,
    ) -> None:
        import keras

        self._begin, self._select = begin, select
        self._model = self._build()
        optimizer = keras.optimizers.Adam(LEARNING_RATE)
        self._model.compile(
            optimizer,
            loss="binary_crossentropy",
            steps_per_execution=50,
            jit_compile=jit_compile,
        )
        optimizer.build(self._model.trainable_variables)
        self._fresh = [variable.numpy() for variable in optimizer.variables]

    def _build(self) -> Any:
        import keras

        inputs, features = self._begin()
        hidden = keras.layers.Dense(HIDDEN_UNITS, activation="relu")(features)
        label = keras.layers.Dense(1, activation="sigmoid")(hidden)
        return keras.Model(inputs, label)

    def train(self, texts: Inputs, seed: int) -> None:
        """Train from the weights and in the order of a seed."""
        import keras

        keras.utils.set_random_seed(seed)
        self._model.set_weights(self._build().get_weights())
        variables = self._model.optimizer.variables
        for variable, value in zip(variables, self._fresh, strict=True):
            variable.assign(value)
        # All steps in one epoch: each text is seen as often as any other, in an order
        # that is new each time.
        rng, needed = np.random.default_rng(seed), STEPS * BATCH_SIZE
        times = -(-needed // len(texts.labels))
        order = np.concatenate(
            [rng.permutation(len(texts.labels)) for _ in range(times)]
        )[:needed]
        self._model.fit(
            self._select(texts)[order],
            texts.labels[order],
            batch_size=BATCH_SIZE,
            shuffle=False,
            verbose=0,
        )

    def test(self, texts: Inputs) -> float:
        """Return the share of texts whose label is predicted."""
        scores = self._model.predict(self._select(texts), batch_size=1000, verbose=0)
        return float(np.mean((scores[:, 0] > 0.5) == texts.labels))


def make_classifiers(
    vectors: Vectors, words: Sequence[str]
) -> Mapping[str, Classifier]:
    """Return the three classifiers by the names of their beginnings."""
    with quiet_start():
        import keras

    vocabulary = ["", *words]

    def embed(layer: Any) -> tuple[Any, Any]:
        indices = keras.Input((None,), dtype="int32")
        return indices, keras.layers.GlobalAveragePooling1D()(layer(indices))

    def begin_with_vectors() -> tuple[Any, Any]:
        return embed(vectors.to_keras_layer(vocabulary, trainable=True, mask_zero=True))

    def begin_at_random() -> tuple[Any, Any]:
        shape = len(vocabulary), vectors.dimension
        return embed(keras.layers.Embedding(*shape, mask_zero=True))

    def count_words() -> tuple[Any, Any]:
        weights = keras.Input((len(words),), sparse=True)
        return weights, weights

    return {
        "vectors": Classifier(begin_with_vectors, lambda texts: texts.indices),
        "random": Classifier(begin_at_random, lambda texts: texts.indices),
        # XLA has no sparse matrices.
        "TF-IDF": Classifier(
            count_words, lambda texts: texts.weights, jit_compile=False
        ),
    }
