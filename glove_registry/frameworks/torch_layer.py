"""A stock ``torch.nn.Embedding`` on memory of its own."""

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from ..errors import VocabularyError
from ..lookup.gather import find_dtype, gather
from ..lookup.matrix import EmbeddingOptions, EmbeddingPlan, plan_embedding
from ..lookup.rows import Rows

if TYPE_CHECKING:
    import torch


def make_torch_layer(
    vectors: Rows,
    vocabulary: Any,
    options: EmbeddingOptions,
    *,
    trainable: bool,
    dtype: Any,
) -> "torch.nn.Embedding":
    """Return the layer of `Vectors.to_torch`."""
    try:
        import torch
    except ModuleNotFoundError as error:
        raise ModuleNotFoundError(
            "to_torch() needs Torch: pip install torch; embedding_matrix() returns the "
            "same numbers as an array"
        ) from error

    if not isinstance(trainable, bool | np.bool_):
        # A string is true, whatever it says.
        raise TypeError(f"trainable={trainable!r}: expected True or False, as a bool")
    if isinstance(dtype, torch.dtype):
        dtype = str(dtype).removeprefix("torch.")
    dtype = find_dtype(dtype)
    if vocabulary is None:
        if options != EmbeddingOptions():
            raise VocabularyError(
                "without a vocabulary, the layer has all rows of the release, and no "
                "argument of a vocabulary has a meaning: pass one, or leave these out"
            )
        if not len(vectors):
            raise VocabularyError(
                f"{vectors.name} has n-grams and no words of its own: pass a "
                "vocabulary, whose vectors are composed"
            )
        rows = np.arange(len(vectors))
        padding = None
        matrix = gather(vectors, (), rows, rows, len(rows), "zeros", dtype)
    else:
        plan = plan_embedding(vectors, vocabulary, options)
        plan.vocabulary.check_indices()
        padding = _find_padding(plan)
        matrix = plan.make(dtype)
    return torch.nn.Embedding.from_pretrained(
        share_with_torch(matrix), freeze=not trainable, padding_idx=padding
    )


def share_with_torch(matrix: NDArray[Any]) -> "torch.Tensor":
    """Return a tensor on the memory of an array, which may be of bfloat16."""
    import torch

    if matrix.dtype.name == "bfloat16":
        return torch.from_numpy(matrix.view(np.int16)).view(torch.bfloat16)
    return torch.from_numpy(matrix)


def _find_padding(plan: EmbeddingPlan) -> int | None:
    """Return the index of padding: the vocabulary's own, or 0 if that is unused."""
    vocabulary = plan.vocabulary
    if vocabulary.padding:
        return min(vocabulary.padding)
    return 0 if vocabulary.is_zero_free else None
