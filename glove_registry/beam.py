"""Texts to vectors on Apache Beam, for more texts than one machine can handle.

    texts | EmbedTexts("glove.6B.100d")      a vector for each text
    texts | EmbedTokens("glove.6B.100d")     a vector for each token of each text

On any runner, each process of a job maps the vectors once. Texts have the words and
vectors that `Vectors.tokenize` and `Vectors.embed` return.
"""

from collections.abc import Callable, Iterable
from functools import partial
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import DTypeLike, NDArray

try:
    import apache_beam
except ImportError as error:
    raise ImportError(
        "glove_registry.beam needs Apache Beam: pip install 'glove_registry[beam]'"
    ) from error
from apache_beam.typehints import KV

from .embedder import Handle, read_weights
from .errors import UnknownWordError
from .lookup.case import Case, check_case
from .lookup.gather import find_dtype, look_up
from .lookup.oov import OovRule, check_oov
from .lookup.rows import list_words
from .text.pooling import Pooling, check_pooling
from .text.weights import Weights
from .vectors import Vectors

__all__ = ["EmbedTexts", "EmbedTokens", "OnVectors", "spread"]

Tokenize: TypeAlias = Callable[[str], Iterable[str]]
Embed: TypeAlias = Callable[[Vectors, list[str]], NDArray[Any]]


class OnVectors(apache_beam.DoFn):  # type: ignore[misc]  # it may be missing
    """Call a function with vectors and an element; each process opens them once.

    Parameters
    ----------
    vectors : str or Vectors
        The name of a variant is loaded where the function runs, into that machine's
        cache, as this machine's registry defines it. `Vectors` are mapped from their
        path on this machine.
    function : callable
        From vectors and an element to an iterable of results.
    **load_options
        Arguments of :func:`glove_registry.load`.

    Raises
    ------
    UnknownVariantError, RegistryError
        The registry has no such name, or is invalid.
    TypeError
        `load_options` are given with `Vectors`, or are not arguments of `load`.
    ChecksumError
        ``sha256`` is not a checksum.
    """

    def __init__(
        self,
        vectors: str | Vectors,
        function: Callable[[Vectors, Any], Iterable[Any]],
        **load_options: Any,
    ) -> None:
        self._handle = Handle.of(vectors, **load_options)
        self._function = function

    def setup(self) -> None:
        """Open the vectors, unless this process has done so."""
        self._opened = self._handle.open()

    def process(self, element: Any) -> Iterable[Any]:
        """Return the results for an element."""
        return self._function(self._opened, element)


def spread(elements: Iterable[Any], do: apache_beam.DoFn) -> Any:
    """Return the transform that applies a DoFn to elements, on all workers.

    Parameters
    ----------
    elements : iterable
    do : DoFn

    Returns
    -------
    PTransform
        From a pipeline to a PCollection of the results.
    """
    return apache_beam.Create(elements) | apache_beam.ParDo(do)


class _Embed(apache_beam.PTransform):  # type: ignore[misc]
    """Texts to arrays, with or without keys."""

    def __init__(
        self,
        vectors: str | Vectors,
        embed: Embed,
        tokenize: Tokenize | None,
        load_options: dict[str, Any],
    ) -> None:
        super().__init__()
        if tokenize is not None and not callable(tokenize):
            raise TypeError(
                f"tokenize={tokenize!r}: expected a function from a text to its "
                "tokens, or None for the tokenizer of the vectors"
            )
        function = partial(_embed_element, embed=embed, tokenize=tokenize)
        self._do = OnVectors(vectors, function, **load_options)

    def expand(self, texts: Any) -> Any:
        """Return the PCollection of vectors; keys keep their type."""
        embed = apache_beam.ParDo(self._do)
        match getattr(texts.element_type, "tuple_types", None):
            case [key, _]:
                embed = embed.with_output_types(KV[key, Any])
        return texts | embed


def _embed_element(
    vectors: Vectors,
    element: Any,
    embed: Embed,
    tokenize: Tokenize | None,
) -> list[Any]:
    has_key = isinstance(element, tuple) and len(element) == 2
    text = element[1] if has_key else element
    if not isinstance(text, str | list):
        raise UnknownWordError(
            "expected a text (str), a list of tokens, or a tuple of a key and one of "
            f"these; found {type(text).__name__} {text!r:.80}"
        )
    if isinstance(text, str):
        text = (tokenize or vectors.tokenize)(text)
    embedded = embed(vectors, list_words(text))
    return [(element[0], embedded) if has_key else embedded]


