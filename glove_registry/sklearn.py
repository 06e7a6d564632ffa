"""Texts to vectors in scikit-learn: `TextEmbedder`, a transformer."""

from collections.abc import Iterable, Iterator
from os import PathLike
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

try:
    from sklearn.base import (
        BaseEstimator,
        ClassNamePrefixFeaturesOutMixin,
        TransformerMixin,
        clone,
    )
    from sklearn.utils.validation import check_is_fitted
except ImportError as error:
    raise ImportError(
        "glove_registry.TextEmbedder needs scikit-learn 1.6 or later: "
        "pip install 'glove_registry[sklearn]'"
    ) from error

from .lookup.case import Case
from .messages.printable import quote
from .pipeline import load
from .registries import Registry
from .store.numbers import NumberType
from .text.component import find_component, remove_component
from .text.embed import sum_up_texts
from .text.frequencies import find_inverse_frequencies
from .text.pooling import Pooling
from .text.texts import check_container, read_texts
from .text.weights import Weights, check_vectorizer
from .vectors import Vectors

__all__ = ["TextEmbedder"]

# Parameters that are arguments of `load`, and their defaults.
_LOAD_OPTIONS: dict[str, Any] = {
    "sha256": None,
    "registry": None,
    "cache_dir": None,
    "offline": None,
    "progress": None,
    "trust_on_first_use": False,
    "dtype": "float32",
}


