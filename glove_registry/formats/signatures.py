"""What a file that holds no vectors for us is, by its first bytes, and what to do."""

import re
import struct

import numpy as np

from .block import MOST_NUMBERS

_UNPACK = "unpack it first"
_CONVERT = "convert it to word2vec text with the tool that wrote it"

# In this order. They are asked only about files whose first line is neither a row nor
# a header: a token can begin with "PAR1" or "<html>", too.
_SIGNATURES: tuple[tuple[bytes, str], ...] = (
    (
        rb"\xba\x16\x4f\x2f",
        "a fastText model (.bin): take the .vec file that is published beside it, or "
        "write one with `fasttext print-word-vectors`",
    ),
    (
        rb"\x80[\x02-\x05].{0,400}gensim",
        "a pickle of gensim's (.kv, .model), which is never unpickled here: load it "
        "with gensim and call save_word2vec_format()",
    ),
    (
        rb"\x80[\x02-\x05]|\(dp[0-9]|c[\w.]+\n[\w.]+\n",
        "a pickle, which is never unpickled here as that can run any code: "
        + _CONVERT,
    ),
    (
        rb"PK\x03\x04.{22,400}\.npy|PK\x03\x04.{22,400}data\.pkl",
        "an archive of arrays (.npz, or .pt of PyTorch): write its words and numbers "
        "as text",
    ),
    (rb"\x93NUMPY", "a numpy array (.npy) without words: write both as text"),
    (
        rb".{8}\{\s*\"",
        "a safetensors file: write its words and numbers as word2vec text",
    ),
    (rb"\x89HDF\r\n", "an HDF5 file (.h5): " + _CONVERT),
    (rb"SQLite format 3\x00", "an SQLite database (.magnitude): " + _CONVERT),
    (rb"PAR1|ARROW1|FEA1", "a Parquet, Arrow or Feather file: " + _CONVERT),
    (rb"FiFu", "a finalfusion file (.fifu): " + _CONVERT),
    (
        rb"(?i)\s*<(?:!doctype|html|head|body|\?xml|!--)",
        "a web page, as servers send in place of a file they do not give: open its "
        "URL in a browser",
    ),
    (
        rb"version https://git-lfs",
        "a pointer of Git LFS and not the file itself: run `git lfs pull`",
    ),
    (rb"\s*[{\[]\s*[\"\[{]", "JSON: " + _CONVERT),
    (rb"%PDF-", "a PDF document"),
    (
        rb"\xff\xfe|\xfe\xff|(?:[^\x00]\x00){8}|(?:\x00[^\x00]){8}",
        "text in UTF-16 or UTF-32: convert it by `iconv -f UTF-16 -t UTF-8`",
    ),
    (rb"PK\x03\x04|PK\x05\x06", "a zip archive inside another file: " + _UNPACK),
    (rb"\x1f\x8b", "a gz inside another file: " + _UNPACK),
    (rb"BZh[1-9]", "a bz2 inside another file: " + _UNPACK),
    (rb"\xfd7zXZ\x00", "an xz inside another file: " + _UNPACK),
    (rb"\x28\xb5\x2f\xfd", "a zst inside another file: " + _UNPACK),
    (rb"7z\xbc\xaf\x27\x1c", "a 7z archive: " + _UNPACK),
    (rb"Rar!\x1a\x07", "a RAR archive: " + _UNPACK),
    (rb"\x04\x22\x4d\x18", "an lz4 file: " + _UNPACK),
    (rb"\x5d\x00\x00.{2}\xff{8}", "an lzma file: " + _UNPACK),
    (rb"\x1f\x9d", "a file of compress (.Z): " + _UNPACK),
)
_PATTERNS = tuple((re.compile(magic, re.DOTALL), what) for magic, what in _SIGNATURES)

_RAW_NUMBERS = 32


def recognize(start: bytes) -> str | None:
    """Return what a file is and what to do about it, from its first bytes.

    Parameters
    ----------
    start : bytes
        The more the better; some hundred suffice.

    Returns
    -------
    str or None
        For the end of a sentence; None if nothing is known that begins so.
    """
    start = start[:4096]
    for pattern, what in _PATTERNS:
        if pattern.match(start):
            return what
    if _is_old_fasttext(start):
        return _SIGNATURES[0][1]
    if _are_raw_numbers(start, "<f8"):
        return (
            "the binary output of the GloVe program, which holds numbers without "
            "words: run it with `-binary 0`, or take its vectors.txt"
        )
    if _are_raw_numbers(start, "<f4"):
        return "bare float32 numbers without words: write both as text"
    return None


def _is_old_fasttext(start: bytes) -> bool:
    """Say whether the parameters of a fastText model of 2016 stand here, unmarked."""
    if len(start) < 48:
        return False
    dimension, window, *_, loss, model, _, _, _, _ = struct.unpack("<12i", start[:48])
    return (
        0 < dimension <= MOST_NUMBERS
        and 0 < window <= 100
        and loss in (1, 2, 3)
        and model in (1, 2, 3)
    )


def _are_raw_numbers(start: bytes, dtype: str) -> bool:
    """Say whether all that stands here are numbers as vectors have them."""
    width = np.dtype(dtype).itemsize
    if len(start) < 4 * width:
        return False
    count = min(_RAW_NUMBERS, len(start) // width)
    with np.errstate(invalid="ignore"):
        sizes = np.abs(np.frombuffer(start, dtype, count).astype(np.float64))
    return bool(((1e-9 < sizes) & (sizes < 1e3)).all())
