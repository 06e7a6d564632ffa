"""Texts to vectors in other processes, on any engine that can call a function.

What is sent to a process is small: which vectors, and how to embed. The process opens
them when it embeds its first text, once for all its threads and calls.
"""

import os
import pickle
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from functools import partial
from inspect import signature
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any, Self
from weakref import WeakValueDictionary

import numpy as np
from numpy.typing import NDArray
from xxhash import xxh3_128

from .cache.places import CACHE_VARIABLE
from .errors import ChecksumError
from .lookup.case import Case, check_case
from .pipeline import load, load_variant, require
from .registries import Registry, check_flags
from .store import Store
from .store.numbers import check_number_type
from .text.pooling import Pooling, check_pooling
from .text.weights import Weights, read_table
from .vectors import Vectors

if TYPE_CHECKING:
    from .registry import Tokenizer, Variant

# What the arguments of `load` stand beside, here and in the transforms of Beam.
_ARGUMENTS = ("pooling", "weights", "tokenize", "oov", "case")

# What this process has opened.
_opened: WeakValueDictionary[tuple[str, str | None], Vectors] = WeakValueDictionary()
# Mapped vectors stay open, as most engines unpickle their function for each task, and
# take little memory of their own. Vectors in memory go with the last of their handles.
_mapped: set[Vectors] = set()
_lock = Lock()


def _renew_lock() -> None:
    global _lock
    _lock = Lock()


if hasattr(os, "register_at_fork"):
    # The thread that holds the lock does not exist in a forked process.
    os.register_at_fork(after_in_child=_renew_lock)


@dataclass(frozen=True)
class Handle:
    """Which vectors, in a form that is small enough to be sent with each task.

    Attributes
    ----------
    name : str
    make : callable
        Opens them, in whichever process it is called.
    sha256 : str or None
        Of the text that they must be from; None if the entry states only that of the
        archive, or if they are of no text.
    key : str
        Equal for equal vectors, however often a process unpickles their handle.
    is_mapped : bool
        Whether they are mapped from a file, and not in memory.
    """

    name: str
    make: Callable[[], Vectors]
    sha256: str | None
    key: str
    is_mapped: bool = True

    @classmethod
    def of(cls, vectors: str | Vectors, **load_options: Any) -> Self:
        """Return the handle of vectors, or of a name with arguments of `load`.

        A name is looked up now, so that a wrong one is an error before the job starts.
        It is loaded now only if its entry has no checksum: all workers are then held
        to the text that this machine trusts.

        Raises
        ------
        UnknownVariantError, RegistryError
            The registry has no such name, or is invalid.
        UnverifiableError
            The entry has no checksum.
        TypeError, ValueError
            `load_options` are given with `Vectors`, or are not arguments of `load`.
        ChecksumError
            ``sha256`` is not a checksum, or not that of the entry.
        """
        if not isinstance(vectors, Vectors):
            _check_options(load_options)
            registry = Registry.over_default(
                load_options.pop("registry", None),
                cache_dir=load_options.get("cache_dir"),
                offline=load_options.get("offline"),
            )
            return cls._of_variant(registry.find(vectors), **load_options)
        if load_options:
            raise TypeError(
                f"{', '.join(load_options)}: cannot be used with Vectors, which are "
                "already loaded; pass the name of a variant instead"
            )
        # What unpickling would do, but not before the vectors are used.
        _, (store, tokenizer) = vectors.__reduce__()
        make_store, arguments = store.__reduce__()
        make = partial(_reopen, make_store, arguments, tokenizer)
        known = vectors.name, make, vectors.provenance["sha256"]
        handle = cls._of_call(*known, is_mapped=isinstance(store, Store))
        if not handle.is_mapped:
            # Here, they need not be made again.
            with _lock:
                handle._keep(_opened.setdefault(handle._find_key(), vectors))
        return handle

    @classmethod
    def _of_variant(
        cls,
        variant: "Variant",
        sha256: str | None = None,
        cache_dir: "str | os.PathLike[str] | None" = None,
        **options: Any,
    ) -> Self:
        if cache_dir is not None and not os.fspath(cache_dir).startswith("~"):
            # A relative path is that of this process; ~ is the home of each.
            cache_dir = os.fspath(Path(cache_dir).absolute())
        options["cache_dir"] = cache_dir
        if sha256 is None and variant.anchor is None:
            sha256 = load_variant(variant, **options).provenance["sha256"]
        if sha256 is not None:
            variant = require(variant, sha256)
        sha256 = sha256 or variant.member.sha256
        # With the entry, as another machine may not have the registry's files.
        make = partial(load_variant, variant, sha256=sha256, **options)
        return cls._of_call(variant.reference, make, sha256)

    @classmethod
    def _of_call(
        cls,
        name: str,
        make: Callable[[], Vectors],
        sha256: str | None,
        *,
        is_mapped: bool = True,
    ) -> Self:
        return cls(name, make, sha256, _digest(make), is_mapped)

    def open(self) -> Vectors:
        """Return the vectors, which each process opens once.

        Raises
        ------
        GloveRegistryError
            As by `load`.
        ChecksumError
            They are of another text than those on the machine that made the handle.
        """
        key = self._find_key()
        with _lock:
            vectors = _opened.get(key)
            if vectors is None:
                vectors = _opened[key] = self._open()
            self._keep(vectors)
            return vectors

    def _find_key(self) -> tuple[str, str | None]:
        # GLOVE_REGISTRY_CACHE is read at each call.
        return self.key, os.environ.get(CACHE_VARIABLE) if self.is_mapped else None

    def _keep(self, vectors: Vectors) -> None:
        """Keep vectors open: mapped ones for good, others as long as this lives."""
        if self.is_mapped:
            _mapped.add(vectors)
        else:
            self.__dict__["_vectors"] = vectors

    def __getstate__(self) -> dict[str, Any]:
        return {k: value for k, value in self.__dict__.items() if k != "_vectors"}

    def _open(self) -> Vectors:
        vectors = self.make()
        found = vectors.provenance["sha256"]
        if self.sha256 not in (None, found):
            raise ChecksumError(
                f"{vectors.name} has another text here (sha256 {found}) than where the "
                f"job was started ({self.sha256}): pass the name of a variant, which "
                "each machine loads into its cache, instead of Vectors"
            )
        return vectors


