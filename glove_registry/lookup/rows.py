"""`Rows`: words in, rows of the mapped matrix out."""

import itertools
import operator
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from functools import cached_property
from typing import TYPE_CHECKING, Any, SupportsIndex, TypeVar, overload

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..errors import UnknownWordError
from ..messages.printable import quote
from ..registry import DEFAULT_TOKENIZER, Tokenizer
from ..store import Store, Tokens, encode_word, encode_words

if TYPE_CHECKING:
    from ..store.derived import DerivedFile, NoDerivedFile
    from ..store.memory import MadeStore

T = TypeVar("T")

_MOST_SHOWN = 5  # words in an error


class Rows:
    """Words and their rows in a store; the base of `glove_registry.Vectors`."""

    def __init__(
        self, store: "Store | MadeStore", tokenizer: Tokenizer | None = None
    ) -> None:
        self._store = store
        self._tokenizer = tokenizer

    @property
    def name(self) -> str:
        """Name of the variant."""
        return str(self._store.manifest.provenance["name"])

    @property
    def revision(self) -> str | None:
        """Revision of the variant; None if it has only one."""
        revision: str | None = self._store.manifest.provenance["revision"]
        return revision

    @property
    def dimension(self) -> int:
        """Numbers per vector."""
        return self._store.manifest.dimension

    @property
    def shape(self) -> tuple[int, int]:
        """Number of vectors, and numbers per vector."""
        return self._store.vectors.shape

    @property
    def tokenizer(self) -> Tokenizer:
        """Name of the convention by which texts become tokens of this release."""
        return self._tokenizer or DEFAULT_TOKENIZER

    @property
    def license(self) -> str | None:
        """Licence of the vectors, as the registry states it; None if it does not."""
        license: str | None = self._store.manifest.provenance.get("license")
        return license

    @property
    def citation(self) -> str | None:
        """BibTeX of what to cite, as the registry states it; None if it does not."""
        citation: str | None = self._store.manifest.provenance.get("citation")
        return citation

    @property
    def provenance(self) -> dict[str, Any]:
        """Where exactly the vectors come from, as plain values for JSON.

        Returns
        -------
        dict
            What is unknown or not stated is None.

            - ``name``, ``revision``: the variant, and which of its versions;
            - ``sha256``, ``bytes``: of the text that was compiled;
            - ``url``, ``url_sha256``: where it came from, and the sha256 of the file
              there, if all of it was verified;
            - ``member``: which member of that archive;
            - ``format``: as the entry states it;
            - ``warnings``: about the words of the file;
            - ``registry``: file and line of the entry;
            - ``sample_of``: the release of which these are the first rows;
            - ``license``, ``citation``: as the entry states them;
            - ``tokenizer``: how the texts of the corpus were split;
            - ``rows``, ``distinct``, ``dimension``: numbers of rows, of distinct
              tokens, and of numbers per vector;
            - ``dtype``: of the numbers on disk;
            - ``rounded_to``: the type to which those of the text were rounded;
            - ``compiled_by``, ``store_format``: version of this package, and of the
              format of its stores.
        """
        manifest = self._store.manifest
        is_rounded = manifest.dtype != "float32"
        return {
            **manifest.provenance,
            "tokenizer": self._tokenizer,
            "rows": manifest.rows,
            "distinct": manifest.distinct,
            "dimension": manifest.dimension,
            "dtype": manifest.dtype,
            # Also of a part of rounded vectors, which is in memory as float32.
            "rounded_to": (
                manifest.dtype if is_rounded else manifest.provenance.get("rounded_to")
            ),
            "store_format": manifest.format_version,
        }

    @cached_property
    def matrix(self) -> NDArray[np.float32]:
        """All vectors in file order.

        Returns
        -------
        ndarray of shape (len(vectors), dimension), float32
            Read-only: a ``numpy.memmap`` of the file if it holds float32; otherwise, or
            if the process has closed the file, an array that is made in memory at first
            use. Copy it to change it, as ``torch.tensor(vectors.matrix)`` does.
            ``torch.from_numpy`` does not copy, and training writes to that memory
            regardless: this changes only `matrix`, and only in this process.
        """
        return self._store.vectors.map_privately()

    # The rooms read vectors by these three, which changes of `matrix` do not affect.

    def take(self, indices: ArrayLike) -> NDArray[np.float32]:
        """Return the vectors of some rows, by number, in the order asked for.

        Parameters
        ----------
        indices : array_like of int
            Numbers of rows, as `rows` returns them.

        Returns
        -------
        ndarray of shape (len(indices), dimension), float32
            A copy.

        Raises
        ------
        IndexError
            There is no such row. A negative number is none: `rows` returns -1 for a
            word without a vector.
        TypeError
            `indices` is not a list of row numbers; a mask is none.

        Examples
        --------
        >>> import glove_registry
        >>> vectors = glove_registry.load("glove.6B.50d-first10k")
        >>> vectors.take(vectors.rows(["film", "movie"])).shape
        (2, 50)
        """
        return self._store.vectors.take(indices)

    def fill(
        self,
        target: NDArray[Any],
        places: NDArray[np.int64],
        indices: ArrayLike,
    ) -> None:
        """Write the vectors of some rows into another array.

        Parameters
        ----------
        target : ndarray of shape (n, dimension)
            The numbers are converted to its type.
        places : ndarray of int64
            Rows of `target` to write to.
        indices : array_like of int
            Rows to read, as many as `places`; they are checked as by `take`.
        """
        self._store.vectors.fill(target, places, indices)

    def blocks(
        self, step: SupportsIndex = 16_384
    ) -> Iterator[tuple[int, NDArray[np.float32]]]:
        """Yield all vectors in file order, at most `step` at a time.

        Parameters
        ----------
        step : int
            Largest number of rows in a block.

        Yields
        ------
        start : int
            Number of the first row.
        block : ndarray of shape (n, dimension), float32
            Read-only; it may be the mapped memory itself.

        Raises
        ------
        ValueError
            `step` is not a positive whole number.

        Examples
        --------
        >>> import glove_registry
        >>> vectors = glove_registry.load("glove.6B.50d-first10k")
        >>> [(start, block.shape) for start, block in vectors.blocks(6000)]
        [(0, (6000, 50)), (6000, (4000, 50))]
        """
        # Not in a generator, which would raise this later.
        with suppress(TypeError):
            if (count := operator.index(step)) > 0:
                return self._store.vectors.blocks(count)
        raise ValueError(f"step={quote(step)}: expected a positive whole number")

    def find_repeated(self) -> NDArray[np.int64]:
        """Return the rows that repeat an earlier token; look-ups never return them."""
        if self._store.manifest.distinct == len(self):
            return np.empty(0, np.int64)
        is_repeated = np.ones(len(self), np.bool_)
        is_repeated[self._store.index.list_rows()] = False
        return np.flatnonzero(is_repeated)

    def locate_derived(self, name: str) -> "DerivedFile | NoDerivedFile":
        """Return where a file is kept that can be made again from these vectors."""
        return self._store.locate_derived(name)

    @property
    def tokens(self) -> Tokens:
        """All tokens in file order, read from disk as they are used.

        Bytes that are not UTF-8 become lone surrogates, as with the error handler
        ``"surrogateescape"``.
        """
        return self._store.tokens

    @cached_property
    def moments(self) -> NDArray[np.float64]:
        """Mean and standard deviation of the vectors, dimension by dimension.

        Returns
        -------
        ndarray of shape (2, dimension), float64
            Over all rows, computed on first use; read-only.

        Raises
        ------
        ValueError
            There are none, as in a table of floret.
        """
        if not len(self):
            raise ValueError(
                f"{self.name} has n-grams and no words, whose vectors would have a "
                "mean: use another rule for unknown words, such as oov='subword'"
            )
        # In pieces, as the whole matrix in float64 is twice its size.
        sums = np.zeros(self.dimension)
        for _, block in self.blocks():
            sums += block.sum(axis=0, dtype=np.float64)
        mean = sums / len(self)
        squares = np.zeros(self.dimension)
        for _, block in self.blocks():
            squares += ((block - mean) ** 2).sum(axis=0)
        moments = np.stack([mean, np.sqrt(squares / len(self))])
        moments.flags.writeable = False  # kept for later calls
        return moments

    def __len__(self) -> int:
        return self._store.manifest.rows

    def __contains__(self, word: object) -> bool:
        return isinstance(word, str) and self._store.index.find(encode_word(word)) >= 0

    def __iter__(self) -> Iterator[str]:
        return iter(self._store.tokens)

    @overload
    def __getitem__(self, words: str) -> NDArray[np.float32]: ...
    @overload
    def __getitem__(self, words: Sequence[str]) -> NDArray[np.float32]: ...
    def __getitem__(self, words: str | Sequence[str]) -> NDArray[np.float32]:
        """Return the vector of a word, or the vectors of several words.

        Parameters
        ----------
        words : str or sequence of str

        Returns
        -------
        ndarray of shape (dimension,) or (len(words), dimension), float32
            A copy. If `has_subwords`, a word without a row gets what `compose` returns.

        Raises
        ------
        UnknownWordError
            A word has no vector; `lookup` returns zeros for it.

        Examples
        --------
        >>> import glove_registry
        >>> vectors = glove_registry.load("glove.6B.50d-first10k")
        >>> vectors["film"].shape, vectors[["film", "movie"]].shape
        ((50,), (2, 50))
        """
        if isinstance(words, str) or not isinstance(words, Iterable):
            vector = self.get(words)
            if vector is None:
                raise self._make_error(words)
            return vector
        words = list_words(words)
        rows = self.rows(words)
        found, missing = np.flatnonzero(rows >= 0), np.flatnonzero(rows < 0)
        if not len(missing):
            return self.take(rows)
        composed, is_composed = self.compose(words[i] for i in missing)
        if not is_composed.all():
            unknown = [words[i] for i in missing[~is_composed]]
            raise UnknownWordError(
                f"{len(unknown):,} of {len(rows):,} words have no vector in "
                f"{name_vocabulary(self)}: {show_words(unknown)}; lookup() returns "
                "zeros for them"
            )
        vectors = np.empty((len(words), self.dimension), np.float32)
        self.fill(vectors, found, rows[found])
        vectors[missing] = composed
        return vectors

    @overload
    def get(self, word: str) -> NDArray[np.float32] | None: ...
    @overload
    def get(self, word: str, default: T) -> NDArray[np.float32] | T: ...
    def get(self, word: str, default: Any = None) -> Any:
        """Return the vector of a word, or a default for a word without one.

        Parameters
        ----------
        word : str
        default : object, optional

        Returns
        -------
        ndarray of shape (dimension,), float32
            A copy; or `default`.

        Raises
        ------
        UnknownWordError
            `word` is not a str.

        Examples
        --------
        >>> import glove_registry
        >>> vectors = glove_registry.load("glove.6B.50d-first10k")
        >>> vectors.get("film").shape, vectors.get("flim")
        ((50,), None)
        """
        if not isinstance(word, str):
            raise UnknownWordError(_explain_type(word))
        row = self._store.index.find(encode_word(word))
        if row >= 0:
            return self._store.vectors.row(row)
        if self.has_subwords:
            composed, is_composed = self.compose([word])
            if is_composed[0]:
                return composed[0]
        return default

    def row(self, word: str) -> int:
        """Return the row of a word in `matrix`.

        Parameters
        ----------
        word : str

        Returns
        -------
        int

        Raises
        ------
        UnknownWordError
            The word has no row; the message suggests a similar one.

        Examples
        --------
        >>> import glove_registry
        >>> vectors = glove_registry.load("glove.6B.50d-first10k")
        >>> vectors.row("film")
        319
        """
        if not isinstance(word, str):
            raise UnknownWordError(_explain_type(word))
        row = self._store.index.find(encode_word(word))
        if row < 0:
            raise self._make_error(word)
        return row

    def _make_error(self, word: str) -> UnknownWordError:
        if self.compose([word])[1].any():
            return UnknownWordError(
                f"{quote(word)} has no row in {self.name}: its vector is composed of "
                "n-grams by vectors[word]"
            )
        from .spelling import UnknownWord  # not needed to load vectors

        sentence = f"{quote(word)} has no vector in {name_vocabulary(self)}"
        return UnknownWordError(UnknownWord(sentence, self, word))

    @property
    def has_subwords(self) -> bool:
        """Whether words without a row have vectors, too: the mean of their n-grams.

        True for fastText's models, if these were trained with n-grams of characters.
        """
        return self._store.subwords is not None

    def compose(
        self, words: Iterable[str]
    ) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
        """Return the vectors of words by their n-grams alone.

        Parameters
        ----------
        words : iterable of str
            Without a row: the vector of a word with one is its row.

        Returns
        -------
        vectors : ndarray of shape (n_words, dimension), float32
            The mean of the vectors of a word's n-grams, as fastText makes it; zeros if
            the release has none of them.
        is_composed : ndarray of shape (n_words,), bool
            Which words have n-grams.

        Raises
        ------
        UnknownWordError
            `words` is not an iterable of str.

        Examples
        --------
        >>> import glove_registry
        >>> vectors = glove_registry.load("glove.6B.50d-first10k")
        >>> vectors.compose(["flim"])[1]  # GloVe has no n-grams
        array([False])
        """
        words = list_words(words)
        if self._store.subwords is None:
            shape = len(words), self.dimension
            return np.zeros(shape, np.float32), np.zeros(len(words), np.bool_)
        return self._store.subwords.make(encode_words(words))

    def rows(self, words: Iterable[str]) -> NDArray[np.int64]:
        """Return the row of each word in `matrix`.

        Parameters
        ----------
        words : iterable of str

        Returns
        -------
        ndarray of shape (n_words,), int64
            -1 for a word without a vector.

        Raises
        ------
        UnknownWordError
            `words` is not an iterable of str.

        Examples
        --------
        >>> import glove_registry
        >>> vectors = glove_registry.load("glove.6B.50d-first10k")
        >>> vectors.rows(["the", "flim", "film"])
        array([  0,  -1, 319])
        """
        return self._store.index.find_all(encode_words(list_words(words)))

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self._store, self._tokenizer)

    def _repr_html_(self) -> str:
        from ..messages.html import format_html_facts  # only notebooks need it

        origin = self.provenance
        return format_html_facts(
            [
                ("vectors", self.name),
                ("revision", self.revision),
                ("words", len(self)),
                ("dimension", self.dimension),
                ("numbers", self._store.manifest.dtype),
                ("first words", " ".join(itertools.islice(self, 5))),
                ("license", origin.get("license")),
                ("source", origin.get("url")),
                ("sha256", origin.get("sha256")),
            ]
        )

    def __repr__(self) -> str:
        revision = f"@{self.revision}" if self.revision else ""
        shape = f"{len(self):,} x {self.dimension}"
        dtype = self._store.manifest.dtype
        kind = "" if dtype == "float32" else f" {dtype}"
        return f"<{type(self).__name__} {self.name}{revision}: {shape}{kind}>"


