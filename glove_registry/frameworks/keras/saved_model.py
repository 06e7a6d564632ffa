"""A SavedModel from texts to vectors, in the form that TensorFlow Hub's have."""

import os
from os import PathLike
from pathlib import Path
from typing import Any

from ...cache.publish import publish
from ...errors import OutputError
from ...lookup.rows import Rows
from .text_layer import Pooling, build_text_model


def export_text_model(
    rows: Rows,
    path: str | PathLike[str],
    vocabulary: Any = None,
    pooling: Pooling = "mean",
) -> Path:
    """Write a SavedModel that does what the text layer does.

    Parameters
    ----------
    rows : Rows
    path : str or path-like
        Of the folder it will be.
    vocabulary, pooling
        As for `make_text_layer`.

    Returns
    -------
    Path
        Of the folder it is.

    Raises
    ------
    OutputError
        There is something at `path`.
    """
    import tensorflow as tf

    target = Path(path)
    if os.path.lexists(target):
        raise OutputError(
            f"{target} exists, and an export does not replace anything: remove it, or "
            "give another path"
        )
    # Trainable: hub.KerasLayer and TFSMLayer freeze what is, and train nothing else.
    exported = _make_reusable(
        build_text_model(rows, vocabulary, pooling, trainable=True, dtype="float32")
    )
    target.parent.mkdir(parents=True, exist_ok=True)
    with publish(target, replace=False) as part:
        tf.saved_model.save(exported, str(part), signatures=exported.serve)
    return target


def _make_reusable(model: Any) -> Any:
    """Give a text layer the attributes that TensorFlow Hub asks of a SavedModel.

    Notes
    -----
    They are those of https://www.tensorflow.org/hub/reusable_saved_models, and
    ``serve``, which ``keras.layers.TFSMLayer`` looks for unless told otherwise.
    """
    import tensorflow as tf

    (weights,) = model.weights
    exported = tf.train.Checkpoint()
    # What owns the lookup tables, and the variable as it is: with the whole model the
    # vectors would be written twice.
    exported.lookups = [layer for layer in model.layers if not layer.weights]
    exported.variables = [weights.value]
    exported.trainable_variables = [weights.value]
    exported.regularization_losses = []
    exported.serve = tf.function(
        lambda texts: model(texts),
        input_signature=[tf.TensorSpec(model.input_shape, tf.string, name="texts")],
    )
    exported.__call__ = exported.serve
    return exported
