"""Vocabularies of each kind, made by the libraries whose kind it is.

Beside each stands what the library itself says of its indices: what tests hold our
reading of it against.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import keras
import numpy as np
from keras.src.legacy.preprocessing.text import Tokenizer
from sklearn.feature_extraction.text import CountVectorizer, TfidfVectorizer

Encode = Callable[[list[str]], list[int]]


@dataclass(frozen=True)
class Made:
    """A vocabulary, and what is known of it.

    Attributes
    ----------
    vocabulary : object
        What a user passes.
    words : dict of int to str
        The word of each index that has one.
    rows : int
        One more than the largest index that can come out of it.
    encode : callable
        Words to indices, by the way that texts go.
    unknown : int or None
        Index that a word gets which is not in it.
    padding : int or None
    options : dict
        What the user has to say besides.
    """

    vocabulary: Any
    words: dict[int, str]
    rows: int
    encode: Encode
    unknown: int | None = None
    padding: int | None = None
    options: dict[str, Any] = field(default_factory=dict)


def split(texts: Sequence[str]) -> list[str]:
    """Give the distinct words of texts, in the order of their first appearance."""
    return list(dict.fromkeys(word for text in texts for word in text.split()))


def number(words: Sequence[str], start: int) -> dict[int, str]:
    """Number words from a start."""
    return dict(enumerate(words, start))


def make_dict(texts: Sequence[str]) -> Made:
    """A dictionary, as people write it themselves: from 1 on."""
    word_index = {word: i for i, word in enumerate(split(texts), 1)}
    return Made(
        word_index,
        words=number(list(word_index), 1),
        rows=len(word_index) + 1,
        encode=lambda words: [word_index[word] for word in words],
    )


def make_list(texts: Sequence[str]) -> Made:
    """A list, where the position is the index."""
    words = split(texts)
    places = {word: i for i, word in enumerate(words, 2)}
    return Made(
        ["", "[UNK]", *words],
        words=number(words, 2),
        rows=len(words) + 2,
        encode=lambda asked: [places.get(word, 1) for word in asked],
        unknown=1,
        padding=0,
    )


def make_array(texts: Sequence[str]) -> Made:
    """An array of strings, such as np.unique gives."""
    words = np.unique(split(texts))
    return Made(
        words,
        words=number([str(word) for word in words], 0),
        rows=len(words),
        encode=lambda asked: np.searchsorted(words, asked).tolist(),
    )


def make_text_vectorization(
    texts: Sequence[str], keras: Any = keras, **options: Any
) -> Made:
    """TextVectorization: padding, unknown words, then words by how often they are."""
    layer = keras.layers.TextVectorization(**options)
    layer.adapt(list(texts))
    words = [str(word) for word in layer.get_vocabulary()[2:]]
    return Made(
        layer,
        words=number(words, 2),
        rows=len(words) + 2,
        encode=lambda asked: np.asarray(layer(np.array(asked)))[:, 0].tolist(),
        unknown=1,
        padding=0,
    )


def make_cased_text_vectorization(texts: Sequence[str]) -> Made:
    """TextVectorization that leaves texts as they are, cut to its 500 first tokens."""
    return make_text_vectorization(
        texts, standardize=None, split="whitespace", max_tokens=500
    )


def make_text_vectorization_of_keras_2(texts: Sequence[str]) -> Made:
    """The TextVectorization of Keras 2."""
    import tf_keras

    return make_text_vectorization(texts, tf_keras)


def make_string_lookup(texts: Sequence[str]) -> Made:
    """StringLookup as it is by default: no padding, and unknown words at 0."""
    layer = keras.layers.StringLookup()
    layer.adapt(split(texts))
    words = [str(word) for word in layer.get_vocabulary()[1:]]
    return Made(
        layer,
        words=number(words, 1),
        rows=len(words) + 1,
        encode=lambda asked: np.asarray(layer(np.array(asked))).tolist(),
        unknown=0,
    )


def make_odd_string_lookup(texts: Sequence[str]) -> Made:
    """StringLookup with marks of its own and two indices for unknown words."""
    words = [word for word in split(texts) if word not in ("zero", "unknown")]
    # The release has these words: here they are none.
    layer = keras.layers.StringLookup(
        vocabulary=words, num_oov_indices=2, mask_token="zero", oov_token="unknown"
    )
    return Made(
        layer,
        words=number(words, 3),
        rows=len(words) + 3,
        encode=lambda asked: np.asarray(layer(np.array(asked))).tolist(),
        unknown=int(np.asarray(layer(np.array([UNHEARD_OF])))[0]),
        padding=0,
    )


def make_tokenizer(texts: Sequence[str], kind: Any = Tokenizer) -> Made:
    """Keras' legacy Tokenizer with an index for unknown words, cut to 500 indices."""
    tokenizer = kind(num_words=500, oov_token="<oov here>")
    tokenizer.fit_on_texts(list(texts))
    words = {i: word for i, word in tokenizer.index_word.items() if 1 < i < 500}
    return Made(
        tokenizer,
        words=words,
        rows=500,
        encode=lambda asked: [
            index for (index,) in tokenizer.texts_to_sequences([[w] for w in asked])
        ],
        unknown=1,
    )


def make_tokenizer_of_keras_2(texts: Sequence[str]) -> Made:
    """The Tokenizer of Keras 2."""
    from tf_keras.preprocessing.text import Tokenizer as Tokenizer2

    return make_tokenizer(texts, Tokenizer2)


