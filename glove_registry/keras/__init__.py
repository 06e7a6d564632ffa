"""From vectors to Keras: a vocabulary's matrix, and the layer that starts from it.

Keras itself is imported when a layer is made, not before.
"""

from .layer import make_layer
from .matrix import embedding_matrix
from .vocabulary import read_word_index

__all__ = ["embedding_matrix", "make_layer", "read_word_index"]
