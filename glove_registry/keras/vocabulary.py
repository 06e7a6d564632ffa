"""What people pass as a vocabulary, read into words and their indices."""

from collections.abc import Mapping
from operator import index as as_int
from typing import SupportsIndex

from ..errors import VocabularyError


def read_word_index(
    word_index: Mapping[str, SupportsIndex], *, mask_zero: bool = False
) -> dict[str, int]:
    """Check a ``word_index`` and give it as plain words and ints.

    Parameters
    ----------
    word_index : mapping of str to int
        Any integer type serves, numpy's too.
    mask_zero : bool
        Whether index 0 is padding, which leaves no word an index 0.

    Returns
    -------
    dict of str to int

    Raises
    ------
    VocabularyError
        It is empty, is no mapping of words to indices, holds an index that is
        negative or no integer, or gives two words one index.
    """
    if not isinstance(word_index, Mapping):
        words_of = "words"
        if hasattr(word_index, "get_vocabulary"):
            words_of = "layer.get_vocabulary()"
        raise VocabularyError(
            "expected a word_index such as {'the': 1, 'film': 2}, found "
            f"{type(word_index).__name__}: write "
            f"{{word: i for i, word in enumerate({words_of})}}"
        )
    if not word_index:
        raise VocabularyError(
            "the word_index is empty: was the tokenizer fitted on any text?"
        )
    plain: dict[str, int] = {}
    words: dict[int, str] = {}
    for word, index in word_index.items():
        if not isinstance(word, str):
            hint = ": did you pass index_word?" if isinstance(index, str) else ""
            raise VocabularyError(
                f"a word is a str, found {type(word).__name__} {word!r}{hint}"
            )
        try:
            # True would count as 1, and is more likely a slip.
            position = as_int(index) if not isinstance(index, bool) else None
        except TypeError:
            position = None
        if position is None:
            raise VocabularyError(
                f"the index of {word!r} is {type(index).__name__} {index!r}, expected "
                "an int"
            )
        if position < 0:
            raise VocabularyError(
                f"the index of {word!r} is {position}: indices start at 0"
            )
        # A TextVectorization's vocabulary has '' there: the padding itself.
        if mask_zero and position == 0 and word:
            raise VocabularyError(
                f"{word!r} has index 0, which mask_zero=True makes padding: let "
                "indices start at 1"
            )
        if position in words:
            raise VocabularyError(
                f"{words[position]!r} and {word!r} both have index {position}: give "
                "each word its own"
            )
        words[position] = word
        plain[str(word)] = position
    return plain
