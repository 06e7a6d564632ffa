"""Tokens that stand for no word: they are neither looked up nor counted as misses."""

import re

# What fills a text up to a length; its row is zeros, whatever the rule for misses.
PADDING = frozenset({"", "[PAD]", "<pad>", "<PAD>", "<|pad|>"})

# What stands for unknown words, and marks that models put into texts. Written as the
# tokenizers of Keras, KerasHub, Hugging Face and torchtext write them. The plain word
# "unk" is none: it is an ordinary token of GloVe 6B.
SPECIAL = frozenset(
    {
        *("[UNK]", "<unk>", "<UNK>", "<OOV>", "<oov>", "[OOV]"),
        *("[CLS]", "[SEP]", "[MASK]", "[START]", "[END]", "[BOS]", "[EOS]"),
        *("<s>", "</s>", "<mask>", "<bos>", "<eos>", "<cls>", "<sep>"),
        *("<start>", "<end>", "<sos>", "<|endoftext|>", "<|unk|>"),
    }
)

# How sub-word tokenizers mark pieces of words: WordPiece, byte-level BPE,
# SentencePiece; BPE's end of a word, and its piece that is to be continued.
_PIECE = re.compile(r"##[^\W_].*|[\u0120\u2581].+|.+(?:</w>|@@)", re.DOTALL)


def is_piece(token: str) -> bool:
    """Say whether a token looks like a piece of a word, as sub-word tokenizers mark it.

    Examples
    --------
    >>> is_piece("##ing"), is_piece("ing"), is_piece("####")
    (True, False, False)
    """
    return _PIECE.fullmatch(token) is not None