def _digest(make: Callable[[], Vectors]) -> str:
    """Return a digest of a pickle that is never in memory as a whole."""
    digest = xxh3_128()

    class _Sink:
        def write(self, data: Any) -> int:
            digest.update(data)
            return len(data)

    pickle.Pickler(
        _Sink(), 5, buffer_callback=lambda array: digest.update(array.raw())
    ).dump(make)
    return digest.hexdigest()


def _reopen(
    make_store: Callable[..., Any], arguments: tuple[Any, ...], tokenizer: "Tokenizer"
) -> Vectors:
    return Vectors(make_store(*arguments), tokenizer)


def _check_options(load_options: dict[str, Any]) -> None:
    """Check the arguments of `load`, which is only called on a worker."""
    known = signature(load).parameters.keys() - {"name"}
    for key in load_options:
        if key not in known:
            near = get_close_matches(key, {*known, *_ARGUMENTS} - {key}, n=1)
            hint = f"; did you mean {near[0]}?" if near else ""
            raise TypeError(f"{key}: unexpected keyword argument{hint}")
    check_number_type(load_options.get("dtype", "float32"))
    flags = ("offline", "progress", "trust_on_first_use")
    check_flags(**{flag: load_options.get(flag) for flag in flags})


def read_weights(weights: Weights) -> Mapping[str, float] | None:
    """Return weights by which a text's vector does not depend on other texts.

    Raises
    ------
    TypeError, ValueError
        `weights` is something else.
    """
    if isinstance(weights, str):
        raise ValueError(
            f"weights={weights!r}: expected a mapping of words to numbers, or a fitted "
            "TfidfVectorizer; by 'sif', a text's vector depends on all other texts, of "
            "which each process has a part: fit a TextEmbedder, and send that"
        )
    return None if weights is None else read_table(weights)


class Embedder:
    """Turn texts into vectors, in any process that it is sent to.

    Parameters
    ----------
    vectors : str or Vectors
        The name of a variant, which each machine loads into its cache, as this
        machine's registry defines it; or vectors, such as those of
        :func:`glove_registry.open_file`, which are mapped from their path: all
        processes must see the same file system.
    sha256 : str, optional
        Refuse any text with another sha256. By default, the one that the registry's
        entry states; for an entry without any, that of the text on this machine.
    pooling
        As for `Vectors.embed`.
    weights : mapping or TfidfVectorizer, optional
        As for `Vectors.embed`, but not ``"sif"``, by which the vector of a text depends
        on the other texts. They are part of the pickle.
    case
        As for `Vectors.embed`.
    **load_options
        Other arguments of :func:`glove_registry.load`, such as ``registry``,
        ``cache_dir`` and ``offline``. A `cache_dir` is the same path on each machine,
        where ``~`` is the home folder there.

    Raises
    ------
    UnknownVariantError, RegistryError
        The registry has no such name, or is invalid.
    UnverifiableError
        The entry has no checksum.
    ChecksumError
        `sha256` is not a checksum, or not that of the entry.
    ValueError, TypeError
        An argument is invalid.

    Notes
    -----
    A pickled embedder contains the registry's entry and no vectors: a kilobyte or two.
    The process that unpickles it maps the vectors when they are first used, once for
    all embedders, threads and calls. A text gets the same vector in every process, bit
    for bit.

    Examples
    --------
    >>> import glove_registry
    >>> embedder = glove_registry.Embedder("glove.6B.50d-first10k")
    >>> embedder(["A good film.", "Not worth the time!"]).shape
    (2, 50)
    >>> embedder.sha256[:12]
    'f6ff508f0c7e'
    """

    def __init__(
        self,
        vectors: str | Vectors,
        *,
        sha256: str | None = None,
        pooling: Pooling = "mean",
        weights: Weights = None,
        case: Case = "fallback",
        **load_options: Any,
    ) -> None:
        check_pooling(pooling)
        check_case(case)
        if sha256 is not None:
            load_options["sha256"] = sha256
        self.pooling = pooling
        self.weights = read_weights(weights)
        self.case = case
        self._handle = Handle.of(vectors, **load_options)

    @property
    def vectors(self) -> Vectors:
        """The vectors, which each process opens once.

        Raises
        ------
        GloveRegistryError
            As by `load`.
        ChecksumError
            They are of another text than on the machine that made the embedder.
        """
        return self._handle.open()

    @property
    def sha256(self) -> str | None:
        """Checksum of the text that each process must have; None for no file's vectors.

        If the registry's entry states only that of the archive, which decides it, the
        vectors are loaded to find it out.
        """
        return self._handle.sha256 or self.vectors.provenance["sha256"]

    def __call__(self, texts: Iterable[Any]) -> NDArray[np.float32]:
        """Return a vector for each text, as `Vectors.embed` does.

        Parameters
        ----------
        texts : iterable of str, or of lists of words

        Returns
        -------
        ndarray of shape (n_texts, dimension), float32
        """
        return self.vectors.embed(texts, self.pooling, self.weights, case=self.case)

    def __repr__(self) -> str:
        return f"<Embedder {self._handle.name}: {self.pooling}>"
