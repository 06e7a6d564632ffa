"""Frameworks that a function needs, or an error that says what to install."""

from importlib import import_module
from types import ModuleType


def import_tensorflow(function: str) -> ModuleType:
    """Return the module ``tensorflow``.

    Raises
    ------
    ModuleNotFoundError
        It is not installed.
    """
    try:
        return import_module("tensorflow")
    except ModuleNotFoundError as error:
        if error.name != "tensorflow":  # TensorFlow lacks something, and says so
            raise
        raise ModuleNotFoundError(
            f"{function}() needs TensorFlow: pip install tensorflow", name=error.name
        ) from error
