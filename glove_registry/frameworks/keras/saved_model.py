"""A SavedModel from texts to vectors, in the form of TensorFlow Hub's."""

from os import PathLike
from pathlib import Path
from typing import Any

from ...cache.outputs import as_path, check_free
from ...cache.publish import publish
from ...lookup.rows import Rows
from ...lookup.vocabulary import DEFAULT_OPTIONS, VocabularyOptions
from ...registry import Tokenizer
from ...text.pooling import Pooling
from ..needed import import_tensorflow
from .text_layer import make_text_layer


def export_text_model(
    vectors: Rows,
    path: str | PathLike[str],
    vocabulary: Any = None,
    pooling: Pooling = "mean",
    *,
    tokenizer: Tokenizer | None = None,
    options: VocabularyOptions = DEFAULT_OPTIONS,
) -> Path:
    """Write a SavedModel of the text layer; see `Vectors.export_saved_model`."""
    tf: Any = import_tensorflow("export_saved_model")
    # TensorFlow brings it.
    import keras

    path = as_path(path)
    check_free(path)
    # Trainable, as hub.KerasLayer and TFSMLayer can freeze weights, but not unfreeze.
    exported = _make_reusable(
        make_text_layer(
            vectors,
            vocabulary,
            pooling,
            tokenizer=tokenizer,
            options=options,
            trainable=True,
            dtype="float32",
            # Whatever tf.keras is.
            keras=keras,
        )
    )
    path.parent.mkdir(parents=True, exist_ok=True)
    with publish(path, replace=False) as part:
        tf.saved_model.save(exported, str(part), signatures=exported.serve)
    return path


def _make_reusable(model: Any) -> Any:
    """Return an object with the attributes that TensorFlow Hub expects.

    They are those of https://www.tensorflow.org/hub/reusable_saved_models, and
    ``serve``, the default endpoint of ``keras.layers.TFSMLayer``.
    """
    import keras
    import tensorflow as tf

    (weights,) = model.weights
    exported = tf.train.Checkpoint()
    # The owners of the lookup tables, and the variable itself: with the whole model,
    # the vectors would be written twice.
    layers = keras.layers
    kinds = (layers.TextVectorization, layers.IntegerLookup)
    exported.lookups = [layer for layer in model.layers if isinstance(layer, kinds)]
    exported.variables = [weights.value]
    exported.trainable_variables = [weights.value]
    exported.regularization_losses = []
    exported.serve = tf.function(
        lambda texts: model(texts),
        input_signature=[tf.TensorSpec(model.input_shape, tf.string, name="texts")],
    )
    exported.__call__ = exported.serve
    return exported
