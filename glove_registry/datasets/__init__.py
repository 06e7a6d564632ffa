"""From rows to datasets: columns of words and numbers, and a ``tf.data`` of them.

Takes `Rows`; TensorFlow is imported when a dataset is made, not before.
"""

from .columns import read_columns
from .tf_data import make_dataset

__all__ = ["make_dataset", "read_columns"]