def find_whole(rows: Rows) -> str | None:
    """Return the name of the release of whose words these are some.

    None if they are all of them, as far as the registry or `Vectors.subset` says.
    """
    origin = rows.provenance
    return origin.get("sample_of") or (
        origin["name"] if "subset_of_rows" in origin else None
    )


def name_vocabulary(rows: Rows) -> str:
    """Return the name of vectors for a sentence about a word that they do not have.

    That a sample lacks a word is no reason to think that the word is misspelled.
    """
    if find_whole(rows) is None:
        return rows.name
    return f"{rows.name}, a sample of {len(rows):,} words"


def list_words(words: Iterable[str]) -> list[str]:
    """Return words as a list.

    Raises
    ------
    UnknownWordError
        `words` is a single str, or one of them is not a str.
    """
    if isinstance(words, str):
        raise UnknownWordError(
            f"expected several words, found one str: write [{quote(words)}]"
        )
    # An array without dimensions has a method for iteration, which fails; a data frame
    # would yield the names of its columns.
    is_list = isinstance(words, Iterable) and getattr(words, "ndim", 1) == 1
    if isinstance(words, bytes) or not is_list:
        raise UnknownWordError(
            f"expected several words, found {type(words).__name__} {quote(words)}"
        )
    listed = list(words)
    for word in listed:
        if not isinstance(word, str):
            raise UnknownWordError(_explain_type(word))
    return listed


def show_words(words: Sequence[str]) -> str:
    """Return the first of some words in quotes, for an error message."""
    shown = ", ".join(quote(word) for word in words[:_MOST_SHOWN])
    return shown + (", ..." if len(words) > _MOST_SHOWN else "")


def _explain_type(word: object) -> str:
    return f"a word is a str, found {type(word).__name__} {quote(word)}"
