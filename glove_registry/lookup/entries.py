"""Tokens and indices of every kind of vocabulary: mapping, list, layer, tokenizer."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from os import PathLike
from typing import Any

from ..errors import VocabularyError

Pairs = Iterable[tuple[object, object]]


@dataclass(frozen=True, slots=True)
class Entries:
    """What a vocabulary holds, not checked yet."""

    pairs: Pairs  # tokens and their indices
    size: int = 0  # number of indices that the vocabulary itself claims
    # Tokens that it declares to be padding, or another special token.
    padding: frozenset[str] = frozenset()
    specials: frozenset[str] = frozenset()
    num_words: int | None = None  # its own limit: indices from here on are not used
    counts: Mapping[str, int] | None = None  # how often each word was seen
    # What was probably forgotten if it has no words.
    if_empty: str = "was the tokenizer fitted on any text?"


def find_entries(vocabulary: Any) -> Entries:
    """Return the tokens and indices of a vocabulary of any kind.

    Raises `VocabularyError`, which says what to pass instead, if the kind is not known.
    """
    if isinstance(vocabulary, Counter):
        raise VocabularyError(
            "a Counter holds counts, and each word needs an index: write [word for "
            "word, _ in counter.most_common()]"
        )
    if isinstance(vocabulary, Mapping):
        return Entries(vocabulary.items())
    for attribute, read in _READERS.items():
        if hasattr(vocabulary, attribute):
            return read(vocabulary)
    # numpy's arrays and pandas' Series return their items as plain lists.
    if hasattr(vocabulary, "tolist"):
        vocabulary = vocabulary.tolist()
    if isinstance(vocabulary, Sequence) and not isinstance(vocabulary, str | bytes):
        return Entries(_number(vocabulary), size=len(vocabulary))
    raise VocabularyError(_explain(vocabulary))


def _read_layer(layer: Any) -> Entries:
    """Read a Keras preprocessing layer or a KerasHub tokenizer."""
    config = layer.get_config() if hasattr(layer, "get_config") else {}
    mode = config.get("output_mode", "int")
    if mode != "int":
        raise VocabularyError(
            f"the {type(layer).__name__} has output_mode={mode!r}, and an embedding "
            "takes indices: make it with output_mode='int'"
        )
    tokens = layer.get_vocabulary()
    if isinstance(tokens, Sequence):
        # Keras mixes str with numpy's str_, which is a str as well.
        tokens = [str(token) if isinstance(token, str) else token for token in tokens]
        pairs = _number(tokens)
    else:
        # KerasHub's byte-pair tokenizers return the keys of a dictionary, in any order.
        tokens = list(tokens)
        pairs = [(token, layer.token_to_id(token)) for token in tokens]
    specials = {token for token in _get(layer, "special_tokens", ()) if token}
    try:
        words = layer.get_vocabulary(include_special_tokens=False)
    except TypeError:
        pass
    else:
        # The layers of Keras put all of their special tokens first.
        specials.update(tokens[: len(tokens) - len(words)])
    vocabulary_size = _get(layer, "vocabulary_size", None)
    return Entries(
        pairs,
        size=max(len(tokens), vocabulary_size() if callable(vocabulary_size) else 0),
        padding=_to_set(_get(layer, "mask_token", None)),
        specials=frozenset(specials),
        if_empty=f"was adapt() of the {type(layer).__name__} called?",
    )


def _read_hugging_face(tokenizer: Any) -> Entries:
    """Read a tokenizer of tokenizers or transformers."""
    specials = {*_get(tokenizer, "all_special_tokens", ())}
    if hasattr(tokenizer, "get_added_tokens_decoder"):
        added = tokenizer.get_added_tokens_decoder().values()
        specials |= {token.content for token in added if token.special}
    # The padding token is in `pad_token` (transformers) or `padding` (tokenizers).
    padding = _get(tokenizer, "padding", {})
    return Entries(
        tokenizer.get_vocab().items(),
        padding=_to_set(_get(tokenizer, "pad_token", padding.get("pad_token"))),
        specials=frozenset(specials),
    )


def _read_tokenizer(tokenizer: Any) -> Entries:
    """Read the legacy Tokenizer, whose word_index has all words whatever num_words."""
    return Entries(
        (tokenizer.word_index or {}).items(),
        specials=_to_set(_get(tokenizer, "oov_token", None)),
        num_words=_get(tokenizer, "num_words", None),
        counts=_get(tokenizer, "word_counts", None),
        if_empty="was fit_on_texts() of the Tokenizer called?",
    )


# By an attribute of the object. Keras layers are first, as they may have others, too.
_READERS: dict[str, Callable[[Any], Entries]] = {
    "get_vocabulary": _read_layer,
    "get_vocab": _read_hugging_face,
    "get_stoi": lambda torchtext: Entries(torchtext.get_stoi().items()),
    "word_index": _read_tokenizer,
    "vocabulary_": lambda scikit_learn: Entries(scikit_learn.vocabulary_.items()),
}


def _number(tokens: Sequence[object]) -> Pairs:
    return [(token, index) for index, token in enumerate(tokens)]


def _to_set(token: str | None) -> frozenset[str]:
    return frozenset() if token is None else frozenset({token})


def _get(holder: Any, name: str, default: Any) -> Any:
    value = getattr(holder, name, default)
    return default if value is None else value


def _explain(vocabulary: object) -> str:
    found = type(vocabulary).__name__
    if isinstance(vocabulary, str | bytes):
        return (
            f"expected words with their indices, found one {found} "
            f"{vocabulary[:40]!r}: write {{'the': 1, 'film': 2}}"
        )
    if isinstance(vocabulary, PathLike):
        return (
            f"expected words with their indices, found the path {vocabulary}: read its "
            "lines into a list"
        )
    if isinstance(vocabulary, set | frozenset):
        return f"a {found} has no order to take indices from: write sorted(words)"
    if hasattr(vocabulary, "get_feature_names_out"):
        return f"the {found} has no vocabulary yet: call its fit() first"
    if isinstance(vocabulary, Iterable):
        return f"a {found} can be read only once: write list(words)"
    return (
        "expected a word_index such as {'the': 1, 'film': 2}, a list of words, or a "
        f"layer or tokenizer with a vocabulary, found {found}"
    )
