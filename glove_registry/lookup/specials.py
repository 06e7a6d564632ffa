"""Tokens that stand for no word: they are neither looked up nor counted as misses."""

import re

# Names of what fills a text up to a length, and of what stands for unknown words or is
# put into texts for a model. Alone, each is a word like any other: "unk" and "pad" are
# ordinary tokens of GloVe 6B.
_PADDING = "pad(?:ding)?"
_OTHERS = (
    "unk(?:nown)?|oov|cls|sep|mask|s|bos|eos|sos|go|start|end|"
    "(?:start|end)_?of_?(?:text|sentence|sequence|turn)|im_(?:start|end)"
)
# The marks that make a name a special token, as the tokenizers of Keras, KerasHub,
# Hugging Face, torchtext and TensorFlow's tutorials write them. One underscore alone
# before a name is a tutorial's; not all names are safe with it.
_MARKED = (
    r"<(?:{0})>|</(?:{0})>|<\|(?:{0})\|>|<<(?:{0})>>|\[(?:{0})\]|\[\[(?:{0})\]\]|"
    r"_(?:{0})_|__(?:{0})__|@@(?:{0})@@"
)
_CASE = re.ASCII | re.IGNORECASE
_IS_PADDING = re.compile(_MARKED.format(_PADDING) + "|_pad|", _CASE)
_IS_SPECIAL = re.compile(
    _MARKED.format(_OTHERS) + "|_(?:unk|oov|go|bos|eos|sos)", _CASE
)
# What all of them begin with, "" included: most words are done with at a glance.
_FIRST = "<[_@"

# How sub-word tokenizers mark pieces of words: WordPiece, byte-level BPE,
# SentencePiece; BPE's end of a word, and its piece that is to be continued.
_PIECE = re.compile(r"##[^\W_].*|[\u0120\u2581].+|.+(?:</w>|@@)", re.DOTALL)


def is_padding(token: str) -> bool:
    """Return whether a token is padding, whose row is zeros.

    Examples
    --------
    >>> is_padding(""), is_padding("<PAD>"), is_padding("_pad_"), is_padding("pad")
    (True, True, True, False)
    """
    return token[:1] in _FIRST and _IS_PADDING.fullmatch(token) is not None


def is_special(token: str) -> bool:
    """Return whether a token stands for unknown words or is a mark put into texts.

    Examples
    --------
    >>> is_special("[UNK]"), is_special("<Start>"), is_special("unk")
    (True, True, False)
    >>> is_special("<user>")  # a token of glove.twitter
    False
    """
    return token[:1] in _FIRST and _IS_SPECIAL.fullmatch(token) is not None


def is_piece(token: str) -> bool:
    """Say whether a token looks like a piece of a word, as sub-word tokenizers mark it.

    Examples
    --------
    >>> is_piece("##ing"), is_piece("ing"), is_piece("####")
    (True, False, False)
    """
    return _PIECE.fullmatch(token) is not None
