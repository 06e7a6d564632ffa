"""A stock Keras Embedding that starts from a matrix and forgets where it came from."""

import os
import sys
from difflib import get_close_matches
from importlib import import_module
from types import ModuleType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...lookup.matrix import EmbeddingPlan

# What the vocabulary and the vectors decide; `input_dim` is part of the plan.
_DECIDED = {"output_dim", "embeddings_initializer", "weights"}

# What `to_keras_layer` takes, and Keras' Embedding besides.
_ARGUMENTS = (
    *("trainable", "mask_zero", "oov", "case", "num_words", "index_offset"),
    *("input_dim", "dtype", "name", "keras", "lora_rank", "lora_alpha"),
    *("embeddings_regularizer", "embeddings_constraint", "activity_regularizer"),
)


def find_keras() -> ModuleType:
    """Return the Keras that ``tf.keras`` is, or Keras 3 where TensorFlow has no say.

    A model of one Keras takes a layer of the other and trains nothing of it, without
    an error. TensorFlow decides when ``tf.keras`` is first used, by the environment
    variable TF_USE_LEGACY_KERAS, so that it is asked and not the variable.

    Raises
    ------
    ImportError
        ``tf.keras`` is to be Keras 2, and `tf_keras` is not installed.
    """
    legacy = os.environ.get("TF_USE_LEGACY_KERAS") in ("1", "true", "True")
    if not legacy and "tensorflow" not in sys.modules:
        return import_module("keras")
    import tensorflow as tf

    try:
        name = tf.keras.layers.Layer.__module__.partition(".")[0]
    except (ImportError, AttributeError) as error:
        raise ImportError(
            "TF_USE_LEGACY_KERAS makes tf.keras Keras 2, which is not installed: "
            "pip install tf_keras; or, to use Keras 3, unset the variable, or pass "
            "keras=keras to to_keras_layer()"
        ) from error
    return import_module(name)


def make_layer(
    plan: EmbeddingPlan, keras: ModuleType | None = None, **layer_kwargs: Any
) -> Any:
    """Make a built embedding layer whose weights are the plan's matrix.

    Parameters
    ----------
    plan : EmbeddingPlan
    keras : module, optional
        Whose layer it is to be: ``keras``, or ``tf_keras`` for models of Keras 2. What
        `find_keras` finds if not given.
    **layer_kwargs
        Passed on to ``keras.layers.Embedding``.

    Returns
    -------
    keras.layers.Embedding
        Its configuration holds no vectors, so that a saved model holds them once, as
        weights, and loads without this package.
    """
    if decided := layer_kwargs.keys() & _DECIDED:
        raise TypeError(
            f"{', '.join(sorted(decided))}: not an argument here, as the vectors and "
            "the vocabulary decide it"
        )
    for flag in ("trainable", "mask_zero"):
        # A word is true, whatever it says.
        if not isinstance(layer_kwargs.get(flag, False), bool | np.bool_):
            raise TypeError(
                f"{flag}={layer_kwargs[flag]!r}: expected True or False, as a bool"
            )
    keras = find_keras() if keras is None else keras

    # An initializer that is called once, at build(): a Constant would write the
    # matrix into the layer's configuration, set_weights would hold it twice more.
    def initialize(shape: Any, dtype: Any = None, **_: Any) -> Any:
        # TensorFlow's types have their name in an attribute, others are their name.
        name = getattr(dtype, "name", dtype) or "float32"
        return _to_tensor(plan, name, keras)

    try:
        layer = keras.layers.Embedding(
            input_dim=plan.size,
            output_dim=plan.vectors.dimension,
            embeddings_initializer=initialize,
            **layer_kwargs,
        )
    except (TypeError, ValueError) as error:
        # Keras names an argument that it does not know, and none that it does.
        for key in layer_kwargs:
            if (near := get_close_matches(key, _ARGUMENTS, n=1)) and near != [key]:
                error.add_note(f"{key}: did you mean {near[0]}?")
        raise
    if mode := getattr(layer, "quantization_mode", None):
        # Keras would start it from zeros, and ask no initializer.
        raise TypeError(
            f"dtype {layer.dtype_policy.name!r}: a layer is quantized once it has its "
            f"vectors; make it without this dtype and call layer.quantize({mode!r})"
        )
    layer.build(None)
    # What a copy by from_config starts from, and all that the configuration says.
    layer.embeddings_initializer = keras.initializers.get("uniform")
    return layer


class _Matrix:
    """A matrix that is made when a framework asks for it, and is then its own.

    A numpy array would be copied by each of them, as its owner might change it.
    """

    def __init__(self, plan: EmbeddingPlan, dtype: str) -> None:
        self._plan = plan
        self._dtype = dtype

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> NDArray[Any]:
        return self._plan.make(self._dtype if dtype is None else dtype)


def _to_tensor(plan: EmbeddingPlan, dtype: str, keras: ModuleType) -> Any:
    matrix = _Matrix(plan, dtype)
    if not hasattr(keras, "ops"):
        # Keras 2 makes a tensor of whatever an initializer gives.
        return matrix
    if dtype == "bfloat16" and keras.config.backend() == "torch":
        # Keras would go by way of float32, at three times the memory.
        import torch

        bits = torch.from_numpy(np.array(matrix).view(np.int16))
        return keras.ops.convert_to_tensor(bits.view(torch.bfloat16))
    return keras.ops.convert_to_tensor(matrix)
