"""Rows as a ``tf.data.Dataset`` that reads the mapped matrix as it is iterated over."""

import operator
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from ..lookup.rows import Rows
from .needed import import_tensorflow

if TYPE_CHECKING:
    import tensorflow as tf


def make_dataset(
    vectors: Rows, batch_size: int, shuffle: bool, seed: int | None
) -> "tf.data.Dataset":
    """Return the dataset of `Vectors.to_tf_dataset`.

    Only row numbers are shuffled and batched; a batch of rows is read from the mapped
    matrix when it is needed. The matrix is neither copied nor part of the graph.
    """
    tf: Any = import_tensorflow("to_tf_dataset")

    # Checked here, as an error inside the graph would be hard to read.
    if not isinstance(shuffle, bool):
        raise ValueError(
            f"shuffle={shuffle!r}: expected True or False; pass a seed as seed="
        )
    batch_size = _check_batch_size(batch_size)
    if seed is not None:
        seed = _check_seed(seed)

    def read(index: NDArray[np.int64]) -> tuple[NDArray[Any], NDArray[Any]]:
        columns = read_columns(vectors, index)
        return columns["word"], columns["vector"]

    def look_up(index: Any) -> dict[str, Any]:
        word, vector = tf.numpy_function(
            read, [index], [tf.string, tf.float32], stateful=False
        )
        word.set_shape(index.shape)
        vector.set_shape([*index.shape, vectors.dimension])
        return {"index": index, "word": word, "vector": vector}

    index = tf.data.Dataset.range(len(vectors))
    if shuffle:
        # TensorFlow wants room for one, also where there is none.
        index = index.shuffle(max(len(vectors), 1), seed=seed)
    return index.batch(batch_size).map(look_up).prefetch(tf.data.AUTOTUNE)


def read_columns(vectors: Rows, index: NDArray[np.int64]) -> dict[str, NDArray[Any]]:
    """Return some rows as the columns of a dataset.

    Parameters
    ----------
    vectors : Rows
    index : ndarray of shape (n,), int64
        Row numbers in any order.

    Returns
    -------
    dict
        ``"index"`` as given; ``"word"``, ndarray of shape (n,), the tokens' bytes;
        ``"vector"``, ndarray of shape (n, dimension), float32, a copy.
    """
    return {
        "index": index,
        # As objects: numpy's own type for bytes would drop a NUL at a token's end.
        "word": np.array(vectors.tokens.read_bytes(index), object),
        "vector": vectors.take(index),
    }


def _check_batch_size(batch_size: object) -> int:
    try:
        size = 0 if isinstance(batch_size, bool) else operator.index(batch_size)  # type: ignore[arg-type]
    except TypeError:
        size = 0
    if size < 1:
        raise ValueError(f"batch_size={batch_size!r}: expected an int of at least 1")
    return size


def _check_seed(seed: object) -> int:
    try:
        if not isinstance(seed, bool):
            return operator.index(seed)  # type: ignore[arg-type]
    except TypeError:
        pass
    raise ValueError(f"seed={seed!r}: expected an int")


def tokenize_tensor(
    tokenize: Callable[[str], Sequence[str]], texts: "tf.Tensor"
) -> "tf.Tensor":
    """Return the texts of `Vectors.tokenize_tensor`."""
    tf: Any = import_tensorflow("tokenize_tensor")

    def join(texts: Any) -> NDArray[Any]:
        joined = [
            " ".join(tokenize(text.decode("utf-8", "replace"))).encode()
            for text in np.ravel(texts)
        ]
        return np.array(joined, object).reshape(np.shape(texts))

    texts = tf.convert_to_tensor(texts, tf.string)
    joined = tf.numpy_function(join, [texts], tf.string, stateful=False)
    joined.set_shape(texts.shape)
    return joined
