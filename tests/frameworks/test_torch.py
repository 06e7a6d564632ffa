"""`Vectors.to_torch`: a stock layer of Torch, on memory of its own."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from floret_files import TABLE

import glove_registry
from glove_registry import Vectors
from glove_registry.errors import VocabularyError

pytestmark = pytest.mark.slow

WORDS = {"<pad>": 0, "the": 1, "flim": 2, "film": 3}


@pytest.fixture(scope="module")
def vectors() -> Vectors:
    """Return the embedded sample."""
    return glove_registry.load("glove.6B.50d-first10k")


def train(layer: Any, indices: list[int]) -> Any:
    """Train all that the layer lets, and return its weights."""
    import torch

    for make in (torch.optim.SGD, torch.optim.Adam):
        step = make(layer.parameters(), lr=0.5)
        layer(torch.tensor(indices)).sum().backward()
        step.step()
    return layer.weight.detach().numpy()


def test_the_weights_are_the_matrix_of_the_vocabulary(vectors: Vectors) -> None:
    """Rows are as `embedding_matrix` has them, and the layer is frozen and stock."""
    import torch

    layer = vectors.to_torch(WORDS, oov="mean")
    assert type(layer) is torch.nn.Embedding
    expected = vectors.embedding_matrix(WORDS, oov="mean")
    assert (layer.weight.numpy() == expected).all()
    assert not layer.weight.requires_grad
    looked_up = layer(torch.tensor([[3, 1]])).numpy()
    assert (looked_up == [vectors[["film", "the"]]]).all()


def test_without_a_vocabulary_a_token_has_its_row(vectors: Vectors) -> None:
    """All tokens of the release are in the layer, in file order."""
    layer = vectors.to_torch()
    assert (layer.weight.numpy() == vectors.matrix).all()
    assert layer.padding_idx is None


@pytest.mark.parametrize("vocabulary", [None, WORDS])
def test_training_changes_the_layer_alone(vectors: Vectors, vocabulary: Any) -> None:
    """All but padding learns; the process, the file and `lookup` stay as they were."""
    before = vectors.lookup(["the", "of", "film"])
    layer = vectors.to_torch(vocabulary, trainable=True)
    original = layer.weight.detach().numpy().copy()
    trained = train(layer, [0, 1, 2, 3])
    changed = (trained != original).any(axis=1)
    assert [*changed[:4]] == [vocabulary is None, True, True, True]
    assert (vectors.lookup(["the", "of", "film"]) == before).all()
    again = glove_registry.load("glove.6B.50d-first10k")
    assert (again.lookup(["the", "of", "film"]) == before).all()


@pytest.mark.parametrize(
    ("vocabulary", "padding"),
    [
        ({"the": 1, "film": 2}, 0),
        (["the", "film"], None),
        (["[UNK]", "film"], None),
        (["the", "film", "<pad>"], 2),
    ],
)
def test_padding_is_what_the_vocabulary_has(
    vectors: Vectors, vocabulary: Any, padding: int | None
) -> None:
    """Padding is its index, wherever it is, or 0 if that is nothing else."""
    assert vectors.to_torch(vocabulary).padding_idx == padding


@pytest.mark.parametrize("name", ["float16", "float32", "float64", "bfloat16"])
def test_types_of_numbers(vectors: Vectors, name: str) -> None:
    """Numbers are rounded to the type once, as Torch rounds them."""
    import torch

    dtype = getattr(torch, name)
    for vocabulary, matrix in (
        (None, vectors.matrix),
        (WORDS, vectors.embedding_matrix(WORDS)),
    ):
        expected = torch.tensor(matrix).to(dtype)
        for given in (name, dtype, vectors.lookup([], dtype=name).dtype):
            layer = vectors.to_torch(vocabulary, dtype=given)
            assert torch.equal(layer.weight, expected)


@pytest.mark.parametrize("dtype", ["int8", "float31", np.int32, ""])
def test_other_types_are_refused(vectors: Vectors, dtype: Any) -> None:
    """The sentence names what was expected."""
    with pytest.raises(TypeError, match="expected a floating-point type such as"):
        vectors.to_torch(WORDS, dtype=dtype)
    with pytest.raises(TypeError, match="expected True or False"):
        vectors.to_torch(WORDS, trainable="no")  # type: ignore[arg-type]


def test_a_state_dict_loads_into_a_plain_layer(vectors: Vectors) -> None:
    """What is saved needs nothing of this package."""
    import torch

    saved = vectors.to_torch(WORDS).state_dict()
    plain = torch.nn.Embedding(4, 50)
    plain.load_state_dict(saved)
    assert (plain.weight.detach().numpy() == vectors.embedding_matrix(WORDS)).all()


def test_a_table_without_words_needs_a_vocabulary(tmp_path: Path) -> None:
    """A table of n-grams has no rows of its own; of a vocabulary, it composes them."""
    path = tmp_path / "small.floret"
    path.write_bytes(TABLE)
    table = glove_registry.open_file(path)
    with pytest.raises(VocabularyError, match=r"small\.floret has n-grams and no word"):
        table.to_torch()
    layer = table.to_torch(["", "[UNK]", "film"])
    assert layer.weight[2].tolist() == table["film"].tolist()
