"""A stock Keras Embedding that starts from a matrix."""

import os
import sys
from collections.abc import Callable, Mapping, Sequence
from difflib import get_close_matches
from importlib import import_module
from types import ModuleType
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import DTypeLike, NDArray

from ...lookup.gather import find_dtype
from ...lookup.matrix import EmbeddingPlan
from ..torch_layer import share_with_torch

# From a dtype to the matrix in it.
MakeMatrix: TypeAlias = Callable[[DTypeLike], NDArray[Any]]

# The vectors and the vocabulary decide these; `input_dim` is part of the plan.
_DECIDED = {"output_dim", "embeddings_initializer", "weights"}

# The arguments of `to_keras_layer` and of Keras' Embedding.
_ARGUMENTS = (
    *("trainable", "mask_zero", "oov", "case", "padding", "specials"),
    *("num_words", "index_offset", "input_dim", "dtype", "name", "keras"),
    *("lora_rank", "lora_alpha"),
    *("embeddings_regularizer", "embeddings_constraint", "activity_regularizer"),
)


def find_keras() -> ModuleType:
    """Return the Keras that ``tf.keras`` is, or Keras 3 if TensorFlow is not in use.

    A model of one Keras accepts layers of the other and silently never trains them.
    TensorFlow decides when ``tf.keras`` is first used, by TF_USE_LEGACY_KERAS, so
    TensorFlow is asked and not the environment variable.

    Raises
    ------
    ImportError
        Keras is not installed; or ``tf.keras`` should be Keras 2, but `tf_keras` is not
        installed.
    """
    legacy = os.environ.get("TF_USE_LEGACY_KERAS") in ("1", "true", "True")
    if not legacy and "tensorflow" not in sys.modules:
        try:
            return import_module("keras")
        except ModuleNotFoundError as error:
            if error.name != "keras":  # Keras lacks its backend, and says so
                raise
            raise ModuleNotFoundError(
                "layers need Keras: pip install tensorflow, which brings it; "
                "embedding_matrix() returns the numbers of to_keras_layer() as an array"
            ) from error
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
    """Return a built embedding layer whose weights are the plan's matrix.

    Parameters
    ----------
    plan : EmbeddingPlan
    keras : module, optional
        ``keras``, or ``tf_keras`` for models of Keras 2; by default, `find_keras`.
    **layer_kwargs
        Passed to ``keras.layers.Embedding``.

    Returns
    -------
    keras.layers.Embedding
        Its configuration holds no vectors, so that a saved model holds them once, as
        weights, and loads without this package.
    """
    if decided := layer_kwargs.keys() & _DECIDED:
        raise TypeError(
            f"{', '.join(sorted(decided))}: decided by the vectors and the vocabulary, "
            "and cannot be passed"
        )
    for flag in ("trainable", "mask_zero"):
        # A string is true, whatever it says.
        if not isinstance(layer_kwargs.get(flag, False), bool | np.bool_):
            other = ", or 'misses' in to_keras_layer()" if flag == "trainable" else ""
            raise TypeError(
                f"{flag}={layer_kwargs[flag]!r}: expected True or False, as a bool"
                + other
            )
    plan.vocabulary.check_indices()
    return make_embedding(
        plan.make, (plan.size, plan.vectors.dimension), check_keras(keras), layer_kwargs
    )


def check_keras(keras: ModuleType | None) -> ModuleType:
    """Return the Keras to use: the given one, or that of `find_keras`."""
    keras = find_keras() if keras is None else keras
    if not hasattr(keras, "layers"):
        raise TypeError(f"keras={keras!r}: expected the module keras or tf_keras")
    return keras


def make_embedding(
    make: MakeMatrix,
    shape: tuple[int, int],
    keras: ModuleType,
    layer_kwargs: Mapping[str, Any],
) -> Any:
    """Return a built ``Embedding`` with the weights that `make` returns for a dtype."""

    # An initializer, called once by build(): a Constant would write the matrix into
    # the layer's configuration, and set_weights would hold it twice more. A strategy of
    # TensorFlow that partitions variables calls it for each part.
    def initialize(
        shape: Any,
        dtype: Any = None,
        partition_shape: Sequence[int] | None = None,
        partition_offset: Sequence[int] = (),
        **_: Any,
    ) -> Any:
        # TensorFlow's types have a name, those of other backends are one.
        name = getattr(dtype, "name", dtype) or "float32"
        matrix = _Matrix(make, tuple(shape), name)
        if partition_shape is None:
            return _to_tensor(matrix, keras)
        part = (
            slice(o, o + n)
            for o, n in zip(partition_offset, partition_shape, strict=True)
        )
        return _to_tensor(np.asarray(matrix)[tuple(part)], keras)

    try:
        layer = keras.layers.Embedding(
            input_dim=shape[0],
            output_dim=shape[1],
            embeddings_initializer=initialize,
            **layer_kwargs,
        )
    except (TypeError, ValueError) as error:
        # Keras names the unknown argument, but suggests no other.
        for key in layer_kwargs:
            if (near := get_close_matches(key, _ARGUMENTS, n=1)) and near != [key]:
                error.add_note(f"{key}: did you mean {near[0]}?")
        raise
    if mode := getattr(layer, "quantization_mode", None):
        # Keras would start it from zeros, without calling the initializer.
        raise TypeError(
            f"dtype {layer.dtype_policy.name!r}: a layer can only be quantized once it "
            f"has its vectors: omit dtype and call layer.quantize({mode!r})"
        )
    layer.build(None)
    # The configuration's initializer, which a copy by from_config() starts from.
    layer.embeddings_initializer = keras.initializers.get("uniform")
    return layer


class _Matrix:
    """A matrix that is made when a framework converts it.

    Frameworks would copy a numpy array, as its owner might change it.
    """

    def __init__(self, make: MakeMatrix, shape: tuple[int, ...], dtype: str) -> None:
        self._make = make
        self.shape = shape
        self.dtype = find_dtype(dtype)

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> NDArray[Any]:
        return self._make(self.dtype if dtype is None else dtype)


def _to_tensor(matrix: _Matrix | NDArray[Any], keras: ModuleType) -> Any:
    if not hasattr(keras, "ops"):  # Keras 2
        import tensorflow as tf

        return tf.convert_to_tensor(matrix)
    if matrix.dtype.name == "bfloat16" and keras.config.backend() == "torch":
        # Keras would convert by way of float32, at three times the memory.
        return keras.ops.convert_to_tensor(share_with_torch(np.array(matrix)))
    return keras.ops.convert_to_tensor(matrix)
