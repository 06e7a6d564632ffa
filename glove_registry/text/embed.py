"""From texts to one vector for each: read, split, weighed, pooled."""

from collections.abc import Iterable
from operator import length_hint

import numpy as np
from numpy.typing import NDArray

from ..lookup.case import Case, check_case
from ..lookup.rows import Rows
from .pooling import Pooling, check_pooling, pool_texts
from .texts import read_texts
from .words import split_text


def embed_texts(
    vectors: Rows,
    texts: Iterable[str] | Iterable[Iterable[str]],
    pooling: Pooling = "mean",
    *,
    case: Case = "fallback",
) -> NDArray[np.float32]:
    """Return one vector for each text; see `glove_registry.Vectors.embed`."""
    check_pooling(pooling)
    check_case(case)
    words = read_texts(texts, split_text)
    return pool_texts(
        vectors, words, pooling=pooling, case=case, expected=length_hint(texts)
    )
