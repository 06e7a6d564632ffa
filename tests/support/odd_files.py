"""Files as people really have them: the rows of each, or why it is refused.

`Reads` has the expected rows, and a pattern of the warning if one is expected.
`Refuses` has a pattern of the error, with the place and the cause.
"""

import bz2
import gzip
import io
import json
import lzma
import pickle
import struct
import tarfile
import zipfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from zstd_module import zstd

Rows = Sequence[tuple[str | bytes, Sequence[float]]]


@dataclass(frozen=True)
class Reads:
    """A file that is read."""

    content: bytes
    rows: Rows
    how: dict[str, Any] = field(default_factory=dict)
    warning: str | None = None


@dataclass(frozen=True)
class Refuses:
    """A file that is refused, with an error that matches a pattern."""

    content: bytes
    error: str
    how: dict[str, Any] = field(default_factory=dict)


THREE: Rows = [("de", [0.1, 0.2, 0.3]), ("la", [0.4, 0.5, 0.6])]
GOOD = b"de 0.1 0.2 0.3\nla 0.4 0.5 0.6\n"
HEADED = b"2 3\n" + GOOD


def binary(rows: Rows, end: bytes = b"\n", number: str = "<f", count: int = 0) -> bytes:
    """Write word2vec's binary format, with a wrong count or number type if given."""
    head = f"{count or len(rows)} {len(rows[0][1])}\n".encode()
    return head + b"".join(
        (token.encode() if isinstance(token, str) else token)
        + b" "
        + b"".join(struct.pack(number, x) for x in numbers)
        + end
        for token, numbers in rows
    )


def phrases(*tokens: str) -> Rows:
    """Return a row of ten realistic numbers for each token."""
    numbers = np.random.default_rng(5).normal(0, 0.2, (len(tokens), 10))
    return [
        (token, row.astype(np.float32).tolist())
        for token, row in zip(tokens, numbers, strict=True)
    ]


PHRASES = phrases("in", "new york", "w50 car", "for", "a b", "the last one of all", "é")


PACK: dict[str, Callable[[bytes], bytes]] = {
    "": bytes,
    "gz": gzip.compress,
    "bz2": bz2.compress,
    "xz": lzma.compress,
}


def tar(packing: str, files: dict[str, bytes], **links: str) -> bytes:
    """Make a tar archive of files, and of symbolic links."""
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as archive:
        for name, content in files.items():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
        for name, target in links.items():
            info = tarfile.TarInfo(name)
            info.type, info.linkname = tarfile.SYMTYPE, target
            archive.addfile(info)
    return PACK[packing](packed.getvalue())