def _embed_words(
    vectors: Vectors,
    words: list[str],
    pooling: Pooling,
    weights: Weights,
    case: Case,
) -> NDArray[Any]:
    vector: NDArray[Any] = vectors.embed([words], pooling, weights, case=case)[0]
    return vector


class EmbedTexts(_Embed):
    """Turn each text into a vector, pooled from those of its words.

    An element is a text, a list of tokens, or a tuple of a key and one of these. Words
    without a vector are ignored: they are neither summed nor counted. A text that has
    no other words becomes zeros.

    Parameters
    ----------
    vectors : str or Vectors
        The name of a variant, which each machine loads into its cache; or vectors,
        such as those of :func:`glove_registry.open_file`, whose path must exist on
        every worker.
    pooling : {"mean", "sum", "sqrtn", "max"}
        As for `Vectors.embed`.
    weights : mapping or TfidfVectorizer, optional
        As for `Embedder`.
    tokenize : callable, optional
        Function from a text to its tokens; by default, `Vectors.tokenize`.
    case : {"fallback", "exact"}
        As for `Vectors.to_keras_layer`.
    **load_options
        Arguments of :func:`glove_registry.load`, such as ``sha256`` and ``registry``.

    Returns
    -------
    PCollection of ndarray of shape (dimension,), float32
        For elements with a key, of tuples of the key and such an array.

    Raises
    ------
    UnknownVariantError, RegistryError
        The registry has no such name, or is invalid.
    ValueError, TypeError
        An argument is invalid.
    UnknownWordError
        In the job: an element is of another type.

    Examples
    --------
    >>> import apache_beam as beam
    >>> from glove_registry.beam import EmbedTexts
    >>> with beam.Pipeline() as pipeline:
    ...     texts = pipeline | beam.Create([("a", "A good film."), ("b", "")])
    ...     embedded = texts | EmbedTexts("glove.6B.50d-first10k")
    ...     _ = embedded | beam.MapTuple(lambda key, vector: print(key, vector.shape))
    a (50,)
    b (50,)
    """

    def __init__(
        self,
        vectors: str | Vectors,
        pooling: Pooling = "mean",
        weights: Weights = None,
        *,
        tokenize: Tokenize | None = None,
        case: Case = "fallback",
        **load_options: Any,
    ) -> None:
        check_pooling(pooling)
        check_case(case)
        embed = partial(
            _embed_words, pooling=pooling, weights=read_weights(weights), case=case
        )
        super().__init__(vectors, embed, tokenize, load_options)


class EmbedTokens(_Embed):
    """Turn each text into the vectors of its tokens, in order.

    An element is a text, a list of tokens, or a tuple of a key and one of these.

    Parameters
    ----------
    vectors, tokenize
        As for `EmbedTexts`.
    oov, case
        As for `Vectors.to_keras_layer`.
    dtype : data type
        As for `Vectors.lookup`.
    **load_options
        As for `EmbedTexts`.

    Returns
    -------
    PCollection of ndarray of shape (n_tokens, dimension), `dtype`
        For elements with a key, of tuples of the key and such an array.

    Raises
    ------
    UnknownVariantError, RegistryError, ValueError, TypeError, UnknownWordError
        As for `EmbedTexts`; in the job also if ``oov="error"`` and a token has no
        vector.

    Examples
    --------
    >>> import apache_beam as beam
    >>> from glove_registry.beam import EmbedTokens
    >>> with beam.Pipeline() as pipeline:
    ...     texts = pipeline | beam.Create(["A good film.", ["it", "'s", "fun"]])
    ...     embedded = texts | EmbedTokens("glove.6B.50d-first10k", oov="mean")
    ...     _ = embedded | beam.Map(lambda vectors: print(vectors.shape))
    (4, 50)
    (3, 50)
    """

    def __init__(
        self,
        vectors: str | Vectors,
        *,
        tokenize: Tokenize | None = None,
        oov: OovRule | None = None,
        case: Case = "fallback",
        dtype: DTypeLike = np.float32,
        **load_options: Any,
    ) -> None:
        if oov is not None:
            check_oov(oov)
        check_case(case)
        find_dtype(dtype)
        embed = partial(look_up, oov=oov, case=case, dtype=dtype)
        super().__init__(vectors, embed, tokenize, load_options)
