"""`Vectors`: what people hold. Words in, rows and numbers out, straight from disk."""

from collections.abc import Iterable
from os import PathLike
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

from .lookup.rows import Rows

if TYPE_CHECKING:
    import keras as keras_module
    import tensorflow as tf

    from .coverage import Coverage
    from .frameworks.keras import Pooling
    from .lookup import Case, EmbeddingPlan, OovRule


class Vectors(Rows):
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

    def lookup(
        self,
        words: Iterable[str],
        *,
        oov: "OovRule" = "zeros",
        case: "Case" = "fallback",
        dtype: DTypeLike = np.float32,
    ) -> NDArray[Any]:
        """Give the vectors of many words, also of those that have none.

        Parameters
        ----------
        words : iterable of str
        oov, case
            As for `to_keras_layer`.
        dtype : data type
            ``"float32"``, ``"float16"``, ``"float64"`` or ``"bfloat16"``.

        Returns
        -------
        ndarray of shape (n_words, dimension), `dtype`

        Raises
        ------
        UnknownWordError
            `words` are not words; or, with ``oov="error"``, some have no vector.

        Examples
        --------
        >>> import glove_registry
        >>> vectors = glove_registry.load("glove.6B.50d-first10k")
        >>> vectors.lookup(["film", "Film", "flim"]).any(axis=1)
        array([ True,  True, False])
        """
        from .lookup import look_up

        return look_up(self, words, oov=oov, case=case, dtype=dtype)

    def embedding_matrix(
        self,
        vocabulary: Any,
        *,
        mask_zero: bool = False,
        oov: "OovRule" = "zeros",
        case: "Case" = "fallback",
        num_words: int | None = None,
        index_offset: int = 0,
        input_dim: int | None = None,
        dtype: DTypeLike = np.float32,
    ) -> NDArray[Any]:
        """Make the matrix of a vocabulary, for any framework.

        Parameters
        ----------
        vocabulary, mask_zero, oov, case, num_words, index_offset, input_dim
            As for `to_keras_layer`, whose weights it gives.
        dtype : data type
            ``"float32"``, ``"float16"``, ``"float64"`` or ``"bfloat16"``.

        Returns
        -------
        ndarray of shape (input_dim, dimension), `dtype`

        Raises
        ------
        VocabularyError, UnknownWordError
            As for `to_keras_layer`.

        Examples
        --------
        >>> import glove_registry
        >>> vectors = glove_registry.load("glove.6B.50d-first10k")
        >>> vectors.embedding_matrix(["", "[UNK]", "film"]).any(axis=1)
        array([False, False,  True])
        """
        plan = self._plan(
            vocabulary, mask_zero, oov, case, num_words, index_offset, input_dim
        )
        return plan.make(dtype)

    def coverage(
        self,
        vocabulary: Any,
        counts: Any = None,
        *,
        case: "Case" = "fallback",
        num_words: int | None = None,
        index_offset: int = 0,
    ) -> "Coverage":
        """Find out how much of a vocabulary has a vector, and why the rest has none.

        Parameters
        ----------
        vocabulary : mapping, sequence, layer, tokenizer or Counter
            As for `to_keras_layer`; or a ``collections.Counter`` of words, which is a
            vocabulary with its counts.
        counts : mapping or sequence, optional
            How often each word occurs: a mapping of words to numbers, such as a
            Counter or a Series of pandas; or one number for each index of the
            vocabulary, as ``np.bincount`` gives for encoded texts. A Tokenizer brings
            its own. Without counts there are no shares of tokens.
        case, num_words, index_offset
            As for `to_keras_layer`.

        Returns
        -------
        Coverage
            To print, to compute with, and to draw.

        Raises
        ------
        VocabularyError
            The vocabulary has a fault; a count is no whole number from 0 on; or all
            counts are of other words.

        Examples
        --------
        >>> import glove_registry
        >>> vectors = glove_registry.load("glove.6B.50d-first10k")
        >>> counts = {"film": 6, "Good": 2, "don't": 1, "flim": 1}
        >>> coverage = vectors.coverage(list(counts), counts)
        >>> coverage.found.types, coverage.found.of_tokens
        (2, 0.8)
        >>> coverage.misses
        {"don't": 1, 'flim': 1}
        """
        from .coverage import find_coverage, read_counted

        counted = read_counted(
            vocabulary, counts, num_words=num_words, index_offset=index_offset
        )
        return find_coverage(self, counted, case)

    def to_keras_layer(
        self,
        word_index: Any,
        trainable: bool = False,
        *,
        mask_zero: bool = False,
        oov: "OovRule" = "zeros",
        case: "Case" = "fallback",
        num_words: int | None = None,
        index_offset: int = 0,
        input_dim: int | None = None,
        dtype: Any = None,
        name: str | None = None,
        keras: ModuleType | None = None,
        **layer_kwargs: Any,
    ) -> "keras_module.layers.Embedding":
        """Make a Keras embedding layer that starts from these vectors.

        Parameters
        ----------
        word_index : mapping, sequence, layer or tokenizer
            The vocabulary: a mapping of words to indices from 0 on; a list of words,
            whose positions are the indices; a ``TextVectorization`` or
            ``StringLookup`` layer; a Keras ``Tokenizer``; a KerasHub, Hugging Face,
            torchtext or scikit-learn object that has a vocabulary.
        trainable : bool
            Whether training changes the vectors.
        mask_zero : bool
            Whether index 0 is padding that later layers leave out. Refused if
            `word_index` has a word, or the token for unknown words, at 0.
        oov : str or callable
            What a word gets that has no vector, and so do the special tokens for
            unknown words and the like: ``"zeros"``; ``"mean"`` of all vectors;
            ``"unk"``, the row ``<unk>`` of releases that have one; ``"normal"`` or
            ``"normal:SEED"``, drawn from a normal distribution with the release's
            mean and standard deviation in each dimension, where a word gets the same
            vector in any vocabulary; ``"error"``; or a function from a word to a
            vector. Padding is zeros in any case.
        case : {"fallback", "exact"}
            With ``"fallback"``, a word that has no vector gets that of its lower
            case, title case or upper case, whichever there is first.
        num_words : int, optional
            Leave out words whose index is not below it. A Tokenizer's own
            ``num_words`` is used if not given.
        index_offset : int
            Added to each index: 3 for ``keras.datasets.imdb.get_word_index()``, since
            the data themselves are shifted by 3.
        input_dim : int, optional
            Number of rows if it is to be more than the vocabulary needs.
        dtype : str or keras.DTypePolicy, optional
            Of the layer; Keras' own default without it.
        name : str, optional
            Of the layer.
        keras : module, optional
            Whose layer it is to be: ``tf_keras`` for models of Keras 2. Without it, the
            Keras that ``tf.keras`` is: ``tf_keras`` with TF_USE_LEGACY_KERAS=1.
        **layer_kwargs
            Other arguments of ``keras.layers.Embedding``, such as
            ``embeddings_regularizer``.

        Returns
        -------
        keras.layers.Embedding
            A stock layer, built, of ``max(index) + 1`` rows. Row i holds the vector
            of the word with index i; rows without a word are zeros. A saved model
            loads without this package.

        Raises
        ------
        VocabularyError
            No layer can be made from `word_index`; the message says why.
        UnknownWordError
            ``oov="error"``, and words have no vector; or ``oov="unk"``, and there is
            no such row.
        TypeError
            An argument is what `word_index` and the vectors decide: ``output_dim``,
            ``embeddings_initializer``, ``weights``.

        Warns
        -----
        UserWarning
            None of the words has a vector, or many tokens are pieces of words.

        Notes
        -----
        ``from_config`` and ``clone_model`` make a layer of the same shape with fresh
        random numbers, as for every stock layer: copy them by ``set_weights``. Within
        ``strategy.scope()`` of a distribution strategy the layer, too, is to be made.

        Examples
        --------
        >>> import glove_registry
        >>> vectors = glove_registry.load("glove.6B.50d-first10k")
        >>> layer = vectors.to_keras_layer({"a": 1, "good": 2, "film": 3})
        >>> layer.input_dim, layer.output_dim, layer.trainable
        (4, 50, False)
        """
        from .frameworks.keras import make_layer

        plan = self._plan(
            word_index, mask_zero, oov, case, num_words, index_offset, input_dim
        )
        return make_layer(
            plan,
            keras,
            trainable=trainable,
            mask_zero=mask_zero,
            dtype=dtype,
            name=name,
            **layer_kwargs,
        )

    def to_text_layer(
        self,
        vocabulary: Any = None,
        pooling: "Pooling" = "mean",
        *,
        trainable: bool = False,
        dtype: Any = None,
        name: str | None = None,
    ) -> "keras_module.Model":
        """Make a layer that takes texts as they are and gives a vector for each.

        Parameters
        ----------
        vocabulary : mapping, sequence, layer, tokenizer or Counter, optional
            The words that count, as for `to_keras_layer`; all tokens of the release
            without it. A ``TextVectorization`` keeps its own way from a text to words.
            Of any other, a text's word counts if its vector is one of the vocabulary's.
        pooling : {"mean", "sum", "sqrtn", "max"}
            What a text's vector is of the vectors of its words: their mean, sum, sum
            divided by the square root of their number, or largest numbers.
        trainable : bool
            Whether training changes the vectors.
        dtype : str or keras.DTypePolicy, optional
            Of the layer; Keras' own default without it.
        name : str, optional
            Of the layer.

        Returns
        -------
        keras.Model
            From strings of shape (n_texts,) or (n_texts, 1) to floats of shape
            (n_texts, dimension). It is made of stock parts, so that a saved model
            loads without this package.

        Raises
        ------
        VocabularyError
            No layer can be made from `vocabulary`; the message says why.
        ValueError
            There is no such pooling.
        RuntimeError
            Keras runs on another backend than TensorFlow, or ``tf.keras`` is Keras 2.

        Warns
        -----
        UserWarning
            Many tokens are pieces of words, or no text can have some of the words.

        Notes
        -----
        Words without a vector are left out, neither summed nor counted; a text with no
        other word gives zeros. To train the vectors, give a vocabulary: an optimizer
        such as Adam goes over all of them at every step.

        Unless `vocabulary` is a ``TextVectorization``, a text loses its punctuation,
        that of Unicode and of ASCII, and is split at white space. Each word is found as
        it is, else in lower case, title case or upper case, as `lookup` finds it. The
        tokens lose their punctuation, too: "well-made" is met as "wellmade", unless
        that has a vector of its own; tokens such as ``<user>`` are met as they are. A
        text's "don't" is "dont", and not GloVe's "do" and "n't": for texts that
        something else has split, give a ``TextVectorization`` with ``split=None``, and
        rows of words.

        Examples
        --------
        >>> import glove_registry
        >>> vectors = glove_registry.load("glove.6B.50d-first10k")
        >>> layer = vectors.to_text_layer(["good", "film"])
        >>> layer.output_shape
        (None, 50)
        """
        from .frameworks.keras import make_text_layer

        return make_text_layer(
            self, vocabulary, pooling, trainable=trainable, dtype=dtype, name=name
        )

    def export_saved_model(
        self,
        path: str | PathLike[str],
        vocabulary: Any = None,
        pooling: "Pooling" = "mean",
    ) -> Path:
        """Write what `to_text_layer` does as a SavedModel, as TensorFlow Hub has them.

        Parameters
        ----------
        path : str or path-like
            Of the folder it will be; nothing may be there.
        vocabulary, pooling
            As for `to_text_layer`.

        Returns
        -------
        Path
            Of the folder.

        Raises
        ------
        OutputError
            There is something at `path`.
        VocabularyError, ValueError, RuntimeError
            As for `to_text_layer`.

        Notes
        -----
        It needs TensorFlow alone: ``tf.saved_model.load(path)`` gives a function from
        strings of shape (n_texts,) to float32 of shape (n_texts, dimension), with
        ``trainable_variables``. In a Keras model it is a layer by
        ``keras.layers.TFSMLayer(path, trainable=False)``.

        Examples
        --------
        >>> import tempfile
        >>> import glove_registry
        >>> vectors = glove_registry.load("glove.6B.50d-first10k")
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     path = vectors.export_saved_model(f"{folder}/text", ["good", "film"])
        ...     (path / "saved_model.pb").is_file()
        True
        """
        from .frameworks.keras import export_text_model

        return export_text_model(self, path, vocabulary, pooling)

    def to_tf_dataset(
        self, batch_size: int = 1024, shuffle: bool = False, *, seed: int | None = None
    ) -> "tf.data.Dataset":
        """Give all words and vectors as a ``tf.data.Dataset``, straight from the map.

        Parameters
        ----------
        batch_size : int
            Rows in an element; the last one may have fewer.
        shuffle : bool
            Whether every pass gives all rows in a new order, not in that of the file.
        seed : int, optional
            Makes the orders the same in every run.

        Returns
        -------
        tf.data.Dataset
            Of dicts: ``"index"`` of shape (batch,), int64, the rows in the file;
            ``"word"`` of shape (batch,), string, the file's bytes; ``"vector"`` of
            shape (batch, dimension), float32.

        Raises
        ------
        ValueError
            `batch_size` or `shuffle` is something else.

        Notes
        -----
        A batch is read when its turn comes, by a function of this process: the
        dataset cannot be handed to another one, such as a tf.data service.

        Examples
        --------
        >>> import glove_registry
        >>> vectors = glove_registry.load("glove.6B.50d-first10k")
        >>> len(vectors.to_tf_dataset(batch_size=512))
        20
        """
        from .frameworks.tf_data import make_dataset

        return make_dataset(self, batch_size, shuffle, seed)

    def export(self, path: str | PathLike[str], to: str) -> Path:
        r"""Write all words and vectors as a file that other libraries open.

        Parameters
        ----------
        path : str or path-like
            Of the file, or of the folder for ``"projector"``; nothing may be there.
        to : str
            ``"word2vec"`` or ``"word2vec-binary"``, for gensim; ``"npz"``, for numpy;
            ``"safetensors"``, for torch; ``"parquet"``, for pandas; ``"projector"``, a
            log folder of TensorBoard's.

        Returns
        -------
        Path
            `path`.

        Raises
        ------
        ValueError
            There is no such format.
        OutputError
            There is something at `path`; it cannot be written; or a token holds a
            blank, which word2vec's forms cannot. Nothing is left of what was begun.

        Notes
        -----
        All rows are written exactly and in the order of the file; word2vec's forms have
        a token that stands there twice once, with its first row.

        In npz and safetensors, ``words`` are the bytes of all tokens with line feeds
        between them: ``words.tobytes().decode("utf-8").split("\n")``.

        Examples
        --------
        >>> import tempfile
        >>> import numpy as np
        >>> import glove_registry
        >>> vectors = glove_registry.load("glove.6B.50d-first10k")
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     path = vectors.export(f"{folder}/sample.npz", to="npz")
        ...     with np.load(path) as arrays:
        ...         arrays["vectors"].shape
        (10000, 50)
        """
        from .frameworks.export import export

        return export(self, path, to)

    def _plan(
        self,
        vocabulary: Any,
        mask_zero: bool,
        oov: "OovRule",
        case: "Case",
        num_words: int | None,
        index_offset: int,
        input_dim: int | None,
    ) -> "EmbeddingPlan":
        from .lookup import plan_embedding, warn_of_doubts
        from .lookup.vocabulary import read_vocabulary

        checked = read_vocabulary(
            vocabulary,
            num_words=num_words,
            index_offset=index_offset,
            mask_zero=mask_zero,
        )
        plan = plan_embedding(self, checked, oov=oov, case=case, input_dim=input_dim)
        warn_of_doubts(plan)
        return plan
