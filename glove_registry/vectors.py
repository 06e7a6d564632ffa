"""`Vectors`, the public object: thin methods over the package's other modules."""

from collections.abc import Callable, Collection, Iterable
from functools import wraps
from os import PathLike
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any, Literal, TypeVar

import numpy as np
from numpy.typing import DTypeLike, NDArray

from .lookup.rows import Rows

if TYPE_CHECKING:
    import keras as keras_module
    import tensorflow as tf
    import torch
    from matplotlib.figure import Figure

    from .analysis import Evaluation, Neighbours
    from .analysis.analogies import Rule
    from .analysis.projection import Method
    from .analysis.similar import Restrict, Term
    from .coverage import Coverage
    from .explorer import Explorer
    from .explorer.projection import Projection
    from .lookup.case import Case
    from .lookup.oov import OovRule
    from .registries import Registry
    from .registry import EvaluationCase, Tokenizer, UnknownRule
    from .text.pooling import Pooling
    from .text.texts import Texts
    from .text.weights import Weights

_M = TypeVar("_M", bound=Callable[..., Any])


def _explain_arguments(method: _M) -> _M:
    """Let the error about an argument of gensim's say what to write instead."""

    @wraps(method)
    def call(*args: Any, **kwargs: Any) -> Any:
        try:
            return method(*args, **kwargs)
        except TypeError as error:
            from .messages.from_gensim import ARGUMENTS  # only a mistake needs it

            for name in kwargs.keys() & ARGUMENTS.keys():
                raise TypeError(
                    f"{name}: unexpected keyword argument, as gensim has: write "
                    f"{ARGUMENTS[name]}"
                ) from error
            raise

    return call  # type: ignore[return-value]