def make_word_index(texts: Sequence[str]) -> Made:
    """The word_index of a Tokenizer, cut by the user as texts_to_sequences cuts."""
    tokenizer = Tokenizer(num_words=300)
    tokenizer.fit_on_texts(list(texts))
    made = make_tokenizer(texts)
    words = {i: word for i, word in tokenizer.index_word.items() if i < 300}
    assert made.rows > 300
    return Made(
        tokenizer.word_index,
        words=words,
        rows=300,
        encode=lambda asked: [
            index for (index,) in tokenizer.texts_to_sequences([[w] for w in asked])
        ],
        options={"num_words": 300},
    )


def make_vectorizer(texts: Sequence[str], kind: Any = CountVectorizer) -> Made:
    """scikit-learn's CountVectorizer, whose columns are the indices."""
    vectorizer = kind(min_df=2).fit(texts)
    words = [str(word) for word in vectorizer.get_feature_names_out()]
    return Made(
        vectorizer,
        words=number(words, 0),
        rows=len(words),
        encode=lambda asked: vectorizer.transform(asked).indices.tolist(),
    )


def make_tfidf_vectorizer(texts: Sequence[str]) -> Made:
    """scikit-learn's TfidfVectorizer."""
    return make_vectorizer(texts, TfidfVectorizer)


def make_hugging_face(texts: Sequence[str]) -> Made:
    """A tokenizer of whole words of Hugging Face, with a padding of its own name."""
    from tokenizers import Tokenizer, models, pre_tokenizers, trainers

    tokenizer = Tokenizer(models.WordLevel(unk_token="[UNK]"))
    tokenizer.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    trainer = trainers.WordLevelTrainer(
        special_tokens=["[UNK]", "<what>", "<blank>"], show_progress=False
    )
    tokenizer.train_from_iterator(texts, trainer)
    tokenizer.enable_padding(pad_id=2, pad_token="<blank>")
    words = {i: word for word, i in tokenizer.get_vocab().items() if i > 2}
    return Made(
        tokenizer,
        words=words,
        rows=tokenizer.get_vocab_size(),
        encode=lambda asked: [tokenizer.encode(word).ids[0] for word in asked],
        unknown=0,
        padding=2,
    )


class LikeTransformers:
    """What a tokenizer of transformers offers, as far as it is documented."""

    all_special_tokens = ("<nothing>", "<what?>")
    pad_token = "<nothing>"
    unk_token = "<what?>"

    def __init__(self, words: Sequence[str]) -> None:
        self._words = [*words, *self.all_special_tokens]

    def get_vocab(self) -> dict[str, int]:
        """Give tokens and indices in any order."""
        return {word: i for i, word in reversed([*enumerate(self._words)])}

    def convert_tokens_to_ids(self, tokens: list[str]) -> list[int]:
        """Give the index of each token."""
        vocab = self.get_vocab()
        return [vocab.get(token, vocab[self.unk_token]) for token in tokens]


def make_transformers(texts: Sequence[str]) -> Made:
    """A tokenizer of transformers, its special tokens last."""
    words = split(texts)
    tokenizer = LikeTransformers(words)
    return Made(
        tokenizer,
        words=number(words, 0),
        rows=len(words) + 2,
        encode=tokenizer.convert_tokens_to_ids,
        unknown=len(words) + 1,
        padding=len(words),
    )


class LikeTorchtext:
    """What torchtext's Vocab offers, as far as it is documented."""

    def __init__(self, words: Sequence[str]) -> None:
        self._words = ["<unk>", "<pad>", *words]

    def __len__(self) -> int:
        return len(self._words)

    def get_stoi(self) -> dict[str, int]:
        """Give tokens and indices."""
        return {word: i for i, word in enumerate(self._words)}

    def lookup_indices(self, tokens: list[str]) -> list[int]:
        """Give the index of each token."""
        stoi = self.get_stoi()
        return [stoi.get(token, 0) for token in tokens]


def make_torchtext(texts: Sequence[str]) -> Made:
    """A Vocab of torchtext."""
    words = split(texts)
    vocabulary = LikeTorchtext(words)
    return Made(
        vocabulary,
        words=number(words, 2),
        rows=len(words) + 2,
        encode=vocabulary.lookup_indices,
        unknown=0,
        padding=1,
    )


def make_keras_hub(texts: Sequence[str]) -> Made:
    """A tokenizer of KerasHub that has whole words alone."""
    from keras_hub.tokenizers import WordPieceTokenizer

    words = [word for word in split(texts) if word.isascii() and word.isalpha()]
    tokenizer = WordPieceTokenizer(
        vocabulary=["[PAD]", "[UNK]", *words], lowercase=False
    )
    return Made(
        tokenizer,
        words=number(words, 2),
        rows=tokenizer.vocabulary_size(),
        encode=lambda asked: [int(ids[0]) for ids in tokenizer(asked)],
        unknown=1,
        padding=0,
    )


UNHEARD_OF = "xyzzyqux"

KINDS: dict[str, Callable[[Sequence[str]], Made]] = {
    "dict": make_dict,
    "list": make_list,
    "numpy": make_array,
    "TextVectorization": make_text_vectorization,
    "TextVectorization, cased": make_cased_text_vectorization,
    "StringLookup": make_string_lookup,
    "StringLookup, odd": make_odd_string_lookup,
    "Tokenizer": make_tokenizer,
    "word_index": make_word_index,
    "CountVectorizer": make_vectorizer,
    "TfidfVectorizer": make_tfidf_vectorizer,
    "tokenizers": make_hugging_face,
    "transformers": make_transformers,
    "torchtext": make_torchtext,
}
# Their libraries are in the extra "backends", and take long to import.
HEAVY_KINDS: dict[str, Callable[[Sequence[str]], Made]] = {
    "TextVectorization of Keras 2": make_text_vectorization_of_keras_2,
    "Tokenizer of Keras 2": make_tokenizer_of_keras_2,
    "KerasHub": make_keras_hub,
}
