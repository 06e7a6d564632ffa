"""Functions over vectors: neighbours, analogies, benchmarks, projections.

Each takes vectors as its first argument.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from .nearest import nearest
from .neighbours import Neighbours
from .similar import analogy, doesnt_match, most_similar, rank, similarity

if TYPE_CHECKING:
    from .approximate import IndexReport, build_index
    from .association import Association, measure_association
    from .evaluation import Evaluation
    from .projection import project
    from .results import Result, Score
    from .scoring import evaluate

__all__ = [
    "Association",
    "Evaluation",
    "IndexReport",
    "Neighbours",
    "Result",
    "Score",
    "analogy",
    "build_index",
    "doesnt_match",
    "evaluate",
    "measure_association",
    "most_similar",
    "nearest",
    "project",
    "rank",
    "similarity",
]

# Imported at first use (PEP 562): neighbours need nothing of these. No module has the
# name of its function, which would hide it.
_MODULES = {
    "Association": "association",
    "Evaluation": "evaluation",
    "IndexReport": "approximate",
    "Result": "results",
    "Score": "results",
    "build_index": "approximate",
    "evaluate": "scoring",
    "measure_association": "association",
    "project": "projection",
}


def __getattr__(name: str) -> Any:
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f".{_MODULES[name]}", __name__), name)
