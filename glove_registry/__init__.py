"""Pre-trained word vectors for Keras, verified and cached.

>>> import glove_registry
>>> vectors = glove_registry.load("glove.6B.50d-first10k")
>>> layer = vectors.to_keras_layer({"a": 1, "good": 2, "film": 3})
"""

from importlib import import_module

from .version import __version__ as __version__

# Type checkers assume that this name is true. Importing it from typing would take more
# time than all else here.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from . import analysis, errors
    from .combine import from_arrays, stack
    from .coverage import Coverage
    from .embedder import Embedder
    from .pipeline import fetch, load, open_file
    from .recipe import Recipe, from_config
    from .registries import Registry, info, list_variants, search
    from .registry import Variant
    from .sklearn import TextEmbedder as TextEmbedder
    from .vectors import Vectors

# Imported at first use (PEP 562), so that importing the package takes next to no time.
_ORIGINS = {
    "Coverage": ".coverage",
    "Embedder": ".embedder",
    "Recipe": ".recipe",
    "Registry": ".registries",
    "TextEmbedder": ".sklearn",
    "Variant": ".registry",
    "Vectors": ".vectors",
    "analysis": ".analysis",
    "errors": ".errors",
    "fetch": ".pipeline",
    "from_arrays": ".combine",
    "from_config": ".recipe",
    "info": ".registries",
    "list_variants": ".registries",
    "load": ".pipeline",
    "open_file": ".pipeline",
    "search": ".registries",
    "stack": ".combine",
}
_MODULES = {"analysis", "errors"}

# Without TextEmbedder: `from glove_registry import *` must not need scikit-learn.
__all__ = [
    "Coverage",
    "Embedder",
    "Recipe",
    "Registry",
    "Variant",
    "Vectors",
    "analysis",
    "errors",
    "fetch",
    "from_arrays",
    "from_config",
    "info",
    "list_variants",
    "load",
    "open_file",
    "search",
    "stack",
]


def __getattr__(name: str) -> "Any":
    if name not in _ORIGINS:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    module = import_module(_ORIGINS[name], __name__)
    value = module if name in _MODULES else getattr(module, name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
