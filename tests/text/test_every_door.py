"""The table of texts through every way that needs no graph: the same words."""

import pickle
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from table_of_texts import read_table

from glove_registry import Embedder, TextEmbedder, Vectors, from_arrays
from glove_registry.registry import TOKENIZERS, Tokenizer


def through_embed(vectors: Vectors, texts: list[str]) -> Any:
    """Embed from an iterator."""
    return vectors.embed(iter(texts), pooling="sum")


def through_an_embedder(vectors: Vectors, texts: list[str]) -> Any:
    """Embed by a callable that was pickled, in batches."""
    embedder = pickle.loads(pickle.dumps(Embedder(vectors, pooling="sum")))
    return np.concatenate([embedder(texts[:7]), embedder(texts[7:])])


def through_scikit_learn(vectors: Vectors, texts: list[str]) -> Any:
    """Embed by a transformer."""
    return TextEmbedder(vectors, pooling="sum").fit_transform(texts)


def through_beam(vectors: Vectors, texts: list[str]) -> Any:
    """Embed on Beam, where results come in any order."""
    import apache_beam as beam

    from glove_registry.beam import EmbedTexts

    found: dict[int, NDArray[np.float32]] = {}
    RESULTS.clear()
    with beam.Pipeline("FnApiRunner") as pipeline:
        made = pipeline | beam.Create(enumerate(texts))
        made | EmbedTexts(vectors, pooling="sum") | beam.Map(keep)
    found = dict(RESULTS)
    return np.stack([found[number] for number in range(len(texts))])


RESULTS: list[Any] = []


def keep(result: object) -> None:
    """Keep a result in the global list, as a local one would be copied into the job."""
    RESULTS.append(result)


DOORS: list[Any] = [
    through_embed,
    through_an_embedder,
    through_scikit_learn,
    # Beam is an optional extra.
    pytest.param(through_beam, marks=pytest.mark.slow),
]


@pytest.mark.parametrize("door", DOORS)
@pytest.mark.parametrize("tokenizer", TOKENIZERS)
def test_the_table_of_texts_goes_through(
    door: Callable[[Vectors, list[str]], Any], tokenizer: Tokenizer
) -> None:
    """Each text has the sum of the vectors of the tokens that are written by hand."""
    rows = read_table(tokenizer)
    tokens = [*dict.fromkeys(token for row in rows for token in row.tokens)]
    numbers = np.random.default_rng(5).integers(1, 1 << 20, (len(tokens), 3))
    vectors = from_arrays(tokens, numbers, name="table", tokenizer=tokenizer)
    table = dict(zip(tokens, numbers, strict=True))
    expected = [
        sum((table[token] for token in row.tokens), np.zeros(3)) for row in rows
    ]
    found = door(vectors, [row.text for row in rows])
    assert found.dtype == np.float32
    assert found.tolist() == np.array(expected, np.float32).tolist()
