"""From texts to one vector for each: read, split, weighed, pooled."""

from operator import length_hint

import numpy as np
from numpy.typing import NDArray

from ..lookup.case import Case, check_case
from ..lookup.rows import Rows
from .component import find_component, remove_component
from .pooling import Pooling, check_pooling, pool_texts
from .texts import Texts, read_texts
from .weights import Weights, find_weigh


def embed_texts(
    vectors: Rows,
    texts: Texts,
    pooling: Pooling = "mean",
    weights: Weights = None,
    *,
    case: Case = "fallback",
) -> NDArray[np.float32]:
    """Return one vector for each text; see `glove_registry.Vectors.embed`."""
    embedded = sum_up_texts(vectors, texts, pooling, weights, case=case)
    if isinstance(weights, str):
        remove_component(embedded, find_component(embedded))
    return embedded


def sum_up_texts(
    vectors: Rows,
    texts: Texts,
    pooling: Pooling = "mean",
    weights: Weights = None,
    *,
    case: Case = "fallback",
) -> NDArray[np.float32]:
    """Return what `embed_texts` does, before texts lose what they have in common.

    With ``weights="sif"``, a text's vector does not depend on other texts yet.
    """
    check_pooling(pooling)
    check_case(case)
    weigh = find_weigh(weights, vectors, case)
    return pool_texts(
        vectors,
        read_texts(vectors, texts),
        pooling=pooling,
        case=case,
        weigh=weigh,
        expected=length_hint(texts),
    )
