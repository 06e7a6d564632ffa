"""Words and numbers of a text of GloVe's, by the plainest loop there is."""

import lzma
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

import glove_registry

SAMPLE = "glove.6B.50d-first10k"
SAMPLE_FILE = Path(glove_registry.__file__).parent / "samples" / f"{SAMPLE}.txt.xz"


def read_rows(text: bytes) -> tuple[list[bytes], NDArray[np.float32]]:
    """Read all words, and their numbers as float32."""
    words, numbers = [], []
    for line in text.split(b"\n")[:-1]:
        word, *rest = line.split(b" ")
        words.append(word)
        numbers.append([float(number) for number in rest])
    return words, np.array(numbers, np.float32)


@cache
def read_sample() -> tuple[list[bytes], NDArray[np.float32]]:
    """Read the sample that comes with the package."""
    return read_rows(lzma.decompress(SAMPLE_FILE.read_bytes()))


def join(elements: Any) -> tuple[list[int], list[bytes], NDArray[np.float32]]:
    """Put the elements of a dataset together, whether they are rows or batches."""
    index, words, vectors = [], [], []
    for element in elements:
        index.append(np.atleast_1d(element["index"]))
        words.append(np.atleast_1d(np.array(element["word"], object)))
        vectors.append(np.atleast_2d(element["vector"]))
    return (
        np.concatenate(index).tolist(),
        np.concatenate(words).tolist(),
        np.concatenate(vectors),
    )
