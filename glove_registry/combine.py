"""Vectors from arrays in memory, and from several releases."""

from collections.abc import Iterable, Mapping, Sequence
from numbers import Integral
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .errors import FormatError
from .lookup.rows import Rows, list_words
from .messages.printable import quote
from .registry import Tokenizer, check_tokenizer
from .registry.names import explain_bad_name
from .store import encode_word
from .vectors import Vectors

if TYPE_CHECKING:
    from .lookup.case import Case
    from .lookup.stack import How


def from_arrays(
    words: Iterable[str],
    matrix: ArrayLike,
    *,
    name: str,
    tokenizer: Tokenizer | None = None,
) -> Vectors:
    """Return vectors of words and numbers that are in memory.

    Parameters
    ----------
    words : iterable of str
        One for each row. If a word occurs twice, its first row is used. Of a mapping of
        words to whole numbers, these are the rows.
    matrix : array_like of shape (n_words, dimension)
        Finite numbers. They are copied as float32, which is exact for float32 and
        float16 alone.
    name : str
        Name of the vectors, as an entry of the registry could have it.
    tokenizer
        As for `open_file`.

    Returns
    -------
    Vectors
        All methods work as for loaded vectors. Pickles hold the numbers, with a warning
        if these are more than 100 MB. Nothing is kept in the cache.

    Raises
    ------
    FormatError
        `matrix` has another shape, no rows, more than 16,384 columns, or numbers that
        are not finite in float32; a word is empty, has more than 65,536 bytes of UTF-8
        or cannot be in a file; or a mapping does not give each row to one word.
    UnknownWordError
        `words` is a str, or one of them is not.
    ValueError
        The name is not valid, or there is no such tokenizer.

    Examples
    --------
    >>> import glove_registry
    >>> vectors = glove_registry.from_arrays(
    ...     ["good", "film"], [[1, 0], [0.5, 2]], name="mine"
    ... )
    >>> vectors
    <Vectors mine: 2 x 2>
    >>> vectors["film"]
    array([0.5, 2. ], dtype=float32)

    From gensim's KeyedVectors, ``from_arrays(kv.index_to_key, kv.vectors, name=...)``;
    from a dict, ``from_arrays(d, list(d.values()), name=...)``.
    """
    from .formats.apart import order_words
    from .store.memory import MemoryStore

    if (fault := explain_bad_name(name)) is not None:
        raise ValueError(fault)
    if tokenizer is not None:
        check_tokenizer(tokenizer)
    if isinstance(words, Mapping) and all(
        isinstance(row, Integral) for row in words.values()
    ):
        words = order_words(words)
    tokens = _encode(list_words(words))
    numbers = _copy_numbers(matrix, len(tokens))
    return Vectors(MemoryStore(tokens, numbers, {"name": name}), tokenizer)


def stack(
    vectors: Sequence[Rows],
    how: "How",
    *,
    case: "Case" = "fallback",
    name: str | None = None,
) -> Vectors:
    """Return several releases as one, which has the words of all.

    Parameters
    ----------
    vectors : sequence of Vectors
        Two releases or more.
    how : {"concat", "mean", "first"}
        What the vector of a word is: the vectors of all releases one behind the other,
        with zeros for a release without the word; the mean of those that have one; or
        the vector of the first release that has one. The last two need one dimension.
        A release with n-grams also has the vectors that it composes; ``"first"``
        prefers a row of any release to them.
        Releases are trained separately, so that ``"mean"`` and ``"first"`` mix their
        spaces: use them for releases that have been aligned.
    case : {"fallback", "exact"}
        How a word of one release is found in the others, as for `to_keras_layer`.
    name : str, optional
        By default, the names of all with ``" + "`` between them.

    Returns
    -------
    Vectors
        The words of the first release, then those that are new in the next. Their rows
        are read from the releases when they are needed. The provenance lists all
        ``parts``. Texts are split as for the first release.

    Raises
    ------
    ValueError
        There are fewer than two releases, `how` is unknown, dimensions differ, or
        ``"concat"`` makes vectors of more than 16,384 numbers.

    Examples
    --------
    >>> import glove_registry
    >>> general = glove_registry.load("glove.6B.50d-first10k")
    >>> own = glove_registry.from_arrays(["film", "flim"], [[1, 0], [2, 0]], name="own")
    >>> both = glove_registry.stack([general, own], how="concat")
    >>> both
    <Vectors glove.6B.50d-first10k + own: 10,001 x 52>
    >>> both["flim"][-3:]
    array([0., 2., 0.], dtype=float32)
    """
    from .lookup.stack import StackedStore

    if name is not None and (fault := explain_bad_name(name)) is not None:
        raise ValueError(fault)
    parts = [*vectors]
    store = StackedStore(parts, how, case, name)
    return Vectors(store, parts[0].provenance["tokenizer"])


def _encode(words: list[str]) -> list[bytes]:
    from .formats.block import TOKEN_RULE, is_token

    tokens = [encode_word(word) for word in words]
    for i, token in enumerate(tokens):
        if not is_token(token):
            raise FormatError(
                f"word {i:,}, {quote(words[i])}: expected {TOKEN_RULE}: leave it out"
            )
    return tokens


def _copy_numbers(matrix: ArrayLike, count: int) -> NDArray[np.float32]:
    from .formats.arrays import check_dimension

    if isinstance(matrix, np.ma.MaskedArray):
        raise FormatError("matrix is a masked array: fill what is masked first")
    given = np.asarray(matrix)
    if given.ndim != 2 or given.dtype.kind not in "fiu" or 0 in given.shape:
        raise FormatError(
            f"matrix has shape {given.shape} and type {given.dtype}: expected numbers "
            "of shape (n_words, dimension)"
        )
    check_dimension(given.shape[1])
    if len(given) != count:
        raise FormatError(
            f"found {count:,} words and {len(given):,} rows: expected a row for each"
        )
    with np.errstate(over="ignore"):
        numbers = given.astype(np.float32, order="C")
    wrong = np.flatnonzero(~np.isfinite(numbers).all(axis=1))
    if len(wrong):
        raise FormatError(
            f"row {wrong[0]:,} has a number that is not finite in float32: remove the "
            f"row and its word ({len(wrong):,} of {count:,} rows have one)"
        )
    return numbers
