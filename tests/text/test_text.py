"""From the words of a text to a vector, by the same rules wherever it is computed."""

import numpy as np
import pytest
import tensorflow as tf
from plain_rows import SAMPLE
from texts_by_hand import POOLINGS, Pooling, pool, split, tabulate

import glove_registry
from glove_registry.text.pooling import check_pooling, pool_texts

WORDS = ["The", "the", "FILM", "good", "qqzz", "isnt", "josé", "José"]


@pytest.mark.slow
@pytest.mark.parametrize("pooling", POOLINGS)
def test_pooled_words_are_those_of_a_plain_loop_and_of_the_layer(
    pooling: Pooling,
) -> None:
    """Numpy agrees with a loop to the bit, and the Keras layer almost."""
    vectors = glove_registry.load(SAMPLE)
    table = tabulate(vectors, list(vectors.tokens))
    layer = vectors.to_text_layer(WORDS, pooling)
    for words in (WORDS, ["film"] * 3 + ["the"], ["qqzz"], []):
        (found,) = pool_texts(vectors, [words], pooling=pooling)
        expected = pool(table, split(" ".join(words), table), pooling)
        assert found.dtype == np.float32
        assert found.tobytes() == expected.astype(np.float32).tobytes()
        (embedded,) = layer(tf.constant([" ".join(words)])).numpy()
        np.testing.assert_allclose(embedded, found, 1e-5, 1e-6)


def test_case_can_be_exact() -> None:
    """With the exact rule, a word in another case is ignored."""
    vectors = glove_registry.load(SAMPLE)
    (found,) = pool_texts(vectors, [["film", "FILM"]], pooling="sum", case="exact")
    assert found.tolist() == vectors["film"].tolist()


def test_an_unknown_pooling_is_told() -> None:
    """The error names what was passed and what can be."""
    with pytest.raises(ValueError, match="pooling='median': expected one of mean, sum"):
        check_pooling("median")
