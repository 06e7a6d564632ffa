"""Keras layers that start from vectors, and their SavedModel.

Keras is imported when a layer is made, not before.
"""

from .layer import make_layer
from .misses import make_partly_trained_layer
from .saved_model import export_text_model
from .text_layer import make_text_layer

__all__ = [
    "export_text_model",
    "make_layer",
    "make_partly_trained_layer",
    "make_text_layer",
]