class TextEmbedder(
    ClassNamePrefixFeaturesOutMixin,  # type: ignore[misc]  # it may be missing
    TransformerMixin,  # type: ignore[misc]
    BaseEstimator,  # type: ignore[misc]
):
    """Turn each text into one vector, as a transformer of scikit-learn.

    It does what :meth:`glove_registry.Vectors.embed` does, with weights that are
    learned from the training texts.

    Parameters
    ----------
    name : str or Vectors
        The name of a variant, which `fit` loads; or vectors, such as those of
        :func:`glove_registry.open_file`.
    pooling : {"mean", "sum", "sqrtn", "max"}
        As for `Vectors.embed`.
    weights : "tfidf", "sif", mapping or TfidfVectorizer, optional
        How much each word counts. ``"tfidf"``: the inverse document frequency of the
        word in the training texts; words that are in none of them weigh most.
        ``"sif"``: as for `Vectors.embed`, with the first principal component of the
        training texts. A ``TfidfVectorizer`` is cloned, and fitted with the training
        texts. A mapping is as for `Vectors.embed`.
    case : {"fallback", "exact"}
        As for `Vectors.embed`.
    sha256, registry, cache_dir, offline, progress, trust_on_first_use, dtype
        As for :func:`glove_registry.load`. They cannot be used with vectors, which are
        already loaded.

    Attributes
    ----------
    vectors_ : Vectors
        Loaded again, by name, in a process that has unpickled the transformer.
    sha256_ : str or None
        Of the text that the vectors come from. After unpickling, others are refused.
    weights_ : mapping of str to float, TfidfVectorizer, "sif" or None
        What the vectors of words are multiplied by.
    component_ : ndarray of shape (dimension,), float64, or None
        The direction that is removed from all texts with ``weights="sif"``.

    Notes
    -----
    A pickle has the parameters and what `fit` has learned, but not vectors that were
    loaded by name. Vectors that were passed are pickled as they are by themselves.

    Examples
    --------
    >>> from sklearn.linear_model import LogisticRegression
    >>> from sklearn.pipeline import make_pipeline
    >>> import glove_registry
    >>> embedder = glove_registry.TextEmbedder("glove.6B.50d-first10k")
    >>> model = make_pipeline(embedder, LogisticRegression())
    >>> texts = ["a film", "a new album", "football", "the match was won"]
    >>> model = model.fit(texts, ["arts", "arts", "sports", "sports"])
    >>> model.predict(["an opera singer", "a goal by the striker"]).tolist()
    ['arts', 'sports']
    """

    def __init__(
        self,
        name: str | Vectors,
        *,
        pooling: Pooling = "mean",
        weights: Weights = None,
        case: Case = "fallback",
        sha256: str | None = None,
        registry: Registry | str | PathLike[str] | None = None,
        cache_dir: str | PathLike[str] | None = None,
        offline: bool | None = None,
        progress: bool | None = None,
        trust_on_first_use: bool = False,
        dtype: NumberType = "float32",
    ) -> None:
        self.name = name
        self.pooling = pooling
        self.weights = weights
        self.case = case
        self.sha256 = sha256
        self.registry = registry
        self.cache_dir = cache_dir
        self.offline = offline
        self.progress = progress
        self.trust_on_first_use = trust_on_first_use
        self.dtype = dtype

    def fit(self, X: Iterable[Any], y: Any = None) -> Self:  # noqa: N803
        """Load the vectors, and learn weights from texts.

        Parameters
        ----------
        X : iterable of str, or iterable of iterables of str
            As for `Vectors.embed`.
        y : None
            Ignored.

        Returns
        -------
        TextEmbedder
            This object.

        Raises
        ------
        UnknownVariantError, FetchError, ...
            As by :func:`glove_registry.load`.
        TextError, TypeError, ValueError
            As by `Vectors.embed`.
        """
        check_container(X)
        try:
            self._fit(X)
        except BaseException:
            # Nothing is left of half a fit, nor of one before.
            for name in ("sha256_", "weights_", "component_"):
                self.__dict__.pop(name, None)
            raise
        return self

    def _fit(self, texts: Iterable[Any]) -> None:
        self._vectors = self._open()
        self.sha256_ = self._vectors.provenance["sha256"]
        self.weights_: Any = self._learn_weights(texts)
        # So that wrong options are an error here, not only when texts are transformed.
        self._sum_up([])
        self.component_: Any = None
        if isinstance(self.weights, str) and self.weights == "sif":
            self.component_ = find_component(self._sum_up(texts))

    def fit_transform(
        self,
        X: Iterable[Any],  # noqa: N803
        y: Any = None,
    ) -> NDArray[np.float32]:
        """Learn weights from texts, and return their vectors.

        Parameters
        ----------
        X, y
            As for `fit`.

        Returns
        -------
        ndarray of shape (n_texts, dimension), float32
        """
        # They are read more than once.
        texts = [*X] if isinstance(X, Iterator) else X
        return self.fit(texts, y).transform(texts)

    def transform(self, X: Iterable[Any]) -> NDArray[np.float32]:  # noqa: N803
        """Return one vector for each text.

        Parameters
        ----------
        X : iterable of str, or iterable of iterables of str
            As for `Vectors.embed`.

        Returns
        -------
        ndarray of shape (n_texts, dimension), float32
            Zeros for a text of which no word has a vector.

        Raises
        ------
        sklearn.exceptions.NotFittedError
            `fit` has not been called.
        TextError
            As by `Vectors.embed`.
        """
        check_is_fitted(self)
        embedded = self._sum_up(X)
        if self.component_ is not None:
            remove_component(embedded, self.component_)
        return embedded

    @property
    def vectors_(self) -> Vectors:
        """The vectors that texts are embedded with."""
        check_is_fitted(self)
        if not hasattr(self, "_vectors"):
            self._vectors = self._open(sha256=self.sha256_)
        return self._vectors

    def _open(self, **options: Any) -> Vectors:
        given = {key: getattr(self, key) for key in _LOAD_OPTIONS}
        if not isinstance(self.name, Vectors):
            return load(self.name, **{**given, **options})
        changed = [key for key, usual in _LOAD_OPTIONS.items() if given[key] != usual]
        if changed:
            raise TypeError(
                f"{', '.join(changed)}: cannot be used with Vectors, which are already "
                "loaded; pass the name of a variant instead"
            )
        return self.name

    def _learn_weights(self, texts: Iterable[Any]) -> Weights:
        if isinstance(self.weights, str) and self.weights not in ("tfidf", "sif"):
            raise ValueError(
                f"weights={quote(self.weights)}: expected 'tfidf', 'sif', a mapping of "
                "words to numbers, or a TfidfVectorizer"
            )
        if isinstance(self.weights, str) and self.weights == "tfidf":
            words = read_texts(self.vectors_, texts)
            return find_inverse_frequencies(self.vectors_, words, self.case)
        if hasattr(self.weights, "fit") and not isinstance(self.weights, type):
            check_vectorizer(self.weights)
            return clone(self.weights).fit(texts)
        return self.weights

    def _sum_up(self, texts: Iterable[Any]) -> NDArray[np.float32]:
        return sum_up_texts(
            self.vectors_, texts, self.pooling, self.weights_, case=self.case
        )

    @property
    def _n_features_out(self) -> int:
        return self.vectors_.dimension

    def __getstate__(self) -> dict[str, Any]:
        state = super().__getstate__()
        return {key: value for key, value in state.items() if key != "_vectors"}

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.string = True
        tags.input_tags.two_d_array = False
        tags.transformer_tags.preserves_dtype = []
        return tags
