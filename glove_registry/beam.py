"""Texts to vectors on Apache Beam, for texts that one machine is not enough for.

    texts | EmbedTexts("glove.6B.100d")      a vector for each text
    texts | EmbedTokens("glove.6B.100d")     a vector for each token of each text

A transform maps its store once in each process of a job, whatever runner that is of.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from functools import partial
from inspect import signature
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import DTypeLike, NDArray

try:
    import apache_beam
except ImportError as error:
    raise ImportError(
        "glove_registry.beam takes Apache Beam: pip install 'glove_registry[beam]'"
    ) from error
from apache_beam.typehints import KV
from apache_beam.utils.shared import Shared

from .errors import UnknownWordError
from .frameworks.keras import Pooling, check_pooling
from .lookup.case import Case, check_case, match_words
from .lookup.matrix import find_dtype, look_up
from .lookup.oov import OovRule, check_oov
from .lookup.rows import Rows, list_words
from .pipeline import check_sha256, load
from .registry import Registry
from .text.splitting import split_text
from .vectors import Vectors

__all__ = ["EmbedTexts", "EmbedTokens", "OnVectors", "split_text", "spread"]

Tokenize: TypeAlias = Callable[[str], Iterable[str]]

# Of the transforms, beside those of `load`.
_ARGUMENTS = ("pooling", "tokenize", "oov", "case", "dtype")


class OnVectors(apache_beam.DoFn):  # type: ignore[misc]  # it may be missing
    """A function of vectors and an element, whose vectors each process opens once.

    Parameters
    ----------
    vectors : str or Vectors
        A name is loaded where the function runs, into that machine's cache, from the
        registry as it is here. `Vectors` are mapped from the path they have here.
    function : callable
        From vectors and an element to an iterable of results.
    **load_options
        Arguments of :func:`glove_registry.load`.

    Raises
    ------
    UnknownVariantError, RegistryError
        The registry has no such name, or has faults.
    TypeError
        `load_options` are given with `Vectors`, or `load` has no such argument.
    ChecksumError
        ``sha256`` is none.
    """

    def __init__(
        self,
        vectors: str | Vectors,
        function: Callable[[Vectors, Any], Iterable[Any]],
        **load_options: Any,
    ) -> None:
        if isinstance(vectors, Vectors):
            if load_options:
                raise TypeError(
                    f"{', '.join(load_options)}: these are loaded already; give the "
                    "name of a variant"
                )
            # How they would be pickled, so that they are opened when they are used.
            reopen, path = vectors.__reduce__()
            self._open = partial(reopen, *path)
        else:
            # The files themselves travel, as a worker may have no such path; and what
            # is wrong with a name is said before a job starts.
            registry = Registry.over_default(load_options.pop("registry", None))
            registry.find(vectors)
            _check_options(load_options)
            self._open = partial(load, vectors, registry=registry, **load_options)
        self._function = function
        self._shared = Shared()

    def setup(self) -> None:
        """Open the vectors, unless another thread of this process has them."""
        self._opened: Vectors = self._shared.acquire(self._open)

    def process(self, element: Any) -> Iterable[Any]:
        """Give the results for an element."""
        return self._function(self._opened, element)


def _check_options(load_options: dict[str, Any]) -> None:
    """See that `load` will take its arguments, which it gets on a worker."""
    known = signature(load).parameters.keys() - {"name"}
    for key in load_options:
        if key not in known:
            near = get_close_matches(key, [*known, *_ARGUMENTS], n=1)
            hint = f"; did you mean {near[0]}?" if near else ""
            raise TypeError(
                f"{key}: neither this nor load() has such an argument{hint}"
            )
    if load_options.get("sha256") is not None:
        check_sha256(load_options["sha256"])


def spread(elements: Iterable[Any], do: apache_beam.DoFn) -> Any:
    """Make the transform that has every element done by whichever worker is free.

    Parameters
    ----------
    elements : iterable
    do : DoFn

    Returns
    -------
    PTransform
        From a pipeline to a PCollection of the results.
    """
    # Create hands its elements out to all workers by itself.
    return apache_beam.Create(elements) | apache_beam.ParDo(do)


class _Embed(apache_beam.PTransform):  # type: ignore[misc]
    """Texts to arrays, with a key or without."""

    def __init__(
        self,
        vectors: str | Vectors,
        embed: Callable[[Rows, Sequence[str]], NDArray[Any]],
        tokenize: Tokenize,
        load_options: dict[str, Any],
    ) -> None:
        super().__init__()
        if not callable(tokenize):
            raise TypeError(
                f"tokenize={tokenize!r}: expected a function from a text to its tokens"
            )
        function = _Function(embed, tokenize)
        self._do = OnVectors(vectors, function, **load_options)

    def expand(self, texts: Any) -> Any:
        """Make the PCollection of vectors, with keys of the type that they had."""
        embed = apache_beam.ParDo(self._do)
        match getattr(texts.element_type, "tuple_types", None):
            case [key, _]:
                embed = embed.with_output_types(KV[key, Any])
        return texts | embed


class EmbedTexts(_Embed):
    """A vector for each text, of those of its words.

    An element is a text, a list of tokens, or a tuple of a key and one of these. Words
    without a vector are left out, neither summed nor counted; a text with no other
    word gives zeros.

    Parameters
    ----------
    vectors : str or Vectors
        The name of a variant, which each machine loads into its cache; or vectors,
        such as those of :func:`glove_registry.open_file`, whose store every worker
        finds at the same path.
    pooling : {"mean", "sum", "sqrtn", "max"}
        As for `Vectors.to_text_layer`; computed in float64.
    tokenize : callable
        From a text to its tokens; `split_text` if not given.
    case : {"fallback", "exact"}
        As for `Vectors.to_keras_layer`.
    **load_options
        Arguments of :func:`glove_registry.load`, such as ``sha256`` and ``registry``.

    Returns
    -------
    PCollection of ndarray of shape (dimension,), float32
        Or of tuples of the key and that.

    Raises
    ------
    UnknownVariantError, RegistryError
        The registry has no such name, or has faults.
    ValueError, TypeError
        There is no such pooling or rule, or an argument is none of `load`.
    UnknownWordError
        In the job: an element is something else.

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
        *,
        tokenize: Tokenize = split_text,
        case: Case = "fallback",
        **load_options: Any,
    ) -> None:
        super().__init__(vectors, _Pool(pooling, case), tokenize, load_options)


