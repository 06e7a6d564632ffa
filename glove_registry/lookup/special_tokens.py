"""Special tokens, which stand for no word: they are not looked up."""

import re

# Names of padding, and of tokens that stand for unknown words or guide a model. Without
# brackets each is a word like any other: "unk" and "pad" are ordinary tokens of GloVe
# 6B.
_PADDING = "pad(?:ding)?"
_OTHERS = (
    "unk(?:nown)?|oov|cls|sep|mask|s|bos|eos|sos|eot|eop|eod|go|start|stop|begin|end|"
    "root|null|unused_?[0-9]*|extra_id_[0-9]+|im_(?:start|end)|eot_id|"
    "(?:start|begin|end)_?of_?(?:text|sentence|sequence|turn)"
)
# The brackets that make a name a special token in the tokenizers of Keras, KerasHub,
# Hugging Face, torchtext, AllenNLP and TensorFlow's tutorials. A single underscore
# before a name is a tutorial's, and not safe for all names.
_BRACKETED = (
    r"<(?:{0})>|</(?:{0})>|<\|(?:{0})\|>|<<(?:{0})>>|\[(?:{0})\]|\[\[(?:{0})\]\]|"
    r"_(?:{0})_|__(?:{0})__|@@(?:{0})@@"
)
_CASE = re.ASCII | re.IGNORECASE
# OpenNMT pads with <blank>.
_IS_PADDING = re.compile(_BRACKETED.format(_PADDING) + "|<blank>|_pad|", _CASE)
_IS_SPECIAL = re.compile(
    _BRACKETED.format(_OTHERS) + "|_(?:unk|oov|go|bos|eos|sos)", _CASE
)
# All of them begin with one of these or are empty: a fast test that most words fail.
_FIRST = "<[_@"

# How sub-word tokenizers mark pieces of words: WordPiece, byte-level BPE and
# SentencePiece; BPE at the end of a word, and inside one.
_PIECE = re.compile(r"##[^\W_].*|[\u0120\u2581].+|.+(?:</w>|@@)", re.DOTALL)


def is_padding(token: str) -> bool:
    """Return whether a token is padding, whose row is zeros.

    >>> is_padding(""), is_padding("<PAD>"), is_padding("_pad_"), is_padding("pad")
    (True, True, True, False)
    """
    return token[:1] in _FIRST and _IS_PADDING.fullmatch(token) is not None


def is_special(token: str) -> bool:
    """Return whether a token stands for unknown words or guides a model.

    >>> is_special("[UNK]"), is_special("<Start>"), is_special("unk")
    (True, True, False)
    >>> is_special("<user>")  # a token of glove.twitter
    False
    """
    return token[:1] in _FIRST and _IS_SPECIAL.fullmatch(token) is not None


def is_piece(token: str) -> bool:
    """Return whether a token looks like a piece of a word from a sub-word tokenizer.

    >>> is_piece("##ing"), is_piece("ing"), is_piece("####")
    (True, False, False)
    """
    return _PIECE.fullmatch(token) is not None
