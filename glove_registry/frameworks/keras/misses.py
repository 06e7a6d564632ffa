"""A layer that learns only the rows without a vector, made of stock parts.

The sum of two Embeddings: one holds the vectors and is frozen; the other is trained and
has rows only for indices without a vector, so that neither it nor an optimizer holds
rows that do not change. A third one holds the row of each index in the second.
"""

from types import ModuleType
from typing import Any

import numpy as np

from ...lookup.matrix import NOT_LEARNED, EmbeddingPlan
from .layer import check_keras, make_embedding, make_layer


def make_partly_trained_layer(
    plan: EmbeddingPlan,
    keras: ModuleType | None = None,
    *,
    mask_zero: bool,
    dtype: Any,
    name: str | None,
    **layer_kwargs: Any,
) -> Any:
    """Return a model that trains only the rows without a vector.

    Parameters
    ----------
    plan : EmbeddingPlan
    keras : module, optional
        As for `make_layer`.
    mask_zero, dtype, name
        As for ``keras.layers.Embedding``.
    **layer_kwargs
        Passed to the ``Embedding`` that is trained.

    Returns
    -------
    keras.Model
        From indices of shape (n_texts, n_words) to vectors of shape (n_texts, n_words,
        dimension). Its layers "known" and "learned" are the two Embeddings.
    """
    keras = check_keras(keras)
    known, learned, rows = plan.split()
    options = {"mask_zero": mask_zero, "dtype": dtype}
    vectors = make_layer(known, keras, name="known", trainable=False, **options)
    others = make_layer(
        learned, keras, name="learned", trainable=True, **options, **layer_kwargs
    )
    # As floats, because Keras initializes and restores no integers on every backend;
    # in full precision whatever the policy, as float16 counts only to 2,048.
    row = make_embedding(
        lambda dtype: rows[:, np.newaxis].astype(dtype),
        (len(rows), 1),
        keras,
        {
            "name": "row",
            "trainable": False,
            "mask_zero": mask_zero,
            "dtype": "float32",
        },
    )
    # A step from 0 to 1, with a gradient of 0: what is added to a vector stays 0, and
    # what all other words share is not trained.
    step = keras.layers.ReLU(max_value=1.0, threshold=float(NOT_LEARNED), dtype=dtype)
    squeeze = (keras.ops if hasattr(keras, "ops") else keras.backend).squeeze

    indices = keras.Input((None,), dtype="int32")
    rows_of_words = row(indices)
    # Each operand has the mask of the indices, without which the sum would have none.
    sum_ = keras.layers.Add(dtype=dtype)(
        [
            vectors(indices),
            keras.layers.Multiply(dtype=dtype)(
                [others(squeeze(rows_of_words, axis=-1)), step(rows_of_words)]
            ),
        ]
    )
    model = keras.Model(indices, sum_, name=name)
    if hasattr(keras, "DTypePolicy"):
        # A Sequential without an Input makes one of its first layer's type.
        model.dtype_policy = keras.DTypePolicy("int32")
    return model
