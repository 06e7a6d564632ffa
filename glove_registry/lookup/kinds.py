"""The kinds of vocabulary there are, and where each keeps its tokens and indices."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from os import PathLike
from typing import Any

from ..errors import VocabularyError

Pairs = Iterable[tuple[object, object]]


@dataclass(frozen=True, slots=True)
class Entries:
    """What a vocabulary holds, as it gives it: nothing of it is checked yet.

    Attributes
    ----------
    pairs : iterable of (token, index)
    size : int
        Rows that the vocabulary itself speaks of.
    padding, specials : frozenset of str
        What it says is padding, or no word for another reason.
    num_words : int or None
        Below which indices are used.
    counts : mapping of str to int, or None
        How often each word was seen.
    if_empty : str
        What was probably forgotten if there is no word in it.
    """

    pairs: Pairs
    size: int = 0
    padding: frozenset[str] = frozenset()
    specials: frozenset[str] = frozenset()
    num_words: int | None = None
    counts: Mapping[str, int] | None = None
    if_empty: str = "was the tokenizer fitted on any text?"


def find_entries(vocabulary: Any) -> Entries:
    """Find the tokens and indices of a vocabulary of any kind.

    Raises
    ------
    VocabularyError
        It is of no kind that is known; the message says what to write instead.
    """
    if isinstance(vocabulary, Counter):
        raise VocabularyError(
            "a Counter gives counts, and an index is wanted of each word: write "
            "[word for word, _ in counter.most_common()]"
        )
    if isinstance(vocabulary, Mapping):
        return Entries(vocabulary.items())
    for attribute, read in _KINDS.items():
        if hasattr(vocabulary, attribute):
            return read(vocabulary)
    # numpy's arrays and pandas' series give their items as plain lists.
    if hasattr(vocabulary, "tolist"):
        vocabulary = vocabulary.tolist()
    if isinstance(vocabulary, Sequence) and not isinstance(vocabulary, str | bytes):
        return Entries(_by_position(vocabulary), size=len(vocabulary))
    raise VocabularyError(_explain(vocabulary))


def _read_layer(layer: Any) -> Entries:
    """Read a Keras preprocessing layer or a KerasHub tokenizer."""
    config = layer.get_config() if hasattr(layer, "get_config") else {}
    mode = config.get("output_mode", "int")
    if mode != "int":
        raise VocabularyError(
            f"the {type(layer).__name__} gives rows of output_mode={mode!r}, an "
            "embedding takes indices: make it with output_mode='int'"
        )
    tokens = layer.get_vocabulary()
    if isinstance(tokens, Sequence):
        tokens = [_plain(token) for token in tokens]
        pairs = _by_position(tokens)
    else:
        # KerasHub's byte-pair tokenizers give the keys of a dictionary, in any order.
        tokens = list(tokens)
        pairs = [(token, layer.token_to_id(token)) for token in tokens]
    specials = {token for token in _get(layer, "special_tokens", ()) if token}
    try:
        words = layer.get_vocabulary(include_special_tokens=False)
    except TypeError:
        pass
    else:
        # The layers of Keras put all of theirs first.
        specials.update(tokens[: len(tokens) - len(words)])
    mask_token = _get(layer, "mask_token", None)
    vocabulary_size = _get(layer, "vocabulary_size", None)
    return Entries(
        pairs,
        size=max(len(tokens), vocabulary_size() if callable(vocabulary_size) else 0),
        padding=frozenset() if mask_token is None else frozenset({mask_token}),
        specials=frozenset(specials),
        if_empty=f"was adapt() of the {type(layer).__name__} called?",
    )


def _read_hugging_face(tokenizer: Any) -> Entries:
    """Read a tokenizer of tokenizers or transformers."""
    specials = {*_get(tokenizer, "all_special_tokens", ())}
    if hasattr(tokenizer, "get_added_tokens_decoder"):
        added = tokenizer.get_added_tokens_decoder().values()
        specials |= {token.content for token in added if token.special}
    # Those of tokenizers say how they pad, if they do; those of transformers with what.
    padding = _get(tokenizer, "padding", {})
    pad_token = _get(tokenizer, "pad_token", padding.get("pad_token"))
    return Entries(
        tokenizer.get_vocab().items(),
        padding=frozenset() if pad_token is None else frozenset({pad_token}),
        specials=frozenset(specials),
    )


def _read_torchtext(vocabulary: Any) -> Entries:
    return Entries(vocabulary.get_stoi().items())


def _read_tokenizer(tokenizer: Any) -> Entries:
    """Read the legacy Tokenizer, whose word_index holds all words in any case."""
    oov_token = _get(tokenizer, "oov_token", None)
    return Entries(
        (tokenizer.word_index or {}).items(),
        specials=frozenset() if oov_token is None else frozenset({oov_token}),
        num_words=_get(tokenizer, "num_words", None),
        counts=_get(tokenizer, "word_counts", None),
        if_empty="was fit_on_texts() of the Tokenizer called?",
    )


def _read_scikit_learn(vectorizer: Any) -> Entries:
    return Entries(vectorizer.vocabulary_.items())


# By what they offer; a layer of Keras is looked for first, as it offers most.
_KINDS: dict[str, Callable[[Any], Entries]] = {
    "get_vocabulary": _read_layer,
    "get_vocab": _read_hugging_face,
    "get_stoi": _read_torchtext,
    "word_index": _read_tokenizer,
    "vocabulary_": _read_scikit_learn,
}


def _by_position(tokens: Sequence[object]) -> Pairs:
    return [(token, index) for index, token in enumerate(tokens)]


def _plain(token: object) -> object:
    # Keras mixes str with numpy's str_, which is a str as well.
    return str(token) if isinstance(token, str) else token


def _get(holder: Any, name: str, default: Any) -> Any:
    value = getattr(holder, name, default)
    return default if value is None else value


def _explain(vocabulary: object) -> str:
    found = type(vocabulary).__name__
    if isinstance(vocabulary, str | bytes):
        return (
            f"a vocabulary is many words with their indices, found one {found} "
            f"{vocabulary[:40]!r}: write {{'the': 1, 'film': 2}}"
        )
    if isinstance(vocabulary, PathLike):
        return (
            f"a vocabulary is words with their indices, found the path {vocabulary}: "
            "read its lines into a list"
        )
    if isinstance(vocabulary, set | frozenset):
        return f"a {found} gives its words no indices: write sorted(words)"
    if hasattr(vocabulary, "get_feature_names_out"):
        return f"the {found} has no vocabulary yet: call its fit() first"
    if isinstance(vocabulary, Iterable):
        return f"a {found} can be read only once: write list(words)"
    return (
        "expected a word_index such as {'the': 1, 'film': 2}, a list of words, or a "
        f"layer or tokenizer that has a vocabulary, found {found}"
    )
