"""Tokens and indices of every kind of vocabulary: mapping, list, layer, tokenizer."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from os import PathLike
from typing import Any, NoReturn, TypeGuard

from ..errors import VocabularyError

Pairs = Iterable[tuple[object, object]]

# A list is one of texts if half of its first entries have this many words. Most phrases
# have fewer.
_WORDS_OF_A_TEXT = 3
_SOME = 1000


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
    output_mode: str = "int"  # of a layer that makes something else than indices
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
    for attribute, read in _READERS.items():
        if hasattr(vocabulary, attribute):
            return read(vocabulary)
    if isinstance(vocabulary, Mapping):
        return Entries(vocabulary.items())
    tokens = vocabulary
    # numpy's arrays and pandas' Series return their items as plain lists.
    if hasattr(vocabulary, "tolist"):
        tokens = vocabulary.tolist()
    if isinstance(tokens, Sequence) and not isinstance(tokens, str | bytes):
        _check_tokens(tokens, vocabulary)
        return Entries(_number(tokens), size=len(tokens))
    raise VocabularyError(_explain(vocabulary))


def _read_layer(layer: Any) -> Entries:
    """Read a Keras preprocessing layer or a KerasHub tokenizer."""
    config = layer.get_config() if hasattr(layer, "get_config") else {}
    if str(config.get("vocabulary_dtype", "string")).startswith("int"):
        raise VocabularyError(
            f"the {type(layer).__name__} looks up integers, which have no vectors: "
            "pass the vocabulary that made these integers of words, such as the "
            "StringLookup or the word_index"
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
    size = max(len(tokens), vocabulary_size() if callable(vocabulary_size) else 0)
    if config.get("pad_to_max_tokens"):
        # Its output has a column for each token that it may have.
        size = max(size, config["max_tokens"])
    return Entries(
        pairs,
        size=size,
        padding=_to_set(_get(layer, "mask_token", None)),
        specials=frozenset(specials),
        output_mode=config.get("output_mode", "int"),
        if_empty=f"was adapt() of the {type(layer).__name__} called?",
    )


def _read_hugging_face(tokenizer: Any) -> Entries:
    """Read a tokenizer of tokenizers or transformers."""
    specials = {*_get(tokenizer, "all_special_tokens", ())}
    if hasattr(tokenizer, "get_added_tokens_decoder"):
        added = tokenizer.get_added_tokens_decoder().values()
        specials |= {token.content for token in added if token.special}
    # A model of tokenizers has a token for unknown words, special or not.
    specials |= _to_set(_get(_get(tokenizer, "model", None), "unk_token", None))
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


def _read_torchtext(vocabulary: Any) -> Entries:
    """Read a Vocab of torchtext, whose default index stands for unknown words."""
    indices = vocabulary.get_stoi()
    default = _get(vocabulary, "get_default_index", lambda: None)()
    unknown = (token for token, index in indices.items() if index == default)
    return Entries(indices.items(), specials=frozenset(unknown))


def _refuse_vectors(holder: Any) -> NoReturn:
    """Refuse what has vectors of its own: gensim's, or this package's."""
    found = type(holder).__name__
    vectors = _get(holder, "wv", holder)  # of a model of gensim
    if hasattr(vectors, "key_to_index"):
        own = "wv." if vectors is not holder else ""
        raise VocabularyError(
            f"a {found} has vectors of its own, and the words to look up are expected "
            f"here: for its words, pass its {own}key_to_index; to use its vectors "
            f"instead, write glove_registry.from_arrays(model.{own}index_to_key, "
            f"model.{own}vectors, name=...)"
        )
    raise VocabularyError(
        f"a {found} is what words are looked up in, and the words themselves are "
        "expected here: for all of its words, write ['', '[UNK]', *vectors.tokens]"
    )


# By an attribute of the object. Keras layers are first, as they may have others, too.
_READERS: dict[str, Callable[[Any], Entries]] = {
    "get_vocabulary": _read_layer,
    "get_vocab": _read_hugging_face,
    "get_stoi": _read_torchtext,
    "word_index": _read_tokenizer,
    "vocabulary_": lambda scikit_learn: Entries(scikit_learn.vocabulary_.items()),
    "token2id": lambda gensim: Entries(gensim.token2id.items()),
    "key_to_index": _refuse_vectors,
    "wv": _refuse_vectors,
    "embedding_matrix": _refuse_vectors,
}


def _check_tokens(tokens: Sequence[object], given: Any) -> None:
    """Check that a sequence is one of words: not of texts, nor a Series of numbers."""
    found = type(given).__name__
    first = tokens[0] if tokens else None
    if hasattr(given, "to_dict") and isinstance(first, int):
        raise VocabularyError(
            f"a {found} of numbers: pass its to_dict() if they are the indices of "
            "words, or list(its index) if they are counts"
        )
    texts = [token for token in tokens[:_SOME] if _is_text(token)]
    if len(texts) > 1 and len(texts) >= len(tokens[:_SOME]) / 2:
        shown = texts[0][:40]
        raise VocabularyError(
            f"expected words, found a {found} of texts, such as {shown!r}: for their "
            "words, adapt a TextVectorization to the texts and pass that, or write "
            "Counter(word for text in texts for word in vectors.tokenize(text)) for "
            "coverage and list() of it for a layer; for a vector of each text, write "
            "vectors.embed(texts). For phrases, pass a dict of their indices."
        )


def _is_text(token: object) -> TypeGuard[str]:
    if not isinstance(token, str) or " " not in token:
        return False
    parts = token.split()
    letters = sum(len(part) > 2 and part[:-1].isalpha() for part in parts)
    return len(parts) >= _WORDS_OF_A_TEXT and letters > 1


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
            f"{vocabulary[:40]!r}: write {{'the': 1, 'film': 2}}; for the "
            "coverage of a text, collections.Counter(vectors.tokenize(text))"
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
    if hasattr(vocabulary, "columns"):
        return f"a {found} has several columns: pass the one with the words"
    if isinstance(vocabulary, Iterator):
        return f"a {found} can be read only once: write list(words)"
    if isinstance(vocabulary, Iterable):
        return f"a {found} is not a list: write list(words)"
    return (
        "expected a word_index such as {'the': 1, 'film': 2}, a list of words, or a "
        f"layer or tokenizer with a vocabulary, found {found}"
    )
