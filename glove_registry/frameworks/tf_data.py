"""Rows as a ``tf.data.Dataset`` that reads the map while it is gone through."""

import operator
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from ..lookup.rows import Rows
from .columns import read_columns

if TYPE_CHECKING:
    import tensorflow as tf


def make_dataset(
    rows: Rows, batch_size: int, shuffle: bool, seed: int | None
) -> "tf.data.Dataset":
    """Make what `Vectors.to_tf_dataset` gives.

    Row numbers run through the dataset, which shuffles them all if it is to, and each
    batch of them is read from the map when its turn comes: the matrix is never copied
    as a whole, nor is it part of the graph.
    """
    import tensorflow as tf

    batch_size = _check(batch_size, shuffle)

    def read(index: NDArray[np.int64]) -> tuple[NDArray[Any], NDArray[Any]]:
        columns = read_columns(rows, index)
        return columns["word"], columns["vector"]

    def look_up(index: Any) -> dict[str, Any]:
        word, vector = tf.numpy_function(
            read, [index], [tf.string, tf.float32], stateful=False
        )
        word.set_shape(index.shape)
        vector.set_shape([*index.shape, rows.dimension])
        return {"index": index, "word": word, "vector": vector}

    index = tf.data.Dataset.range(len(rows))
    if shuffle:
        index = index.shuffle(len(rows), seed=seed)
    return index.batch(batch_size).map(look_up).prefetch(tf.data.AUTOTUNE)


def _check(batch_size: int, shuffle: bool) -> int:
    """See that the arguments are what they look like, before the graph obscures it."""
    if not isinstance(shuffle, bool):
        raise ValueError(
            f"shuffle={shuffle!r}: expected True or False; a seed is given as seed="
        )
    try:
        size = 0 if isinstance(batch_size, bool) else operator.index(batch_size)
    except TypeError:
        size = 0
    if size < 1:
        raise ValueError(f"batch_size={batch_size!r}: expected an int from 1 on")
    return size