class EmbedTokens(_Embed):
    """A vector for each token of each text, in their order.

    An element is a text, a list of tokens, or a tuple of a key and one of these.

    Parameters
    ----------
    vectors, tokenize, **load_options
        As for `EmbedTexts`.
    oov, case
        As for `Vectors.to_keras_layer`.
    dtype : data type
        As for `Vectors.lookup`.

    Returns
    -------
    PCollection of ndarray of shape (n_tokens, dimension), `dtype`
        Or of tuples of the key and that.

    Raises
    ------
    UnknownVariantError, RegistryError
        The registry has no such name, or has faults.
    ValueError, TypeError
        There is no such rule or type of floating-point numbers, or an argument is none
        of `load`.
    UnknownWordError
        In the job: an element is something else; or, with ``oov="error"``, a token
        has no vector.

    Examples
    --------
    >>> import apache_beam as beam
    >>> from glove_registry.beam import EmbedTokens
    >>> with beam.Pipeline() as pipeline:
    ...     texts = pipeline | beam.Create(["A good film.", ["it", "'s", "fun"]])
    ...     embedded = texts | EmbedTokens("glove.6B.50d-first10k", oov="mean")
    ...     _ = embedded | beam.Map(lambda vectors: print(vectors.shape))
    (3, 50)
    (3, 50)
    """

    def __init__(
        self,
        vectors: str | Vectors,
        *,
        tokenize: Tokenize = split_text,
        oov: OovRule = "zeros",
        case: Case = "fallback",
        dtype: DTypeLike = np.float32,
        **load_options: Any,
    ) -> None:
        super().__init__(vectors, _LookUp(oov, case, dtype), tokenize, load_options)


# Classes, not functions within functions: pickled, they are a name and their values.


@dataclass(frozen=True, slots=True)
class _Function:
    """From an element to the one result for it."""

    embed: Callable[[Rows, Sequence[str]], NDArray[Any]]
    tokenize: Tokenize

    def __call__(self, rows: Rows, element: Any) -> Iterable[Any]:
        if isinstance(element, tuple) and len(element) == 2:
            key, text = element
            yield key, self.embed(rows, self._split(text))
        else:
            yield self.embed(rows, self._split(element))

    def _split(self, text: object) -> list[str]:
        if isinstance(text, str):
            return list_words(self.tokenize(text))
        if isinstance(text, list):
            return list_words(text)
        raise UnknownWordError(
            "expected a text (str), a list of tokens, or a tuple of a key and one of "
            f"these; found {type(text).__name__} {text!r:.80}"
        )


@dataclass(frozen=True, slots=True)
class _Pool:
    """One vector of those of all tokens that have one."""

    pooling: Pooling
    case: Case

    def __post_init__(self) -> None:
        check_pooling(self.pooling)
        check_case(self.case)

    def __call__(self, rows: Rows, tokens: Sequence[str]) -> NDArray[np.float32]:
        matches = match_words(rows, tokens, self.case)
        found = matches.rows[matches.found]
        if not len(found):
            return np.zeros(rows.dimension, np.float32)
        vectors = np.asarray(rows.stored[found], np.float64)
        if self.pooling == "max":
            pooled = vectors.max(axis=0)
        else:
            divisors = {"sum": 1.0, "mean": len(found), "sqrtn": len(found) ** 0.5}
            pooled = vectors.sum(axis=0) / divisors[self.pooling]
        return np.asarray(pooled, np.float32)


@dataclass(frozen=True, slots=True)
class _LookUp:
    """A vector for each token."""

    oov: OovRule
    case: Case
    dtype: DTypeLike

    def __post_init__(self) -> None:
        check_oov(self.oov)
        check_case(self.case)
        find_dtype(self.dtype)

    def __call__(self, rows: Rows, tokens: Sequence[str]) -> NDArray[Any]:
        return look_up(rows, tokens, oov=self.oov, case=self.case, dtype=self.dtype)
