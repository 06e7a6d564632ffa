"""Recognize files of other kinds by their first bytes, and say what to do with them."""

import re

import numpy as np

_PICKLE = (
    "a pickle, which is never loaded, as that can run any code: convert it to "
    "word2vec text with the tool that wrote it"
)
_UNPACK = "unpack it first"
_CONVERT = "convert it to word2vec text with the tool that wrote it"

# Bytes that no text begins with; tried in this order.
_BINARY: tuple[tuple[bytes, str], ...] = (
    (
        rb"\x80[\x02-\x05].{0,400}gensim",
        "a pickle of gensim (.kv, .model), which is never loaded: open it by gensim's "
        "KeyedVectors.load() and call save_word2vec_format()",
    ),
    (
        rb"\x80\x02\x8a\x0al\xfc\x9cF\xf9 j\xa8P\x19",
        "a pickle of PyTorch (.pt), which is never loaded: open it with torch.load() "
        "and write its words and numbers by numpy.savez(path, words=words, "
        "vectors=numbers)",
    ),
    (rb"\x80[\x02-\x05]", _PICKLE),
    (
        rb"\x93NUMPY[\x01-\x09]",
        "a numpy array (.npy) without words: pass those of its rows as words=",
    ),
    (rb"\x89HDF\r\n", "an HDF5 file (.h5): " + _CONVERT),
    (rb"SQLite format 3\x00", "an SQLite database (.magnitude): " + _CONVERT),
    (
        rb"PK\x03\x04(?!.{26}[^\0]{1,100}?\.npy)|PK\x05\x06",
        "a zip archive inside another file: " + _UNPACK,
    ),
    (rb"\x1f\x8b", "a gz inside another file: " + _UNPACK),
    (rb"BZh[1-9](?:1AY&SY|\x17r)", "a bz2 inside another file: " + _UNPACK),
    (rb"\xfd7zXZ\x00", "an xz inside another file: " + _UNPACK),
    (rb"\x28\xb5\x2f\xfd", "a zst inside another file: " + _UNPACK),
    (rb"7z\xbc\xaf\x27\x1c", "a 7z archive: " + _UNPACK),
    (rb"Rar!\x1a\x07", "a RAR archive: " + _UNPACK),
    (rb"\x04\x22\x4d\x18", "an lz4 file: " + _UNPACK),
    (rb"\x5d\x00\x00.{2}\xff{8}", "an lzma file: " + _UNPACK),
    (rb"\x00\x05\x16[\x00\x07]|\x00\x00\x00\x01Bud1", "metadata of macOS"),
    (rb"\xd0\xcf\x11\xe0", "an Excel or Word document: " + _CONVERT),
    (rb"\x89PNG|GIF8[79]a|\xff\xd8\xff", "a picture"),
    (rb"MATLAB 5\.0 MAT", "a MATLAB file (.mat): " + _CONVERT),
    (rb"GGUF.\x00\x00\x00", "a GGUF model: " + _CONVERT),
    (rb".{257}ustar", "a tar archive inside another file: " + _UNPACK),
    (rb"\x1f\x9d", "a file compressed by compress (.Z): " + _UNPACK),
)

# Bytes that a token can begin with, too: tried only if the first line is neither a row
# nor a header, in this order.
_TEXTUAL: tuple[tuple[bytes, str], ...] = (
    (rb"\(dp[0-9]|c[\w.]+\n[\w.]+\n|[\]}]q[\x00-\xff]", _PICKLE),
    (rb"RD[AX][23]\n|[AXB]\n\x00\x00", "an R data file (.rds, .rda): " + _CONVERT),
    (rb"PAR1|ARROW1|FEA1", "an Arrow or Feather file: write it as Parquet"),
    (rb"FiFu", "a finalfusion file (.fifu): " + _CONVERT),
    (
        rb"(?i)\s*<[!?/a-z]",
        "a web page or XML, which servers send when they cannot send a file: open its "
        "URL in a browser",
    ),
    (
        rb"version https://git-lfs",
        "a Git LFS pointer instead of the file itself: run `git lfs pull`",
    ),
    (rb"\s*[{\[]\s*[\"\[{]", "JSON: unless it is the error of a server, " + _CONVERT),
    (rb"%PDF-", "a PDF document"),
    (
        rb"\xff\xfe|\xfe\xff|(?:[^\x00]\x00){8}|(?:\x00[^\x00]){8}",
        "text in UTF-16 or UTF-32: convert it by `iconv -f UTF-16 -t UTF-8`",
    ),
)


_RAW_NUMBERS = 32


def recognize_binary(start: bytes) -> str | None:
    """Recognize a file whose first bytes cannot be text.

    Parameters
    ----------
    start : bytes
        A few hundred are enough.

    Returns
    -------
    str or None
        The end of a sentence: what the file is, and what to do. None if unknown.
    """
    return _match(_BINARY, start)


def recognize(start: bytes) -> str | None:
    """Recognize a file whose first line is not a row, as `recognize_binary` does."""
    if what := _match(_BINARY, start) or _match(_TEXTUAL, start):
        return what
    if _are_raw_numbers(start, "<f8"):
        return (
            "the binary output of the GloVe program, which has numbers without words: "
            "run it with `-binary 0`, or take its vectors.txt"
        )
    if _are_raw_numbers(start, "<f4"):
        return "bare float32 numbers without words: write both as text"
    return None


def _match(signatures: tuple[tuple[bytes, str], ...], start: bytes) -> str | None:
    for pattern, what in signatures:
        if re.match(pattern, start[:4096], re.DOTALL):
            return what
    return None


def _are_raw_numbers(start: bytes, dtype: str) -> bool:
    """Return whether all numbers have sizes that those of trained vectors have."""
    width = np.dtype(dtype).itemsize
    if len(start) < 4 * width:
        return False
    count = min(_RAW_NUMBERS, len(start) // width)
    with np.errstate(invalid="ignore"):
        sizes = np.abs(np.frombuffer(start, dtype, count).astype(np.float64))
    return bool(((sizes > 1e-9) & (sizes < 1e3)).all())
