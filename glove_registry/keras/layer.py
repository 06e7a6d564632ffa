"""A stock Keras Embedding that starts from a matrix and forgets where it came from."""

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    import keras


_DECIDED = {"input_dim", "output_dim", "embeddings_initializer", "weights"}


def make_layer(
    matrix: NDArray[np.float32], **layer_kwargs: Any
) -> "keras.layers.Embedding":
    """Make a built embedding layer whose weights are `matrix`.

    Parameters
    ----------
    matrix : ndarray of shape (input_dim, dimension), float32
    **layer_kwargs
        Passed on to ``keras.layers.Embedding``.

    Returns
    -------
    keras.layers.Embedding
        Its configuration holds no vectors, so that a saved model holds them once, as
        weights, and loads without this package.
    """
    import keras

    if decided := layer_kwargs.keys() & _DECIDED:
        raise TypeError(
            f"{', '.join(sorted(decided))}: not an argument here, as the vectors and "
            "the vocabulary decide it"
        )

    # An initializer that is called once, at build(): a Constant would write the
    # matrix into the layer's configuration, set_weights would hold it twice more.
    def initialize(shape: Any, dtype: Any = None, **_: Any) -> Any:
        return keras.ops.convert_to_tensor(matrix, dtype=dtype)

    layer = keras.layers.Embedding(
        input_dim=matrix.shape[0],
        output_dim=matrix.shape[1],
        embeddings_initializer=initialize,
        **layer_kwargs,
    )
    layer.build(None)
    # What a copy by from_config starts from, and all that the configuration says.
    layer.embeddings_initializer = keras.initializers.get("uniform")
    return layer
