"""The operations of a Keras that graphs here are made of."""

from types import ModuleType
from typing import Any

import numpy as np


def find_operations(keras: ModuleType) -> Any:
    """Return ``keras.ops``, or the same of TensorFlow for Keras 2.

    Models of Keras 2 save calls of TensorFlow's functions by name, so that they load
    without this package, too.
    """
    return keras.ops if hasattr(keras, "ops") else _TensorFlow()


class _TensorFlow:
    """Those of Keras 3's operations that are needed here, for Keras 2."""

    def __init__(self) -> None:
        import tensorflow as tf

        self._tf = tf
        self.bitwise_and = tf.bitwise.bitwise_and
        self.cast = tf.cast
        self.cumsum = tf.cumsum
        self.equal = tf.equal
        self.greater = tf.greater
        self.greater_equal = tf.greater_equal
        self.expand_dims = tf.expand_dims
        self.logical_or = tf.logical_or
        self.maximum = tf.maximum
        self.minimum = tf.minimum
        self.not_equal = tf.not_equal
        self.ones_like = tf.ones_like
        self.reshape = tf.reshape
        self.sqrt = tf.sqrt
        self.stack = tf.stack
        self.sum = tf.reduce_sum
        self.where = tf.where
        self.zeros_like = tf.zeros_like

    def concatenate(self, tensors: list[Any], axis: int) -> Any:
        return self._tf.concat(tensors, axis)

    def roll(self, x: Any, shift: int) -> Any:
        return self._tf.roll(x, shift, 0)

    def segment_max(self, data: Any, segments: Any, sorted: bool) -> Any:
        return self._tf.math.segment_max(data, segments)

    def segment_sum(self, data: Any, segments: Any, sorted: bool) -> Any:
        return self._tf.math.segment_sum(data, segments)

    def take(self, x: Any, indices: Any, axis: int) -> Any:
        tf = self._tf
        if not isinstance(x, np.ndarray):
            return tf.gather(x, indices, axis=axis)
        # A model of Keras 2 saves a table as numbers whose type is not known, and of 64
        # bits it loads none.
        low = x.astype(np.int32)
        high = ((x - low) >> 32).astype(np.int32)
        taken = tf.cast(tf.gather(low, indices, axis=axis), "int64")
        if not high.any():
            return taken
        high = tf.cast(tf.gather(high, indices, axis=axis), "int64")
        return taken + high * (1 << 32)