class Vectors(Rows):
    """Word vectors, mapped from disk; returned by :func:`glove_registry.load`.

    Rows are read from disk as they are used, and processes that use the same vectors
    share one copy in memory. Pickling stores only the path of the compiled vectors, not
    the numbers. If a token occurs twice in the file, its first row is used.

    Models of fastText (``.bin``) have vectors of n-grams as well, of which any word's
    vector is composed: by ``vectors[word]``, `lookup`, layers and other methods. ``word
    in vectors``, ``len(vectors)``, `row` and `matrix` are about the words with a row.

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

    if not TYPE_CHECKING:  # type checkers would accept any name

        def __getattr__(self, name: str) -> Any:
            from .messages.from_gensim import INSTEAD  # only a mistake needs it

            if name in INSTEAD:
                raise AttributeError(
                    f"{type(self).__name__} has no {name!r}, as gensim's vectors have: "
                    f"write {INSTEAD[name]}"
                )
            return super().__getattribute__(name)  # raises the usual error

    def lookup(
        self,
        words: Iterable[str],
        *,
        oov: "OovRule | None" = None,
        case: "Case" = "fallback",
        dtype: DTypeLike = np.float32,
    ) -> NDArray[Any]:
        """Return a vector for each word, whether or not the release has one.

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
            `words` is not an iterable of str; or ``oov="error"`` and some words have
            no vector.

        Examples
        --------
        >>> import glove_registry
        >>> vectors = glove_registry.load("glove.6B.50d-first10k")
        >>> vectors.lookup(["film", "Film", "flim"]).any(axis=1)
        array([ True,  True, False])
        """
        from .lookup.gather import look_up

        return look_up(self, words, oov=oov, case=case, dtype=dtype)

    def embed(
        self,
        texts: "Texts",
        pooling: "Pooling" = "mean",
        weights: "Weights" = None,
        *,
        case: "Case" = "fallback",
    ) -> NDArray[np.float32]:
        """Return one vector for each text, pooled from those of its words.

        Parameters
        ----------
        texts : iterable of str, or iterable of iterables of str
            Texts, which `tokenize` splits, or the words of each text; in a list, an
            array, a pandas Series or any iterator.
        pooling : {"mean", "sum", "sqrtn", "max"}
            How the vectors of a text's words become one: their mean, their sum, their
            sum divided by the square root of their number, or their maximum in each
            dimension.
        weights : mapping, TfidfVectorizer or "sif", optional
            How much each word counts. A mapping of words to numbers, 0 or more: a word
            that it lacks is skipped, but a ``defaultdict`` has a weight for it. A
            fitted ``sklearn.feature_extraction.text.TfidfVectorizer`` gives each word
            of its vocabulary its inverse document frequency. ``"sif"`` is smooth
            inverse frequency, below. By default, all words count the same.
        case : {"fallback", "exact"}
            As for `to_keras_layer`, also for finding a word in `weights`.

        Returns
        -------
        ndarray of shape (n_texts, dimension), float32
            Zeros for a text of which no word has a vector.

        Raises
        ------
        TextError
            `texts` is a single str; or a text or a word is not a str. The message names
            its position.
        ValueError
            There is no such pooling; a weight is negative or not finite; the vectorizer
            is not fitted; or ``weights="sif"`` and only one text has a known word.
        TypeError
            `weights` is of another kind.

        Notes
        -----
        Words without a vector are skipped, neither summed nor counted. Sums are made in
        float64 in the order of the words, so that a text has the same vector in every
        batch, bit for bit (except with ``"sif"``). An iterator is read as it is used:
        besides the result, only a small part of the texts is in memory.

        With weights, vectors are multiplied by them; the mean is divided by the sum of
        the weights, and ``"sqrtn"`` divides by the square root of the sum of their
        squares, as ``tf.nn.embedding_lookup_sparse`` does.

        ``weights="sif"`` follows Arora, Liang and Ma, `A Simple but Tough-to-Beat
        Baseline for Sentence Embeddings <https://openreview.net/forum?id=SyK00v5xx>`_
        (2017). A word with the probability p has the weight a / (a + p), where a is
        0.001; the mean is divided by the number of words; at last, the projection of
        all vectors on their first principal component is subtracted. The probability of
        a word is taken from its rank in the file by Zipf's law, not from `texts`: so a
        word has the same weight in any texts, even in a few short ones, and an iterator
        is read only once. This assumes a file that lists frequent words first, as
        those of GloVe, fastText and word2vec do. As the component is that of all
        `texts` together, embed all of them in one call; or use
        :class:`glove_registry.TextEmbedder`, which keeps that of its training texts.

        Examples
        --------
        >>> import glove_registry
        >>> vectors = glove_registry.load("glove.6B.50d-first10k")
        >>> vectors.embed(["A truly good film.", "Flim"]).any(axis=1)
        array([ True, False])
        >>> vectors.embed([["good", "film"]], pooling="sum").shape
        (1, 50)
        >>> weighted = vectors.embed(["a good film"], weights={"film": 2, "good": 1})
        >>> expected = (2 * vectors["film"] + vectors["good"]) / 3
        >>> bool(abs(weighted - expected).max() < 1e-6)
        True
        """
        from .text.embed import embed_texts

        return embed_texts(self, texts, pooling, weights, case=case)

    def embedding_matrix(
        self,
        vocabulary: Any,
        *,
        mask_zero: bool = False,
        oov: "OovRule | None" = None,
        case: "Case" = "fallback",
        padding: str | None = None,
        specials: Collection[str] = (),
        num_words: int | None = None,
        index_offset: int = 0,
        input_dim: int | None = None,
        dtype: DTypeLike = np.float32,
    ) -> NDArray[Any]:
        """Return the embedding matrix of a vocabulary, for any framework.

        Parameters
        ----------
        vocabulary : mapping, sequence, layer, tokenizer or vectorizer
            As for `to_keras_layer`, whose weights are this matrix; or a layer whose
            output is not indices but a number for each of its words, such as a
            ``TextVectorization(output_mode="tf_idf")``, for the product of the two.
        mask_zero, oov, case, padding, specials, num_words, index_offset, input_dim
            As for `to_keras_layer`.
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
        from .lookup.matrix import EmbeddingOptions, plan_embedding

        options = EmbeddingOptions(
            mask_zero=mask_zero,
            oov=oov,
            case=case,
            padding=padding,
            specials=specials,
            num_words=num_words,
            index_offset=index_offset,
            input_dim=input_dim,
        )
        return plan_embedding(self, vocabulary, options).make(dtype)

    def subset(
        self,
        words: Iterable[str],
        *,
        oov: "OovRule | None" = None,
        case: "Case" = "fallback",
    ) -> "Vectors":
        """Return vectors of these words alone, in memory: small enough to ship.

        Parameters
        ----------
        words : iterable of str
            Such as a list, or the keys of a ``word_index``; repeated ones count once.
        oov, case
            As for `to_keras_layer`. With ``"zeros"``, words without a vector are left
            out: look-ups in the subset give them zeros, too.

        Returns
        -------
        Vectors
            The words in the order given, each as it was given. `export` writes them to
            a file, which `open_file` opens.

        Raises
        ------
        UnknownWordError
            `words` is a single str or not an iterable of str; or as for
            `to_keras_layer`.
        ValueError
            None of the words has a vector.

        Examples
        --------
        >>> import glove_registry
        >>> vectors = glove_registry.load("glove.6B.50d-first10k")
        >>> small = vectors.subset(["good", "Film", "flim"])
        >>> small
        <Vectors glove.6B.50d-first10k: 2 x 50>
        >>> list(small)
        ['good', 'Film']
        """
        from .lookup.subset import take_subset

        return Vectors(take_subset(self, words, oov, case), self._tokenizer)

    def coverage(
        self,
        vocabulary: Any,
        counts: Any = None,
        *,
        case: "Case" = "fallback",
        padding: str | None = None,
        specials: Collection[str] = (),
        num_words: int | None = None,
        index_offset: int = 0,
    ) -> "Coverage":
        """Return how much of a vocabulary has a vector, and why the rest has none.

        Parameters
        ----------
        vocabulary : mapping, sequence, layer, tokenizer or Counter
            As for `to_keras_layer`; or a ``collections.Counter`` of words, which is a
            vocabulary with its counts.
        counts : mapping or sequence, optional
            How often each word occurs: a mapping of words to numbers, such as a Counter
            or a pandas Series; or one number for each index of the vocabulary, as
            ``np.bincount`` returns for encoded texts. By default, a Tokenizer's own
            counts. Without counts, shares of tokens are unknown.
        case, padding, specials, num_words, index_offset
            As for `to_keras_layer`.

        Returns
        -------
        Coverage
            A report to print, to compute with or to plot.

        Raises
        ------
        VocabularyError
            The vocabulary is invalid; a count is negative or not a whole number; or no
            word of the vocabulary has a count.

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
        from .coverage import find_coverage
        from .lookup.vocabulary import VocabularyOptions

        options = VocabularyOptions(
            padding=padding,
            specials=specials,
            num_words=num_words,
            index_offset=index_offset,
        )
        return find_coverage(self, vocabulary, counts, case=case, options=options)

    def tokenize(self, text: str) -> list[str]:
        """Return the tokens of a text, by the convention of this release.

        Parameters
        ----------
        text : str

        Returns
        -------
        list of str
            As the corpus of the release was split, whether or not they have a vector;
            `tokenizer` is the name of the convention.

        Raises
        ------
        TypeError
            `text` is not a str.

        Examples
        --------
        >>> import glove_registry
        >>> vectors = glove_registry.load("glove.6B.50d-first10k")
        >>> vectors.tokenize("It isn't Mr. Smith's film...")
        ['it', 'is', "n't", 'mr.', 'smith', "'s", 'film', '...']
        """
        from .text.tokenizers import tokenize

        return tokenize(text, self.tokenizer)

    @_explain_arguments
    def most_similar(
        self,
        positive: "Term | Iterable[Term]" = (),
        negative: "Term | Iterable[Term]" = (),
        topn: int = 10,
        restrict: "Restrict" = None,
        *,
        case: "Case" = "fallback",
    ) -> "Neighbours":
        """Return the words whose vectors are most similar, by cosine.

        Parameters
        ----------
        positive : str, array-like, or iterable of both
            Words or vectors to be similar to. The vectors of words are scaled to length
            1 and added; a vector that is given is added as it is.
        negative : str, array-like, or iterable of both
            Words or vectors to be dissimilar to; they are subtracted.
        topn : int
            Number of words to return.
        restrict : int or iterable of str, optional
            Search only the first, most frequent words; or only these words.
        case : {"fallback", "exact"}
            As for `to_keras_layer`.

        Returns
        -------
        Neighbours
            Pairs of a word and its score, the best first, without the words that were
            given; for ``vectors["film"]``, which is a vector, ``film`` is the first. A
            vector of zeros has the score 0.

        Raises
        ------
        UnknownWordError
            A word has no vector; the message suggests a similar one.
        ValueError
            Nothing was given, or `positive` and `negative` cancel out; `topn` is not a
            positive int; or a vector has another shape, or a number that is not finite.

        Examples
        --------
        >>> import glove_registry
        >>> vectors = glove_registry.load("glove.6B.50d-first10k")
        >>> vectors.most_similar("film", topn=3)
        movie        0.9310
        films        0.9237
        documentary  0.8718
        >>> vectors.most_similar(["paris", "germany"], "france", topn=1).words
        ['berlin']
        >>> vectors.most_similar(vectors["film"], topn=2).words
        ['film', 'movie']
        >>> vectors.most_similar("film", restrict=["book", "music"], topn=1).words
        ['music']
        """
        from .analysis import most_similar

        return most_similar(self, positive, negative, topn, restrict, case=case)

    def analogy(
        self,
        a: "Term",
        b: "Term",
        c: "Term",
        topn: int = 10,
        restrict: "Restrict" = None,
        *,
        rule: "Rule" = "3CosAdd",
        case: "Case" = "fallback",
    ) -> "Neighbours":
        """Return the words that complete an analogy: `a` is to `b` as `c` is to them.

        Parameters
        ----------
        a, b, c : str or array-like
            Words or vectors. The lengths of vectors do not matter.
        topn, restrict
            As for `most_similar`.
        rule : {"3CosAdd", "3CosMul"}
            ``"3CosAdd"`` returns the words most similar to b - a + c; ``"3CosMul"``
            multiplies and divides the cosines with the three instead, as proposed by
            Levy and Goldberg in `Linguistic Regularities in Sparse and Explicit Word
            Representations <https://aclanthology.org/W14-1618/>`_ (2014).
        case
            As for `most_similar`.

        Returns
        -------
        Neighbours
            As by `most_similar`.

        Raises
        ------
        UnknownWordError, ValueError
            As by `most_similar`.

        Examples
        --------
        >>> import glove_registry
        >>> vectors = glove_registry.load("glove.6B.50d-first10k")
        >>> vectors.analogy("man", "king", "woman", topn=2)
        queen   0.8524
        throne  0.7664
        """
        from .analysis import analogy

        return analogy(self, a, b, c, topn, restrict, rule=rule, case=case)

    def similarity(self, a: "Term", b: "Term", *, case: "Case" = "fallback") -> float:
        """Return the cosine of two words or vectors.

        Parameters
        ----------
        a, b : str or array-like
        case : {"fallback", "exact"}
            As for `to_keras_layer`.

        Returns
        -------
        float
            From -1 to 1; 0 if one of them is a vector of zeros.

        Raises
        ------
        UnknownWordError, ValueError
            As by `most_similar`.

        Examples
        --------
        >>> import glove_registry
        >>> vectors = glove_registry.load("glove.6B.50d-first10k")
        >>> round(vectors.similarity("film", "movie"), 4)
        0.931
        """
        from .analysis import similarity

        return similarity(self, a, b, case=case)

    def doesnt_match(self, words: Iterable[str], *, case: "Case" = "fallback") -> str:
        """Return the word that is least like the others.

        Parameters
        ----------
        words : iterable of str
            Three words or more.
        case : {"fallback", "exact"}
            As for `to_keras_layer`.

        Returns
        -------
        str
            The word whose cosine with the mean of all is smallest, when each is scaled
            to length 1; the first one of equals.

        Raises
        ------
        UnknownWordError
            A word has no vector; the message suggests a similar one.
        ValueError
            There are fewer than three words.

        Examples
        --------
        >>> import glove_registry
        >>> vectors = glove_registry.load("glove.6B.50d-first10k")
        >>> vectors.doesnt_match(["breakfast", "theatre", "dinner", "lunch"])
        'theatre'
        """
        from .analysis import doesnt_match

        return doesnt_match(self, words, case=case)

    def to_keras_layer(
        self,
        word_index: Any,
        trainable: 'bool | Literal["misses"]' = False,
        *,
        mask_zero: bool = False,
        oov: "OovRule | None" = None,
        case: "Case" = "fallback",
        padding: str | None = None,
        specials: Collection[str] = (),
        num_words: int | None = None,
        index_offset: int = 0,
        input_dim: int | None = None,
        dtype: Any = None,
        name: str | None = None,
        keras: ModuleType | None = None,
        **layer_kwargs: Any,
    ) -> "keras_module.layers.Layer":
        """Return a Keras embedding layer that starts from these vectors.

        Parameters
        ----------
        word_index : mapping, sequence, layer or tokenizer
            The vocabulary: a mapping of words to indices, 0 or more; a list of words,
            whose positions are the indices; a ``TextVectorization`` or
            ``StringLookup`` layer; a Keras ``Tokenizer``; a KerasHub, Hugging Face,
            torchtext or scikit-learn object with a vocabulary.
        trainable : bool or "misses"
            Whether training changes the vectors. With ``"misses"``, it changes only
            the rows of words without a vector and of special tokens; words with a
            vector keep it, and padding stays zero.
        mask_zero : bool
            Whether index 0 is padding, which later layers skip. It is an error if index
            0 of `word_index` is a word or the token for unknown words.
        oov : str or callable, optional
            Vector for out-of-vocabulary words, and for special tokens such as the one
            for unknown words: ``"zeros"``; ``"subword"``, the mean of the word's
            n-grams, in releases that have them, and there the default; ``"mean"``, the
            mean of all vectors; ``"unk"``, the row ``<unk>`` of releases that have one;
            ``"parts"``, for a phrase such as "new_york" or "new york", the mean of
            those of its words that have a vector, and else zeros; ``"normal"`` or
            ``"normal:SEED"``, drawn from a normal distribution with the release's mean
            and standard deviation in each dimension, the same for a word in any
            vocabulary; ``"error"``; or a function from a word to a vector. Padding is
            always zeros.
        case : {"fallback", "exact"}
            With ``"fallback"``, a word without a vector gets that of its lower case,
            title case or upper case, whichever exists first.
        padding : str, optional
            The vocabulary's own token for padding, whose row is zeros, such as
            ``"xxpad"``. Common ones are known: "", ``<pad>``, ``[PAD]``, ...
        specials : collection of str
            Other tokens of the vocabulary that are not words, such as ``"xxbos"``: they
            are not looked up. Common ones are known: ``[UNK]``, ``<s>``, ...
        num_words : int, optional
            Leave out words whose index is this or more; by default, a Tokenizer's own
            ``num_words``.
        index_offset : int
            Added to each index: 3 for ``keras.datasets.imdb.get_word_index()``, whose
            data are shifted by 3.
        input_dim : int, optional
            Number of rows, if more than the vocabulary needs.
        dtype : str or keras.DTypePolicy, optional
            Data type of the layer; by default, that of Keras.
        name : str, optional
            Name of the layer.
        keras : module, optional
            The Keras package to use: ``tf_keras`` for Keras 2 models. By default, the
            one that ``tf.keras`` stands for, which is ``tf_keras`` if
            TF_USE_LEGACY_KERAS=1.
        **layer_kwargs
            Other arguments of ``keras.layers.Embedding``, such as
            ``embeddings_regularizer``.

        Returns
        -------
        keras.layers.Embedding, or keras.Model if `trainable` is ``"misses"``
            A stock layer, already built, with ``max(index) + 1`` rows. Row i is the
            vector of the word with index i; unused rows are zeros. A saved model loads
            without this package. With ``"misses"``, a model made of stock layers, from
            indices of shape (n_texts, n_words) to vectors: its layer ``"known"`` has
            the vectors, and its layer ``"learned"`` is trained. Index 0 is padding
            unless it has a token; other indices without a token are trained as well.

        Raises
        ------
        VocabularyError
            The vocabulary is invalid; the message explains what to change.
        UnknownWordError
            ``oov="error"`` and words have no vector; or the release has no row
            ``<unk>`` for ``oov="unk"``, or no n-grams for ``oov="subword"``.
        TypeError
            ``output_dim``, ``embeddings_initializer`` or ``weights`` was given; the
            vocabulary and the vectors determine these.
        ModuleNotFoundError
            Keras is not installed.

        Warns
        -----
        UserWarning
            None of the words has a vector, or many look like pieces of words.

        Notes
        -----
        As with every stock layer, ``from_config`` and ``clone_model`` return a layer of
        the same shape with random weights: copy the vectors with ``set_weights``. With
        a distribution strategy, create the layer inside ``strategy.scope()``.

        Examples
        --------
        >>> import glove_registry
        >>> vectors = glove_registry.load("glove.6B.50d-first10k")
        >>> layer = vectors.to_keras_layer({"a": 1, "good": 2, "film": 3})
        >>> layer.input_dim, layer.output_dim, layer.trainable
        (4, 50, False)
        """
        from .frameworks.keras import make_layer, make_partly_trained_layer
        from .lookup.matrix import EmbeddingOptions, plan_embedding

        options = EmbeddingOptions(
            mask_zero=mask_zero,
            oov=oov,
            case=case,
            padding=padding,
            specials=specials,
            num_words=num_words,
            index_offset=index_offset,
            input_dim=input_dim,
        )
        plan = plan_embedding(self, word_index, options)
        layer_kwargs |= {"mask_zero": mask_zero, "dtype": dtype, "name": name}
        if trainable == "misses":
            return make_partly_trained_layer(plan, keras, **layer_kwargs)
        return make_layer(plan, keras, trainable=trainable, **layer_kwargs)

    def to_torch(
        self,
        vocabulary: Any = None,
        trainable: bool = False,
        *,
        oov: "OovRule | None" = None,
        case: "Case" = "fallback",
        padding: str | None = None,
        specials: Collection[str] = (),
        num_words: int | None = None,
        index_offset: int = 0,
        input_dim: int | None = None,
        dtype: Any = None,
    ) -> "torch.nn.Embedding":
        """Return an embedding layer of Torch that starts from these vectors.

        Parameters
        ----------
        vocabulary : mapping, sequence, layer or tokenizer, optional
            As for `to_keras_layer`; by default all tokens of the release, whose indices
            are their rows, as `rows` returns them.
        trainable : bool
            Whether training changes the vectors.
        oov, case, padding, specials, num_words, index_offset, input_dim
            As for `to_keras_layer`.
        dtype : torch.dtype or str, optional
            A floating-point type; by default float32.

        Returns
        -------
        torch.nn.Embedding
            A stock layer on the CPU. Its weights are a copy, so that training changes
            neither the file nor what `lookup` returns. Its ``padding_idx``, a row that
            is not trained, is the vocabulary's index of padding, or 0 if no word has
            that index.

        Raises
        ------
        VocabularyError, UnknownWordError
            As for `to_keras_layer`.
        TypeError
            `dtype` is not a floating-point type, or `trainable` is not a bool.
        ModuleNotFoundError
            Torch is not installed.

        Examples
        --------
        >>> import glove_registry
        >>> import torch
        >>> vectors = glove_registry.load("glove.6B.50d-first10k")
        >>> layer = vectors.to_torch({"<pad>": 0, "good": 1, "film": 2})
        >>> layer(torch.tensor([[1, 2, 0]])).shape
        torch.Size([1, 3, 50])
        """
        from .frameworks.torch_layer import make_torch_layer
        from .lookup.matrix import EmbeddingOptions

        options = EmbeddingOptions(
            oov=oov,
            case=case,
            padding=padding,
            specials=specials,
            num_words=num_words,
            index_offset=index_offset,
            input_dim=input_dim,
        )
        return make_torch_layer(
            self, vocabulary, options, trainable=trainable, dtype=dtype
        )

    def to_text_layer(
        self,
        vocabulary: Any = None,
        pooling: "Pooling" = "mean",
        *,
        tokenizer: "Tokenizer | None" = None,
        padding: str | None = None,
        specials: Collection[str] = (),
        trainable: bool = False,
        dtype: Any = None,
        name: str | None = None,
        keras: "ModuleType | None" = None,
    ) -> "keras_module.Model":
        """Return a layer that turns each raw text into one vector.

        Parameters
        ----------
        vocabulary : mapping, sequence, layer, tokenizer or Counter, optional
            The words to use, as for `to_keras_layer`; by default all tokens of the
            release. A ``TextVectorization`` also splits the texts. With any other
            vocabulary, a word of a text is used if its vector is that of a word in the
            vocabulary.
        pooling : {"mean", "sum", "sqrtn", "max"}
            How the vectors of a text's words become one: their mean, their sum, their
            sum divided by the square root of their number, or their maximum.
        tokenizer : {"ptb", "lower-ptb", "words", "whitespace"}, optional
            How texts become words; by default as `tokenize`. With ``"whitespace"``, the
            layer takes texts whose tokens are separated by spaces.
        padding, specials
            As for `to_keras_layer`: these tokens of the vocabulary are not words.
        trainable : bool
            Whether training changes the vectors.
        dtype : str or keras.DTypePolicy, optional
            Data type of the layer; by default, that of Keras.
        name : str, optional
            Name of the layer.
        keras : module, optional
            ``keras``, or ``tf_keras`` for models of Keras 2; by default, whichever
            ``tf.keras`` is.

        Returns
        -------
        keras.Model
            From strings of shape (n_texts,) or (n_texts, 1) to floats of shape
            (n_texts, dimension). It consists of stock layers, and a saved model loads
            without this package.

        Raises
        ------
        VocabularyError
            The vocabulary is invalid; the message explains what to change.
        ValueError
            There is no such pooling or tokenizer; or the tokenizer is ``"tweets"``,
            which needs `tokenize_tensor`.
        RuntimeError
            The backend of Keras is not TensorFlow.

        Warns
        -----
        UserWarning
            Many words look like pieces of words, or some cannot occur in a text; or the
            release has n-grams, of which no layer composes vectors.

        Notes
        -----
        Words without a vector are skipped, neither summed nor counted; a text that has
        no other words becomes zeros. To train the vectors, pass a vocabulary to limit
        their number: an optimizer such as Adam updates all of them at every step.

        Unless `vocabulary` is a ``TextVectorization``, the result equals that of
        `embed`: words are those of `tokenize`, looked up as by `lookup`, as they are,
        then in lower, title and upper case. With a `vocabulary`, a word counts if its
        vector is that of a word in the vocabulary, whatever the case of either.

        Examples
        --------
        >>> import glove_registry
        >>> vectors = glove_registry.load("glove.6B.50d-first10k")
        >>> layer = vectors.to_text_layer(["good", "film"])
        >>> layer.output_shape
        (None, 50)
        """
        from .frameworks.keras import make_text_layer
        from .lookup.vocabulary import VocabularyOptions

        return make_text_layer(
            self,
            vocabulary,
            pooling,
            tokenizer=tokenizer,
            options=VocabularyOptions(padding=padding, specials=specials),
            trainable=trainable,
            dtype=dtype,
            name=name,
            keras=keras,
        )

    def export_saved_model(
        self,
        path: str | PathLike[str],
        vocabulary: Any = None,
        pooling: "Pooling" = "mean",
        *,
        tokenizer: "Tokenizer | None" = None,
        padding: str | None = None,
        specials: Collection[str] = (),
    ) -> Path:
        """Write the layer of `to_text_layer` as a SavedModel, as on TensorFlow Hub.

        Parameters
        ----------
        path : str or path-like
            Folder to create; it must not exist.
        vocabulary, pooling, tokenizer, padding, specials
            As for `to_text_layer`.

        Returns
        -------
        Path
            The folder.

        Raises
        ------
        OutputError
            `path` exists.
        VocabularyError, ValueError, RuntimeError
            As for `to_text_layer`.

        Notes
        -----
        Loading it needs only TensorFlow: ``tf.saved_model.load(path)`` returns a
        function that takes strings of shape (n_texts,) and returns float32 of shape
        (n_texts, dimension); it has ``trainable_variables``. In a Keras model, use
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
        from .lookup.vocabulary import VocabularyOptions

        options = VocabularyOptions(padding=padding, specials=specials)
        return export_text_model(
            self, path, vocabulary, pooling, tokenizer=tokenizer, options=options
        )

    def tokenize_tensor(self, texts: "tf.Tensor") -> "tf.Tensor":
        """Return texts with spaces between their tokens, in a ``tf.data`` pipeline.

        Parameters
        ----------
        texts : tensor of any shape, string
            In UTF-8; other bytes become U+FFFD.

        Returns
        -------
        tensor of the same shape, string
            The tokens of `tokenize`, joined.

        Raises
        ------
        ValueError, TypeError
            `texts` is not a tensor of strings, as TensorFlow's error says.

        Notes
        -----
        For a text layer with ``tokenizer="whitespace"``, and for Keras on other
        backends. It calls Python, so it cannot be part of a saved model.

        Examples
        --------
        >>> import glove_registry
        >>> import tensorflow as tf
        >>> vectors = glove_registry.load("glove.6B.50d-first10k")
        >>> texts = tf.data.Dataset.from_tensor_slices(["Don't!", "A film"])
        >>> [*texts.map(vectors.tokenize_tensor).as_numpy_iterator()]
        [b"do n't !", b'a film']
        """
        from .frameworks.tf_data import tokenize_tensor

        return tokenize_tensor(self.tokenize, texts)

    def to_tf_dataset(
        self, batch_size: int = 1024, shuffle: bool = False, *, seed: int | None = None
    ) -> "tf.data.Dataset":
        """Return all words and vectors as a ``tf.data.Dataset`` that reads from disk.

        Parameters
        ----------
        batch_size : int
            Rows in an element; the last one may have fewer.
        shuffle : bool
            Whether each epoch has the rows in a new order instead of that of the file.
        seed : int, optional
            Makes the shuffled orders the same in every run.

        Returns
        -------
        tf.data.Dataset
            Of dicts: ``"index"`` of shape (batch,), int64, the rows in the file;
            ``"word"`` of shape (batch,), string, the file's bytes; ``"vector"`` of
            shape (batch, dimension), float32.

        Raises
        ------
        ValueError
            `batch_size` is not a positive int, `shuffle` is not a bool, or `seed` is
            not an int.

        Notes
        -----
        Batches are read on demand by a Python function of this process, so the dataset
        cannot be moved to another process, such as a tf.data service.

        Examples
        --------
        >>> import glove_registry
        >>> vectors = glove_registry.load("glove.6B.50d-first10k")
        >>> len(vectors.to_tf_dataset(batch_size=512))
        20
        """
        from .frameworks.tf_data import make_dataset

        return make_dataset(self, batch_size, shuffle, seed)

    @_explain_arguments
    def export(
        self,
        path: str | PathLike[str],
        to: str | None = None,
        words: Iterable[str] | None = None,
        dtype: str | None = None,
    ) -> Path:
        r"""Write words and vectors to a file for other libraries.

        Parameters
        ----------
        path : str or path-like
            File to create, or folder for ``"projector"``; it must not exist.
        to : str, optional
            ``"word2vec"`` or ``"word2vec-binary"``, for gensim; ``"npz"``, for numpy;
            ``"safetensors"``, for torch; ``"parquet"``, for pandas; ``"projector"``, a
            log folder for TensorBoard. By default, that of the path's ending: ``.vec``
            (word2vec), ``.npz``, ``.safetensors`` or ``.parquet``.
        words : iterable of str, optional
            Write these words alone, as `subset` returns them; by default, all rows.
        dtype : {"float32", "float16"}, optional
            Type of the numbers in npz, safetensors and parquet; by default float32.

        Returns
        -------
        Path
            `path`.

        Raises
        ------
        ValueError
            There is no such format, or the ending of `path` stands for none; or the
            format cannot hold numbers of that type, or a number is too large for it.
        UnknownWordError
            `words` is not an iterable of str.
        OutputError
            `path` exists or cannot be written; or a token contains a space, which the
            word2vec formats cannot hold. A partial file is removed.

        Warns
        -----
        UserWarning
            The release has n-grams, which these formats cannot hold, and no `words` are
            given, whose vectors would be composed of them.

        Notes
        -----
        Rows are written exactly, in the order of the file; in the word2vec formats, a
        token that occurs twice is written once, with its first row.

        In npz and safetensors, ``words`` holds the bytes of all tokens, separated by
        line feeds: ``words.tobytes().decode("utf-8").split("\n")``.

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

        written = self if words is None else self.subset(words)
        return export(written, path, to, dtype)

    @_explain_arguments
    def evaluate(
        self,
        benchmark: str | Iterable[str] | None = None,
        *,
        restrict: int | None = None,
        case: "EvaluationCase | None" = None,
        oov: "UnknownRule | None" = None,
        rule: "Rule" = "3CosAdd",
        registry: "Registry | str | PathLike[str] | None" = None,
        cache_dir: str | PathLike[str] | None = None,
        offline: bool | None = None,
        progress: bool | None = None,
    ) -> "Evaluation":
        """Return how well these vectors do on benchmarks, beside published scores.

        A benchmark is fetched and verified on first use, and kept in the cache. Scores
        can be compared only if the protocol is the same, which the arguments below set
        and the result states. By default it is that of the papers.

        Parameters
        ----------
        benchmark : str or iterable of str, optional
            ``"google-analogies"``, ``"wordsim-353"``, ``"simlex-999"``, ``"weat"``, or
            one of your own registry; by default all that the registry has.
        restrict : int, optional
            Use only the first, most frequent words, both in questions and as answers.
        case : {"fallback", "exact", "lower"}, optional
            How words are looked up: as written or else in another case, as in `lookup`;
            only as written; or in lower case. By default as the benchmark's entry says:
            ``"exact"`` for both sets of pairs, else ``"fallback"``.
        oov : {"skip", "zeros", "mean"}, optional
            What becomes of words without a row, also where n-grams would compose their
            vectors: their questions are skipped, or they get a vector of zeros, or the
            mean of all vectors. By default as the entry says: ``"mean"`` for both sets
            of pairs, else ``"skip"``. An analogy whose answer has no row is skipped or
            wrong.
        rule : {"3CosAdd", "3CosMul"}
            How analogies are answered.
        registry, cache_dir, offline, progress
            As for :func:`glove_registry.load`.

        Returns
        -------
        Evaluation
            A table to print, with the number of questions that were answered;
            ``evaluation["simlex-999"].total.value`` is a score.

        Raises
        ------
        UnknownBenchmarkError
            The registry has no such benchmark; the message suggests similar ones.
        FetchError, ChecksumError, OfflineError
            A benchmark's file cannot be fetched, or is not the expected one.
        BenchmarkError
            Its file is malformed, and the message gives the line; or none of its
            questions can be answered.
        ValueError
            An argument is invalid.

        See Also
        --------
        glove_registry.analysis.evaluate : Several sets of vectors, side by side.
        glove_registry.analysis.measure_association : One association test, with its
            p-value.

        Notes
        -----
        Scores are the share of correct answers; Spearman's rank correlation of cosines
        with human judgements; and, for association tests, the effect size of Caliskan
        et al. (2017), https://doi.org/10.1126/science.aal4230. Analogies are answered
        by the rules of Levy and Goldberg (2014), https://aclanthology.org/W14-1618/,
        which leave out the words of the question.

        Examples
        --------
        >>> import glove_registry
        >>> vectors = glove_registry.load("glove.6B.50d")  # doctest: +SKIP
        >>> evaluation = vectors.evaluate("simlex-999")  # doctest: +SKIP
        >>> round(evaluation["simlex-999"].total.value, 4)  # doctest: +SKIP
        0.2646
        """
        from .analysis import evaluate

        return evaluate(
            self,
            benchmark,
            restrict=restrict,
            case=case,
            oov=oov,
            rule=rule,
            registry=registry,
            cache_dir=cache_dir,
            offline=offline,
            progress=progress,
        )

    def plot(
        self,
        words: Iterable[str],
        path: str | PathLike[str] | None = None,
        method: "Method" = "pca",
        *,
        case: "Case" = "fallback",
    ) -> "Figure":
        """Plot words as points, near to each other if their vectors are similar.

        Parameters
        ----------
        words : iterable of str
        path : str or path-like, optional
            File to save the figure to; its extension decides the format.
        method : {"pca"}
            As for `glove_registry.analysis.project`, which returns the numbers.
        case : {"fallback", "exact"}
            As for `to_keras_layer`.

        Returns
        -------
        matplotlib.figure.Figure
            Its only axes are ``figure.axes[0]``. Labels do not overlap; one for which
            there is no room is left out.

        Raises
        ------
        UnknownWordError
            A word has no vector.
        ImportError
            matplotlib is not installed.
        OutputError
            The file cannot be written, or its format is unknown.

        Examples
        --------
        >>> import glove_registry
        >>> vectors = glove_registry.load("glove.6B.50d-first10k")
        >>> figure = vectors.plot(["france", "spain", "film", "book"])
        >>> len(figure.axes)
        1
        """
        from .analysis.chart import draw
        from .figures import save_figure

        figure = draw(self, words, method, case=case)
        if path is not None:
            save_figure(figure, path)
        return figure

    def explore(
        self,
        *others: "Vectors",
        words: int = 20_000,
        projection: "Projection | None" = None,
    ) -> "Explorer":
        """Return a page that explores words: their neighbours, analogies and a map.

        It is one HTML file that needs no network. It computes in the browser which
        words are nearest to a word, how similar two are, and what completes an analogy,
        among the words it holds.

        Parameters
        ----------
        *others : Vectors
            More releases, to show side by side.
        words : int
            The page holds at most this many words of each release: the first, most
            frequent ones.
        projection : {"pca", "umap"}, optional
            How the words are placed on the map: by principal component analysis, or by
            UMAP, which keeps neighbours together and takes about a minute for 20,000
            words, not seconds. By default UMAP if ``umap-learn`` is installed, and PCA
            otherwise; the page says which. Fewer than 32 words have PCA.

        Returns
        -------
        Explorer
            `Explorer.save` writes the page. A notebook shows it below the cell.

        Raises
        ------
        ValueError
            `words` is not a positive int; there is no such projection; a release has
            n-grams and no words; or `others` are not vectors.
        ImportError
            ``projection="umap"``, and ``umap-learn`` is not installed.

        Notes
        -----
        The vectors' numbers are rounded to 8 bits, as by ``load(dtype="int8")``, so
        that neighbours whose scores are close to each other can be in another order
        than by `most_similar` with ``restrict=words``. The page states how much scores
        differ, measured on its own words. Analogies are answered by 3CosAdd.

        UMAP is described by McInnes, Healy and Melville (2018),
        https://arxiv.org/abs/1802.03426.

        Examples
        --------
        >>> import glove_registry
        >>> vectors = glove_registry.load("glove.6B.50d-first10k")
        >>> vectors.explore(words=500, projection="pca")
        <Explorer glove.6B.50d-first10k, 500 words>
        """
        from .explorer import explore

        return explore([self, *others], words, projection)