def zipped(**files: bytes) -> bytes:
    """Make a zip archive."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return packed.getvalue()


def npz() -> bytes:
    """Save arrays as numpy does."""
    packed = io.BytesIO()
    np.savez(packed, words=np.array(["de", "la"]), vectors=np.eye(2))
    return packed.getvalue()


def npy() -> bytes:
    """Save an array as numpy does."""
    packed = io.BytesIO()
    np.save(packed, np.eye(3))
    return packed.getvalue()


def xz_of_large_dictionary() -> bytes:
    """Return an xz file that needs a dictionary of 512 MB."""
    filters = [{"id": lzma.FILTER_LZMA2, "preset": 0, "dict_size": 1 << 29}]
    return lzma.compress(GOOD, lzma.FORMAT_XZ, filters=filters)


def fasttext_model() -> bytes:
    """Return the beginning of a fastText model of version 12."""
    return struct.pack("<14i", 793712314, 12, 3, 5, 5, 1, 5, 1, 2, 2, 100, 3, 6, 100)


ODD: dict[str, Reads | Refuses] = {
    # -- separators
    "tab after the word": Refuses(b"de\t0.1 0.2 0.3\n", "line 1: .*tab"),
    "tab after each word": Refuses(GOOD.replace(b" 0.", b"\t0.", 1), "line 1: .*tab"),
    "tabs": Reads(GOOD.replace(b" ", b"\t"), THREE),
    "tabs and spaces in words": Reads(
        b"de la\t0.1\t0.2\t0.3\nla 7\t0.4\t0.5\t0.6\n",
        [("de la", THREE[0][1]), ("la 7", THREE[1][1])],
    ),
    "tabs everywhere": Reads(HEADED.replace(b" ", b"\t"), THREE),
    "a header of tabs that is wrong": Refuses(
        HEADED.replace(b" ", b"\t").replace(b"2", b"3", 1), "header says 3"
    ),
    "tabs after numbers": Refuses(b"0.1\t0.2\t0.3\n0.4\t0.5\t0.6\n", "line 1"),
    "tabs under a header": Refuses(HEADED.replace(b" 0", b"\t0"), "line 2: .*tab"),
    "tab under a header": Refuses(b"1 3\nde\t0.1 0.2 0.3\n", "line 2: .*tab"),
    "header of tabs": Refuses(HEADED.replace(b" ", b"\t", 1), "line 1: .*tab"),
    "tab before the line end": Refuses(
        b"de 0.1 0.2\t\nla 0.3 0.4\t\n", "line 1: .*tab"
    ),
    "tab in a later line": Refuses(GOOD + b"en 0.7\t0.8 0.9\n", "line 3: .*tab"),
    "two blanks": Refuses(b"the  0.1  0.2  0.5\n", "line 1: .*several spaces"),
    "two blanks later": Refuses(GOOD + b"en 0.1  0.2 0.3\n", "line 3: .*several sp"),
    "commas and blanks": Refuses(b"the 0.1, 0.2, 0.3\n", "line 1: .*comma"),
    "commas": Refuses(b"the,0.1,0.2,0.3\n", "line 1: .*comma"),
    "comma after the word": Refuses(b"the,0.1 0.2 0.3\n", "line 1: .*comma"),
    "semicolons": Refuses(b"the;0.1;0.2;0.3\n", "line 1: .*semicolon"),
    "semicolon after the word": Refuses(b"the;0.1 0.2 0.3\n", "line 1: .*semicolon"),
    "bars": Refuses(b"the|0.1|0.2|0.3\n", "line 1: .*vertical bar"),
    "bar after the word": Refuses(b"the|0.1 0.2 0.3\n", "line 1: .*vertical bar"),
    "colon after the word": Refuses(b"the:0.1 0.2 0.3\n", "line 1: .*colon"),
    "sparse": Refuses(b"the 1:0.1 2:0.2\n", "line 1: .*colon"),
    "no-break space": Refuses("the\xa00.1 0.2\n".encode(), "line 1: .*not the ASCII"),
    "ideographic space": Refuses(
        "字\u30000.1 0.2\n".encode(), "line 1: .*not the ASCII"
    ),
    "no-break spaces": Refuses("a\xa00.1\xa00.2\n".encode(), "line 1: .*not the ASCII"),
    "old Mac line ends": Refuses(GOOD.replace(b"\n", b"\r"), "line 1: .*carriage"),
    "Unicode line separators": Refuses(
        GOOD.replace(b"\n", "\u2028".encode()), "line 1: .*not the ASCII"
    ),
    "form feeds": Refuses(GOOD.replace(b"\n", b"\f"), "line 1: .*control character"),
    "two rows in a line": Refuses(
        GOOD + GOOD.replace(b"\n", b" ", 1), "line 3: .*more"
    ),
    "two rows in a line under a header": Refuses(
        HEADED.replace(b"\nla", b" la"), "holds 1 row, its header says 2"
    ),
    # -- numbers
    "comma decimals": Refuses(b"de 0,1 0,2 0,3\n", "line 1: .*comma for a decimal"),
    "a comma decimal": Refuses(b"de 0.1 0,2 0.3\n", "line 1: .*comma"),
    "a comma decimal later": Refuses(GOOD + b"en 0.1 0,2 0.3\n", "line 3: .*comma"),
    "comma decimals under a header": Refuses(
        b"2 3\nde 0,1 0,2 0,3\nla 0,1 0,2 0,3\n", "line 2: .*comma for a decimal"
    ),
    "NaN under a header": Refuses(
        b"2 3\nde nan 0.2 0.3\nla 0.4 0.5 0.6\n", "line 2: .*NaN"
    ),
    "NaN in the first row": Refuses(b"de 0.1 nan 0.3\nla 1 2 3\n", "line 2: |line 1: "),
    "NaN later": Refuses(GOOD + b"en 0.1 NaN 0.3\n", "line 3: .*NaN"),
    "infinity": Refuses(GOOD + b"en 0.1 -inf 0.3\n", "line 3: .*infinite"),
    "missing number": Refuses(GOOD + b"en 0.1 NULL 0.3\n", "line 3: .*missing"),
    "Unicode minus": Refuses("de 0.1 \u22120.2\n".encode(), "line 1: .*minus sign"),
    "Fortran exponents": Refuses(b"de 1d-1 2d-1\n", "line 1"),
    "hexadecimal": Refuses(b"de 0x1 0x2\n", "line 1"),
    "one number more": Refuses(GOOD + b"en 0.7 0.8 0.9 1.0\n", "line 3: .*found more"),
    "one number less": Refuses(GOOD + b"en 0.7 0.8\n", "line 3: .*found 2 fields"),
    "one more than the header says": Reads(
        b"2 3\nde 0.1 0.2 0.3\nla 0.4 0.5 0.6 0.7\n",
        [("de", [0.1, 0.2, 0.3]), ("la 0.4", [0.5, 0.6, 0.7])],
        warning=r"1 of 2 tokens contain numbers.*'la 0\.4', line 3",
    ),
    "each one more than the header says": Refuses(
        b"1 3\nla 0.4 0.5 0.6 0.7\n", "line 2: each row has more"
    ),
    "no words": Refuses(
        b"0.1 0.2 0.3\n0.4 0.5 0.6\n", "line 1: rows begin with numbers"
    ),
    "no words, a blank": Refuses(b" 0.1 0.2\n 0.3 0.4\n", "line 1: "),
    "words that are numbers": Reads(
        b"1 0.1 0.2\n2.5 0.3 0.4\n", [("1", [0.1, 0.2]), ("2.5", [0.3, 0.4])]
    ),
    # -- tokens
    "token that ends in a number, the first": Refuses(
        b"10 000 0.4 0.5 0.6\nla 0.1 0.2 0.3\n", "line 2: expected .* 4 numbers"
    ),
    "token that ends in a number": Refuses(
        GOOD + b"10 000 0.4 0.5 0.6\n",
        "line 3: .*'10 000' is a token, pass dimension=3",
    ),
    "token that ends in a number, under a header": Reads(
        b"2 3\n10 000 0.4 0.5 0.6\nla 0.1 0.2 0.3\n",
        [("10 000", [0.4, 0.5, 0.6]), ("la", [0.1, 0.2, 0.3])],
        warning="1 of 2 tokens contain numbers.*'10 000', line 2",
    ),
    "token that ends in a number, of known dimension": Reads(
        b"10 000 0.4 0.5 0.6\n",
        [("10 000", [0.4, 0.5, 0.6])],
        {"dimension": 3},
        warning="1 of 1 tokens contain numbers.*'10 000', line 1",
    ),
    "tokens with blanks": Reads(
        GOOD + b". . . 1 2 3\ntop 10 list 4 5 6\n",
        [*THREE, (". . .", [1, 2, 3]), ("top 10 list", [4, 5, 6])],
    ),
    "real separators as tokens": Reads(
        b", 0.1 0.2\n; 0.3 0.4\n| 1 2\n12:30 3 4\n",
        [(",", [0.1, 0.2]), (";", [0.3, 0.4]), ("|", [1, 2]), ("12:30", [3, 4])],
    ),
    "real white space as tokens": Reads(
        "a 1 2\n\xa0 3 4\n\x85 5 6\n\u2028 7 8\n".encode(),
        [("a", [1, 2]), ("\xa0", [3, 4]), ("\x85", [5, 6]), ("\u2028", [7, 8])],
    ),
    "all padded to one width": Reads(
        b"de   0.1 0.2\nque  0.3 0.4\nante 0.5 0.6\n",
        [("de", [0.1, 0.2]), ("que", [0.3, 0.4]), ("ante", [0.5, 0.6])],
    ),
    "all padded before": Reads(
        b"  de 0.1 0.2\n ante 0.3 0.4\n", [("de", [0.1, 0.2]), ("ante", [0.3, 0.4])]
    ),
    "all followed by a tab": Reads(
        b"de\t 0.1 0.2\nla\t 0.3 0.4\n", [("de", [0.1, 0.2]), ("la", [0.3, 0.4])]
    ),
    "one padded": Reads(
        GOOD + b" en 1 2 3\n",
        [*THREE, (" en", [1, 2, 3])],
        warning=r"1 of 3 tokens begin or end with spaces.*' en', line 3",
    ),
    "quoted": Reads(
        b'"de" 0.1 0.2\n"la" 0.3 0.4\n',
        [('"de"', [0.1, 0.2]), ('"la"', [0.3, 0.4])],
        warning="each token begins with '\"'",
    ),
    "bytes of Python": Reads(
        b"b'de' 0.1 0.2\nb'la' 0.3 0.4\n",
        [("b'de'", [0.1, 0.2]), ("b'la'", [0.3, 0.4])],
        warning="each token ends with",
    ),
    "numbered": Reads(
        b"0 de 0.1 0.2 0.3\n1 la 0.4 0.5 0.6\n",
        [("0 de", [0.1, 0.2, 0.3]), ("1 la", [0.4, 0.5, 0.6])],
        warning="each token begins with a number",
    ),
    "names of columns": Reads(
        b"word 0 1 2 3 4 5 6 7\nde 1 1 1 1 1 1 1 1\n",
        [("word", range(8)), ("de", [1] * 8)],
        warning="line 1: .* .word. and the numbers 0, 1, .*names of columns",
    ),
    "Latin-1": Reads(
        "été 0.1 0.2\nle 0.3 0.4\n".encode("latin-1"),
        [("été".encode("latin-1"), [0.1, 0.2]), ("le", [0.3, 0.4])],
        warning=r"1 of 2 tokens are not UTF-8.*line 1.*iconv",
    ),
    "GBK": Reads(
        "的 0.1 0.2\n是 0.3 0.4\n".encode("gbk"),
        [("的".encode("gbk"), [0.1, 0.2]), ("是".encode("gbk"), [0.3, 0.4])],
        warning=r"2 of 2 tokens are not UTF-8",
    ),
    "an accident of the corpus": Reads(
        "".join(f"é{i} 1 2\n" for i in range(300)).encode() + b"\xff 5 6\n",
        [*((f"é{i}", [1, 2]) for i in range(300)), (b"\xff", [5, 6])],
    ),
    "UTF-16": Refuses(GOOD.decode().encode("utf-16"), "line 1: .*UTF-16"),
    "UTF-16 without a mark": Refuses(GOOD.decode().encode("utf-16-be"), "1: .*UTF-16"),
    "UTF-16 under a header": Refuses(HEADED.decode().encode("utf-16"), "1: .*UTF-16"),
    "byte-order mark": Reads(b"\xef\xbb\xbf" + GOOD, THREE),
    "byte-order mark and header": Reads(b"\xef\xbb\xbf" + HEADED, THREE),
    "byte-order mark in a later token": Reads(
        GOOD + b"\xef\xbb\xbfen 1 2 3\n",
        [*THREE, ("\ufeffen", [1, 2, 3])],
        warning="1 of 3 tokens begin or end with spaces or invisible",
    ),
    "header before a byte-order mark": Reads(
        b"2 3\n\xef\xbb\xbf" + GOOD,
        [("\ufeffde", [0.1, 0.2, 0.3]), THREE[1]],
        warning="1 of 2 tokens begin or end with spaces",
    ),
    "padded with no-break spaces": Reads(
        "de\xa0 0.1 0.2\nla\xa0 0.3 0.4\n".encode(),
        [("de", [0.1, 0.2]), ("la", [0.3, 0.4])],
    ),
    "padded with zero bytes": Reads(
        b"de\0 0.1 0.2\nla\0\0 0.3 0.4\n", [("de", [0.1, 0.2]), ("la", [0.3, 0.4])]
    ),
    "zero byte after the word": Refuses(
        b"de\x000.1 0.2\nla\x000.3 0.4\n", "line 1: .*zero bytes"
    ),
    "slash after the word": Refuses(b"de/0.1 0.2\nla/0.3 0.4\n", "line 1: before the"),
    "a column of NaN": Refuses(b"the nan 0.3\nof nan 0.5\n", "line 1: .*missing value"),
    "an early column of NaN": Refuses(
        b"the 0.1 NA 0.4 0.5 0.6 0.7\nof 0.2 NA 0.4 0.5 0.6 0.7\n", "missing value"
    ),
    "a column of numbers in brackets": Refuses(
        b"the [0.1 0.2]\nof [0.3 0.4]\n", "line 1"
    ),
    "a first column in another form": Refuses(
        b"the 0x1p-3 0.2 0.3\nof 0x1p-4 0.5 0.6\n", "line 1: .*another form"
    ),
    "a detached minus": Refuses(b"the - 0.2 0.3\nof - 0.4 0.3\n", "line 1: before"),
    "no words but a zero": Refuses(
        b"0 0 0\n0.1 0.2 0.3\n-0.5 0.6 0.7\n", "line 1: rows"
    ),
    "no words under a header": Refuses(
        b"2 3\n0.1 0.2 0.3 0.4\n0.5 0.6 0.7 0.8\n", "line 2: rows begin"
    ),
    "numbered by cat": Reads(
        b"     1\tthe 0.1 0.2 0.3\n     2\tof 0.3 0.4 0.5\n",
        [("1\tthe", [0.1, 0.2, 0.3]), ("2\tof", [0.3, 0.4, 0.5])],
        warning="each token begins with a number",
    ),
    "numbered by grep": Reads(
        b"1:the 0.1 0.2\n2:of 0.3 0.4\n",
        [("1:the", [0.1, 0.2]), ("2:of", [0.3, 0.4])],
        warning="each token begins with a number",
    ),
    "a colon after each word": Reads(
        b"the: 0.1 0.2\nof: 0.3 0.4\n",
        [("the:", [0.1, 0.2]), ("of:", [0.3, 0.4])],
        warning="each token ends with ':'",
    ),
    "a prefix before each word": Reads(
        b"v/the 0.1 0.2\nv/of 0.3 0.4\n",
        [("v/the", [0.1, 0.2]), ("v/of", [0.3, 0.4])],
        warning="each token begins with 'v/'",
    ),
    "quoted by pandas": Reads(
        b'the .1 .2\n"new york" .5 .6\n',
        [("the", [0.1, 0.2]), ('"new york"', [0.5, 0.6])],
        warning="1 of 2 tokens are in quotes",
    ),
    "names of few columns": Reads(
        b" 0 1 2 3\nthe .1 .2 .3 .4\n",
        [("", [0, 1, 2, 3]), ("the", [0.1, 0.2, 0.3, 0.4])],
        warning="line 1: .*names of columns",
    ),
    "counts after the words": Reads(
        b"".join(b"w%d %d 0.1 0.%d\n" % (i, 99 - i, i + 1) for i in range(12)),
        [(f"w{i}", [99 - i, 0.1, float(f"0.{i + 1}")]) for i in range(12)],
        warning="the first number of each row is a whole one",
    ),
    "a list of counts": Reads(
        b"".join(b"w%d %d\n" % (i, 99 - i) for i in range(12)),
        [(f"w{i}", [99 - i]) for i in range(12)],
        warning="as a list of counts has",
    ),
    "empty lines by the thousand": Refuses(
        b"2 300\na" + b" 1" * 300 + b"\n" * 100_000 + b"b" + b" 1" * 300 + b"\n",
        "line 3: it is empty",
    ),
    "short rows by the thousand": Refuses(
        b"a" + b" 1" * 16_000 + b"\n" + b"x 1\n" * 200_000, "line 2"
    ),
    "dimension of nothing": Refuses(GOOD, "dimension=0: expected", {"dimension": 0}),
    "dimension as text": Refuses(GOOD, "dimension='3': expected", {"dimension": "3"}),
    "rows as a word": Refuses(GOOD, "rows='all': expected .*'any'", {"rows": "all"}),
    # -- lines and headers
    "empty lines at the end": Reads(GOOD + b"\n\n\n", THREE),
    "empty lines at the end, of CRLF": Reads(
        GOOD.replace(b"\n", b"\r\n") + b"\r\n", THREE
    ),
    "blanks at the end": Reads(GOOD + b"   \n \n  ", THREE),
    "empty lines under a header": Reads(HEADED + b"\n\n", THREE),
    "empty line between": Refuses(b"de 1 2\n\nla 3 4\n", "line 2"),
    "empty line before": Refuses(b"\n" + GOOD, "line 1"),
    "header only": Refuses(b"2 3\n", "line 2|holds 0 rows"),
    "header of too many rows": Refuses(b"3" + HEADED[1:], "holds 2 rows.*says 3.*any"),
    "header of too few rows": Refuses(b"1" + HEADED[1:], "holds 2 rows.*says 1.*any"),
    "header of other rows, by consent": Reads(
        b"3" + HEADED[1:], THREE, {"rows": "any"}, warning="2 rows.*announces 3"
    ),
    "right header, by consent": Reads(HEADED, THREE, {"rows": "any"}),
    "no header, by consent": Reads(GOOD, THREE, {"rows": "any"}),
    "header of another dimension": Refuses(b"2 4\n" + GOOD, "line 2: expected 4 num"),
    "header of a smaller dimension": Refuses(
        b"2 2\n" + GOOD, "line 2: each row has more than the 2 numbers"
    ),
    "a million numbers in a row": Refuses(b"de" + b" 0" * 500_000, "at most 16,384"),
    "a header of a million numbers": Refuses(b"1 1000000\nde 1\n", "at most 16,384"),
    "a line without an end": Refuses(b"de 1 2\n" + b"x" * 5_000_000, "line"),
    # -- binary
    "binary": Reads(binary(THREE), THREE),
    "binary without line feeds": Reads(binary(THREE, b""), THREE),
    "binary phrases": Reads(binary(PHRASES), PHRASES),
    "binary phrases without line feeds": Reads(binary(PHRASES, b""), PHRASES),
    "binary that begins with a phrase": Reads(binary(PHRASES[1:], b""), PHRASES[1:]),
    "binary that ends with a phrase": Reads(binary(PHRASES[:2], b""), PHRASES[:2]),
    "binary phrases that end in a number": Reads(
        binary(phrases("in", "route 66", "windows 95")),
        phrases("in", "route 66", "windows 95"),
    ),
    "big-endian": Refuses(binary(THREE, number=">f"), "row 1: .*big-endian"),
    "big-endian without line feeds": Refuses(binary(PHRASES, b"", ">f"), "big-endian"),
    "float64": Refuses(binary(PHRASES, number="<d"), "row [12] of 7"),
    "float64 without line feeds": Refuses(binary(PHRASES, b"", "<d"), "row [12] of 7"),
    "float16": Refuses(binary(PHRASES, number="<e"), "row [12] of 7"),
    "binary of other rows": Refuses(binary(THREE, count=1), "bytes follow the 1 row "),
    "binary that is cut off": Refuses(binary(THREE, count=3), "row 3 of 3: .*cut off"),
    "binary of other rows, by consent": Reads(
        binary(THREE, count=7), THREE, {"rows": "any"}, warning="2 rows.*announces 7"
    ),
    "binary cut off in a row, by consent": Refuses(
        binary(THREE, b"")[:-1], "row 2: .*cut off", {"rows": "any"}
    ),
    "text that is said to be binary": Refuses(
        HEADED, "line 2: .*row of text", {"format": "word2vec-binary"}
    ),
    "binary that is said to be text": Refuses(
        binary(THREE), "line 2", {"format": "word2vec"}
    ),
    "a header where none should be": Refuses(
        HEADED, "line 2: .*found more", {"format": "glove"}
    ),
    "binary in Latin-1": Reads(
        binary([("é".encode("latin-1"), [1, 2]), ("le", [3, 4])]),
        [("é".encode("latin-1"), [1, 2]), ("le", [3, 4])],
        warning="1 of 2 tokens are not UTF-8",
    ),
    # -- other files
    "empty": Refuses(b"", "the file is empty"),
    "fastText model": Refuses(fasttext_model(), "ends too early: it is cut off"),
    "old fastText model": Refuses(
        struct.pack("<12i", 10, 5, 5, 5, 5, 1, 2, 2, 1000, 3, 6, 100) + bytes(40),
        "dictionary has 0 words",
    ),
    "pickle": Refuses(pickle.dumps({"de": [0.1]}), "a pickle, .*any code"),
    "old pickle": Refuses(pickle.dumps({"de": [0.1]}, 0), "a pickle, .*any code"),
    "gensim's vectors": Refuses(
        b"\x80\x04\x95\x10\x00\x00\x00\x00\x00\x00\x00\x8c\x1b"
        b"gensim.models.keyedvectors\x94",
        "gensim.*save_word2vec_format",
    ),
    "npz": Reads(npz(), [("de", [1, 0]), ("la", [0, 1])]),
    "npy": Refuses(npy(), r"\.npy.*words="),
    "an old file of PyTorch": Refuses(
        b"\x80\x02\x8a\nl\xfc\x9cF\xf9 j\xa8P\x19.\x80\x02M\xe9\x03.",
        r"torch\.load.*savez",
    ),
    "PyTorch": Refuses(zipped(**{"m/data.pkl": b"x", "m/version": b"3"}), "PyTorch"),
    "safetensors": Refuses(
        struct.pack("<Q", 60) + json.dumps({"v": {"dtype": "F32"}}).encode(),
        "safetensors",
    ),
    "GloVe's own binary": Refuses(
        np.random.default_rng(1).normal(0, 1, 900).tobytes(), "`-binary 0`"
    ),
    "bare float32": Refuses(
        np.random.default_rng(1).normal(0, 1, 900).astype("<f4").tobytes(), "float32"
    ),
    "HDF5": Refuses(b"\x89HDF\r\n\x1a\n" + bytes(80), "HDF5"),
    "SQLite": Refuses(b"SQLite format 3\0" + bytes(80), "SQLite"),
    "Parquet": Refuses(b"PAR1\x15\x04\x15" + bytes(80), "Parquet"),
    "web page": Refuses(b"<!DOCTYPE html>\n<title>404</title>", "line 1: .*web page"),
    "web page with blanks": Refuses(b"\n\n  <html><p>No</p></html>", "web page"),
    "pointer of Git LFS": Refuses(
        b"version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 5\n",
        "`git lfs pull`",
    ),
    "JSON": Refuses(b'{"de": [0.1, 0.2]}\n', "JSON"),
    "7z": Refuses(b"7z\xbc\xaf\x27\x1c\0\4" + bytes(40), "7z.*unpack"),
    "RAR": Refuses(b"Rar!\x1a\x07\x01\0" + bytes(40), "RAR.*unpack"),
    "gz in a gz": Refuses(gzip.compress(gzip.compress(GOOD)), "a gz inside"),
    "zip in a gz": Refuses(gzip.compress(zipped(v=GOOD)), "a zip archive inside"),
    "words that look like other files": Reads(
        b"PAR1 0.1 0.2\n<html> 0.3 0.4\n",
        [("PAR1", [0.1, 0.2]), ("<html>", [0.3, 0.4])],
    ),
    # -- archives
    "tar": Reads(tar("", {"v.txt": GOOD}), THREE),
    "tar.gz": Reads(tar("gz", {"v.txt": GOOD}), THREE),
    "tar.bz2": Reads(tar("bz2", {"v.txt": GOOD}), THREE),
    "tar.xz": Reads(tar("xz", {"v.txt": GOOD}), THREE),
    "tar with a shadow of macOS": Reads(tar("gz", {"._v": b"x", "v": GOOD}), THREE),
    "zip made on macOS": Reads(
        zipped(**{"v.txt": GOOD, "__MACOSX/._v.txt": b"x", ".DS_Store": b"y"}), THREE
    ),
    "zip of nothing": Refuses(zipped(), "holds no file"),
    "tar in a gz in a zip": Refuses(
        zipped(v=tar("", {"a": GOOD})), "a tar archive insi"
    ),
    "zst that begins with a frame to skip": Reads(
        b"\x50\x2a\x4d\x18\4\0\0\0abcd" + zstd.compress(GOOD), THREE
    ),
    "tar of two": Refuses(tar("gz", {"a": GOOD, "b": GOOD}), "'a', 'b': name one"),
    "tar with a page first": Refuses(
        tar("gz", {"README": b"Read me.\n", "v": GOOD}), "'README', 'v': name one"
    ),
    "tar, named": Reads(tar("gz", {"a": b"no", "b": GOOD}), THREE, {"member": "b"}),
    "tar, named below a folder": Reads(
        tar("xz", {"./d/v": GOOD, "a": b""}), THREE, {"member": "d/v"}
    ),
    "tar, not there": Refuses(
        tar("", {"a": GOOD}), "no member 'x': it holds 'a'", {"member": "x"}
    ),
    "tar, twice there": Refuses(
        b"".join((tar("", {"a": GOOD})[:1024], tar("", {"a": b"x 1 2\n"}))),
        "2 members called 'a'",
        {"member": "a"},
    ),
    "tar, a link": Refuses(
        tar("", {"v": GOOD}, l="v"), "'l' is a link", {"member": "l"}
    ),
    "tar of nothing": Refuses(gzip.compress(bytes(10_240)), ".*"),
    "tar that is cut off": Refuses(tar("", {"v": GOOD * 99})[:1024], "cut off"),
    "zip": Reads(zipped(v=GOOD), THREE),
    "zip of a web page": Refuses(zipped(v=b"<html>\n"), "web page"),
    "a page saved as zip": Refuses(b"<html>\n<body>Not found</body>", "web page"),
    "bz2 of a header with other rows": Refuses(
        bz2.compress(b"9" + HEADED[1:]), "says 9"
    ),
    "xz with a dictionary of 512 MB": Refuses(
        xz_of_large_dictionary(), "needs more than 134,217,728 bytes of memory"
    ),
}
