"""`Vectors`: what people hold. Words in, rows and numbers out, straight from disk."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, SupportsIndex, overload

import numpy as np
from numpy.typing import NDArray

from .errors import UnknownWordError
from .store import FORMAT_VERSION, Store, encode

if TYPE_CHECKING:
    import keras


class Vectors:
    """Word vectors, mapped from disk; made by :func:`glove_registry.load`.

    Nothing is read into memory before it is asked for, and processes that hold the
    same vectors share one copy of them; pickled, they are the path of their store.
    A token that stands in the file twice means its first row.

    Examples
    --------
    >>> import glove_registry
    >>> vectors = glove_registry.load("glove.6B.50d-first10k")
    >>> "film" in vectors, "flim" in vectors
    (True, False)
    >>> vectors["film"].shape
    (50,)
    >>> vectors[["film", "movie"]].shape
    (2, 50)
    >>> vectors.rows(["the", "flim", "film"])
    array([  0,  -1, 319])
    """

    def __init__(self, store: Store) -> None:
        self._store = store

    @property
    def name(self) -> str:
        """Name of the variant."""
        return str(self._store.manifest.provenance["name"])

    @property
    def revision(self) -> str | None:
        """Revision of the variant, None where it has only one."""
        revision: str | None = self._store.manifest.provenance["revision"]
        return revision

    @property
    def dimension(self) -> int:
        """Numbers in a vector."""
        return self._store.manifest.dimension

    @property
    def provenance(self) -> dict[str, Any]:
        """Where exactly the vectors come from, as plain values that JSON can hold.

        Returns
        -------
        dict
            ``name``, ``revision``, ``sha256`` and ``bytes`` of the text that was
            compiled, ``url`` it came from, ``url_sha256`` of the file there, ``member``
            of it, ``format`` as the entry gives it,
            ``registry`` (file and line of the entry), ``license``, ``citation``,
            ``compiled_by``, ``rows``, ``distinct`` tokens among them, ``dimension``,
            ``store_format``. What is not
            known is None.
        """
        manifest = self._store.manifest
        return {
            **manifest.provenance,
            "rows": manifest.rows,
            "distinct": manifest.distinct,
            "dimension": manifest.dimension,
            "store_format": FORMAT_VERSION,
        }

    @property
    def matrix(self) -> NDArray[np.float32]:
        """All vectors in file order.

        Returns
        -------
        memmap of shape (len(vectors), dimension), float32
            Read-only; copy what you want to change.
        """
        return self._store.vectors

    @property
    def tokens(self) -> Sequence[str]:
        """All tokens in file order, read as they are used.

        Bytes of a token that are not UTF-8 come out as lone surrogates, as by
        ``bytes.decode("utf-8", "surrogateescape")``.
        """
        return self._store.tokens

    def __len__(self) -> int:
        return self._store.manifest.rows

    def __contains__(self, word: object) -> bool:
        return isinstance(word, str) and self._store.index.find(encode(word)) >= 0

    def __iter__(self) -> Iterator[str]:
        return iter(self._store.tokens)

    @overload
    def __getitem__(self, words: str) -> NDArray[np.float32]: ...
    @overload
    def __getitem__(self, words: Sequence[str]) -> NDArray[np.float32]: ...
    def __getitem__(self, words: str | Sequence[str]) -> NDArray[np.float32]:
        """Give the vector of a word, or one row for each of several words.

        Parameters
        ----------
        words : str or sequence of str

        Returns
        -------
        ndarray of shape (dimension,) or (len(words), dimension), float32
            A copy.

        Raises
        ------
        UnknownWordError
            A word has no vector. `lookup` gives zeros instead.
        """
        if isinstance(words, str):
            return np.array(self._store.vectors[self.row(words)])
        words = list(words) if isinstance(words, Iterable) else words
        rows = self.rows(words)
        if (rows < 0).any():
            missing = [w for w, row in zip(words, rows, strict=True) if row < 0]
            raise UnknownWordError(
                f"{len(missing):,} of {len(rows):,} words have no vector in "
                f"{self.name}: {_show(missing)}; lookup() gives zeros for them"
            )
        return np.asarray(self._store.vectors[rows])

    def row(self, word: str) -> int:
        """Give the row of a word in `matrix`.

        Raises
        ------
        UnknownWordError
            The word has no vector.
        """
        if not isinstance(word, str):
            raise UnknownWordError(_explain_no_word(word))
        row = self._store.index.find(encode(word))
        if row < 0:
            raise UnknownWordError(
                f"{word!r} has no vector in {self.name}: ask `word in vectors` first, "
                "or use lookup(), which gives zeros"
            )
        return row

    def rows(self, words: Iterable[str]) -> NDArray[np.int64]:
        """Give the row of each word in `matrix`.

        Parameters
        ----------
        words : iterable of str

        Returns
        -------
        ndarray of shape (n_words,), int64
            -1 for a word that has no vector.
        """
        if isinstance(words, str):
            raise UnknownWordError(
                f"expected several words, found one str: write [{words!r}]"
            )
        if not isinstance(words, Iterable):
            raise UnknownWordError(_explain_no_word(words))
        words = list(words)
        for word in words:
            if not isinstance(word, str):
                raise UnknownWordError(_explain_no_word(word))
        return self._store.index.find_all(encode(word) for word in words)

    def lookup(self, words: Iterable[str]) -> NDArray[np.float32]:
        """Give the vectors of many words, zeros for those that have none.

        Parameters
        ----------
        words : iterable of str

        Returns
        -------
        ndarray of shape (n_words, dimension), float32

        Examples
        --------
        >>> import glove_registry
        >>> vectors = glove_registry.load("glove.6B.50d-first10k")
        >>> vectors.lookup(["film", "flim"]).any(axis=1)
        array([ True, False])
        """
        rows = self.rows(words)
        found = rows >= 0
        vectors = np.zeros((len(rows), self.dimension), np.float32)
        vectors[found] = self._store.vectors[rows[found]]
        return vectors

    def to_keras_layer(
        self,
        word_index: Mapping[str, SupportsIndex],
        trainable: bool = False,
        *,
        mask_zero: bool = False,
        **layer_kwargs: Any,
    ) -> "keras.layers.Embedding":
        """Make a Keras embedding layer that starts from these vectors.

        Parameters
        ----------
        word_index : mapping of str to int
            Index of each word, as a Tokenizer's ``word_index``. Indices start at 0
            or more; 0 is by convention the padding.
        trainable : bool
            Whether training changes the vectors.
        mask_zero : bool
            Whether index 0 is padding that later layers leave out.
        **layer_kwargs
            Other arguments of ``keras.layers.Embedding``, such as ``name``.

        Returns
        -------
        keras.layers.Embedding
            A stock layer, built, of ``max(word_index.values()) + 1`` rows. Row i
            holds the vector of the word with index i; rows of words that have no
            vector, and rows without a word, are zeros. A saved model loads without
            this package.

        Raises
        ------
        VocabularyError
            No layer can be made from `word_index`; the message says why.
        TypeError
            An argument is what `word_index` and the vectors decide: ``input_dim``,
            ``output_dim``, ``embeddings_initializer``, ``weights``.

        Warns
        -----
        UserWarning
            None of the words has a vector.

        Notes
        -----
        ``from_config`` and ``clone_model`` make a layer of the same shape with fresh
        random numbers, as for every stock layer: copy them by ``set_weights``.

        Examples
        --------
        >>> import glove_registry
        >>> vectors = glove_registry.load("glove.6B.50d-first10k")
        >>> layer = vectors.to_keras_layer({"a": 1, "good": 2, "film": 3})
        >>> layer.input_dim, layer.output_dim, layer.trainable
        (4, 50, False)
        """
        from .keras import embedding_matrix, make_layer

        matrix = embedding_matrix(self, word_index, mask_zero=mask_zero)
        return make_layer(
            matrix, trainable=trainable, mask_zero=mask_zero, **layer_kwargs
        )

    def __reduce__(self) -> tuple[Any, ...]:
        # A process that is handed vectors maps them itself; nothing is copied.
        return _reopen, (str(self._store.folder),)

    def __repr__(self) -> str:
        revision = f"@{self.revision}" if self.revision else ""
        return f"<Vectors {self.name}{revision}: {len(self):,} x {self.dimension}>"


def _reopen(folder: str) -> Vectors:
    return Vectors(Store.open(Path(folder)))


def _explain_no_word(word: object) -> str:
    return f"a word is a str, found {type(word).__name__} {word!r}"


def _show(words: Sequence[str], limit: int = 5) -> str:
    shown = ", ".join(repr(word) for word in words[:limit])
    return shown + (", ..." if len(words) > limit else "")
