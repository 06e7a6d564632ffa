"""From numbers to Keras: layers that start from a matrix, and their SavedModel.

Takes plans of the room `lookup`; Keras is imported when a layer is made, not before.
"""

from .layer import make_layer
from .saved_model import export_text_model
from .text_layer import Pooling, check_pooling, make_text_layer

__all__ = [
    "Pooling",
    "check_pooling",
    "export_text_model",
    "make_layer",
    "make_text_layer",
]
