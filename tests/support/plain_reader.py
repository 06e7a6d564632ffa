"""Read a file of vectors in the plainest way: all of it, by the standard library alone.

The package must give the same rows, and refuse the same files.
"""

import bz2
import gzip
import lzma
import math
import re
import stat
import struct
import zlib
from collections.abc import Callable
from functools import partial
from typing import Any

from zstd_module import zstd

NUMBER = re.compile(rb"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?")
HEADER = re.compile(rb"([0-9]{1,18}) ([0-9]{1,9})[ \r]*")

MOST_NUMBERS = 16_384
CONTROLS_AND_BLANK = "".join(map(chr, [*range(10), *range(11, 33), 127]))
WHITE_SPACE = CONTROLS_AND_BLANK + "\x85\xa0\u1680\u2028\u2029\u202f\u205f\u3000"
WHITE_SPACE += "\ufeff\uff0c" + "".join(map(chr, range(0x2000, 0x200C)))
UNSEEN = (
    CONTROLS_AND_BLANK
    + "\x85\xa0\xad\u1680\ufeff\u3000"
    + "".join(
        map(
            chr,
            [*range(0x2000, 0x2010), *range(0x2028, 0x2030), *range(0x205F, 0x2065)],
        )
    )
)
CONTROLS = bytes({*range(32), 127} - {ord("\t"), ord("\r")})

DAMAGE = (
    *(EOFError, OSError, ValueError, struct.error),
    *(zlib.error, lzma.LZMAError, zstd.ZstdError),
)


class NoVectors(Exception):
    """The bytes are not a file of vectors."""


Rows = tuple[list[bytes], list[bytes]]
"""Tokens, and the numbers of each as the bytes of float32."""


def read_plainly(packed: bytes) -> Rows:
    """Read a file of vectors, or raise `NoVectors`."""
    try:
        content = unpack_plainly(packed)
    except DAMAGE as error:
        raise NoVectors from error
    if is_fasttext(content):
        try:
            return strip_if_all_are_padded(read_fasttext(content))
        except (struct.error, IndexError, ValueError) as error:
            raise NoVectors from error
    content = content.removeprefix(b"\xef\xbb\xbf")
    first, *lines = content.split(b"\n")
    header = HEADER.fullmatch(first)
    if header is None:
        return read_lines([first, *lines], count_numbers(first), guessed=True)
    announced, dimension = int(header[1]), int(header[2])
    check(0 < dimension <= MOST_NUMBERS and announced > 0)
    rest = content[len(first) + 1 :]
    if lines and is_binary(rest, lines[0], dimension):
        rows = strip_if_all_are_padded(read_binary(rest, announced, dimension))
    else:
        rows = read_lines(lines, dimension)
    check(len(rows[0]) == announced)
    return rows


def check(good: bool) -> None:
    """Raise `NoVectors` unless something holds."""
    if not good:
        raise NoVectors


def unpack_plainly(packed: bytes) -> bytes:
    """Unpack a container, which its first bytes show."""
    if packed.startswith((b"PK\3\4", b"PK\5\6")):
        return unzip_plainly(packed)
    if packed.startswith(b"\x1f\x8b"):
        return gzip.decompress(packed)
    if re.match(rb"BZh[1-9](1A|\x17r)", packed):
        return unpack_streams(packed, bz2.BZ2Decompressor)
    if packed.startswith(b"\xfd7zXZ\0"):
        return unpack_streams(packed, partial(lzma.LZMADecompressor, lzma.FORMAT_XZ))
    if packed.startswith(b"\x28\xb5\x2f\xfd"):
        return unpack_streams(packed, zstd.ZstdDecompressor)
    return packed


def unzip_plainly(packed: bytes) -> bytes:
    """Read the one file of a zip by the format's specification, and trust nothing."""
    ends = [match.start() for match in re.finditer(rb"PK\x05\x06", packed)]
    ends = [at for at in ends if at >= len(packed) - 22 - 0xFFFF]
    check(bool(ends) and ends[-1] + 22 <= len(packed))
    (*disks, count, size, offset, comment) = struct.unpack_from(
        "<4H2LH", packed, ends[-1] + 4
    )
    check(ends[-1] + 22 + comment == len(packed))
    for at in ends[:-1]:  # no other one could be taken for the end
        remark = int.from_bytes(packed[at + 20 : at + 22], "little")
        check(at + 22 + remark != len(packed))
    # Readers that look for the directory from the end would find another one.
    check(disks == [0, 0, count] and offset + size == ends[-1])
    records = []
    at = offset
    for _ in range(count):
        check(packed[at : at + 4] == b"PK\1\2")
        fields = struct.unpack_from("<6H3L5H2L", packed, at + 4)
        name_length, extra, note, disk = fields[9:13]
        check(disk in (0, 0xFFFF) and 0xFFFFFFFF not in (*fields[7:9], fields[-1]))
        records.append((fields, packed[at + 46 : at + 46 + name_length]))
        at += 46 + name_length + extra + note
    check(at == offset + size)
    check(min(fields[-1] for fields, _ in records) == 0)
    for one, (fields, name) in enumerate(records):
        begins = [f[-1] for i, (f, _) in enumerate(records) if i != one]
        check(fields[-1] not in begins)
        limit = min([offset, *(begin for begin in begins if begin > fields[-1])])
        check(fields[-1] + 30 + len(name) + fields[7] <= limit)
    ((fields, name),) = [record for record in records if record[1][-1:] != b"/"]
    maker, _, flags, method, _, _, crc, length, whole, *_, outside, start = fields
    check(not (maker >> 8 in (3, 19) and stat.S_ISLNK(outside >> 16)))
    check(not flags & 0b10000001100001 and (method != 8 or whole <= 1032 * length))
    check(packed[start : start + 4] == b"PK\3\4")
    local = struct.unpack_from("<5H3L2H", packed, start + 4)
    data = start + 30 + local[-2] + local[-1]
    check(packed[start + 30 : start + 30 + local[-2]] == name and local[2] == method)
    check(not local[1] & 0b10000001000001)
    for here, there in zip(local[5:8], (crc, length, whole), strict=True):
        check(here == there or (here == 0 and bool(local[1] & 8)))
    limit = min([offset, *(f[-1] for f, _ in records if f[-1] > start)])
    check(data + length <= limit)
    content = packed[data : data + length]
    if method == 8:
        inflater = zlib.decompressobj(-15)
        content = inflater.decompress(content)
        check(inflater.eof and not inflater.unused_data)
    check(method in (0, 8) and len(content) == whole and zlib.crc32(content) == crc)
    return content


def unpack_streams(packed: bytes, unpacker: Callable[[], Any]) -> bytes:
    """Unpack one stream after another; zero bytes after bz2 and xz are padding."""
    content = b""
    while packed:
        stream = unpacker()
        content += stream.decompress(packed)
        check(stream.eof)
        packed = stream.unused_data
        if unpacker is not zstd.ZstdDecompressor:
            packed = packed.lstrip(b"\0")
    return content


def count_numbers(line: bytes) -> int:
    """Count the numbers at the end of a line, without the token."""
    count = 0
    for field in reversed(line.rstrip(b" \r").split(b" ")[1:]):
        if not NUMBER.fullmatch(field):
            break
        count += 1
    return count


def read_lines(lines: list[bytes], dimension: int, guessed: bool = False) -> Rows:
    """Read rows of text: a token and numbers, separated by single spaces."""
    while lines and not lines[-1].strip(b" \r"):
        lines = lines[:-1]  # the last line is ended, or some are empty
    check(bool(lines) and 0 < dimension <= MOST_NUMBERS)
    check(count_numbers(lines[0]) >= dimension)
    tokens, values = [], []
    for line in lines:
        if line.endswith(b"\r"):
            line = line[:-1]
        fields = line.rstrip(b" ").split(b" ")
        check(len(fields) > dimension)
        token, numbers = b" ".join(fields[:-dimension]), fields[-dimension:]
        check(all(NUMBER.fullmatch(number) for number in numbers))
        check(all(math.isfinite(float(number)) for number in numbers))
        if guessed and (b" " in token or line is lines[0]):
            check(not holds_numbers(token, dimension))
        tokens.append(token)
        try:
            values.append(b"".join(struct.pack("<f", float(x)) for x in numbers))
        except OverflowError as error:
            raise NoVectors from error
    check_columns(tokens[:100], dimension, guessed)
    return strip_if_all_are_padded((tokens, values))


def holds_numbers(token: bytes, dimension: int) -> bool:
    """Return whether a token ends in a number, or has nearly as many as a row."""
    text = token.decode("utf-8", "surrogateescape")
    text = re.sub(r"[:=](?=[+-]?[0-9]*\.[0-9])", " ", text, flags=re.ASCII)
    for separator in WHITE_SPACE + ",;|":
        text = text.replace(separator, " ")
    fields = [field for field in text.split(" ") if field]
    if len(fields) < 2 and not text.startswith(" "):
        return False
    numbers = [
        bool(NUMBER.fullmatch(field.encode("utf-8", "surrogateescape")))
        for field in fields
    ]
    many = max(dimension - 1, 1)
    runs = [all(numbers[i : i + many]) for i in range(len(numbers) - many + 1)]
    return any(runs) or (bool(numbers) and numbers[-1])


def check_columns(tokens: list[bytes], dimension: int, guessed: bool) -> None:
    """Raise `NoVectors` if the first tokens are not words, or all contain none."""
    bare = [token.strip() for token in tokens]
    numbers = [token for token in bare if not token or NUMBER.fullmatch(token)]
    decimals = [token for token in numbers if re.search(b"[.eE]", token)]
    if len(numbers) >= 0.95 * len(tokens):
        check(any(tokens) and 2 * len(decimals) <= len(tokens))
    texts = [token.decode("utf-8", "replace") for token in tokens]
    if guessed:
        odd = [any(map(is_no_word, text.split()[1:])) for text in texts]
        check(not all(odd))
        ending = r".+[^\w.+-][+-]?\d*\.?\d+([eE][+-]?\d+)?"
        ends = [re.fullmatch(ending.replace(r"\d", "[0-9]"), text) for text in texts]
        check(len(texts) < 2 or not all(ends))
    elif all(holds_numbers(token, dimension) for token in tokens):
        check(len(tokens) < 2 and b"." not in tokens[0].split()[-1])


def is_no_word(field: str) -> bool:
    """Return whether a field is not a word: a missing value, or with a digit."""
    missing = ["", "nan", "na", "n/a", "#n/a", "none", "null", "inf", "infinity", "?"]
    return field.lower().strip("+-\u2212") in missing or any(
        character.isdigit() for character in field
    )


def strip_if_all_are_padded(rows: Rows) -> Rows:
    """Remove padding if all tokens have some, or all are padded to one width."""
    tokens, values = rows
    stripped = [
        token.decode("utf-8", "surrogateescape")
        .strip(UNSEEN)
        .encode("utf-8", "surrogateescape")
        for token in tokens
    ]
    padded = [bool(s) and s != t for s, t in zip(stripped, tokens, strict=True)]
    widths = {
        len(token) for token, is_padded in zip(tokens, padded, strict=True) if is_padded
    }
    of_one_width = (
        2 * sum(padded) > len(tokens)
        and len(widths) == 1
        and min(map(len, tokens)) in widths
    )
    if len(tokens) > 1 and (all(padded) or of_one_width):
        return stripped, values
    return rows


def is_binary(rest: bytes, line: bytes, dimension: int) -> bool:
    """Return whether binary rows follow a header; raise if both are possible."""
    if count_numbers(line) >= dimension:
        return False
    numbers = rest.partition(b" ")[2][: 4 * dimension]
    if len(numbers) < 4 * dimension or (is_text(numbers) and not has_control(numbers)):
        return False
    fields = re.split(rb"[ \t,;|]+", line)[1:]
    least = max(1, dimension // 2)
    check(
        len(fields) < least
        or has_control(line)
        or not all(re.fullmatch(rb"[\r!-~]+", field) for field in fields[-least:])
    )
    return True


def has_control(data: bytes) -> bool:
    """Return whether bytes contain controls other than a line feed."""
    return any(byte in data for byte in CONTROLS if byte != ord("\n"))


def is_text(data: bytes) -> bool:
    """Return whether bytes are UTF-8, or the beginning of such."""
    try:
        data.decode()
    except UnicodeDecodeError as error:
        return error.reason == "unexpected end of data"
    return True


def read_binary(content: bytes, announced: int, dimension: int) -> Rows:
    """Read rows of word2vec's binary format."""
    tokens: list[bytes] = []
    values: list[bytes] = []
    with_line_feeds = None
    odd = 0
    while len(tokens) < announced:
        content = content.lstrip(b"\n")
        is_odd_file = 2 * odd > len(tokens)
        blank = choose_blank(content, dimension, with_line_feeds, is_odd_file)
        end = blank + 1 + 4 * dimension
        tokens.append(content[:blank])
        values.append(content[blank + 1 : end])
        odd += judge(values[-1]) != "usual"
        content = content[end:]
        if with_line_feeds is None:
            with_line_feeds = content.startswith(b"\n")
    check(not content.strip(b"\n"))
    check(not all(map(is_big_endian, values[:3])))
    return tokens, values


def choose_blank(
    content: bytes, dimension: int, with_line_feeds: bool | None, is_odd_file: bool
) -> int:
    """Return the space between the token that begins here and its numbers."""
    first = content.find(b" ", 0, 1 << 16)
    check(0 <= first < len(content) - 4 * dimension)
    kinds = {}
    blanks = [i for i, c in enumerate(content[:1024]) if c == ord(" ") and i > first]
    for blank in [first, *blanks]:
        end = blank + 1 + 4 * dimension
        token, numbers = content[:blank], content[blank + 1 : end]
        if end > len(content) or (blank > first and any(c in token for c in CONTROLS)):
            break
        if not is_whole_text(token) if blank > first else b"\n" in token:
            continue
        follows = content[end:]
        if not follows:
            good = True
        elif with_line_feeds or follows.startswith(b"\n"):
            good = follows.startswith(b"\n") and with_line_feeds is not False
        else:
            token = follows.partition(b" ")[0]
            good = is_whole_text(token) and not any(c in token for c in CONTROLS)
        if good:
            kinds[blank] = judge(numbers)
    usual = judge(content[first + 1 : first + 1 + 4 * dimension]) == "usual"
    is_simple = usual and with_line_feeds is not None and b"\n" not in content[:first]
    if is_simple and (not with_line_feeds or first in kinds):
        return first
    if is_odd_file and kinds.get(first) == "finite":
        return first
    for blank, kind in kinds.items():
        if kind == "usual":
            return blank
    if usual and not with_line_feeds and b"\n" not in content[:first]:
        return first
    finite = [blank for blank, kind in kinds.items() if kind == "finite"]
    check(bool(finite))
    return finite[0]


def is_whole_text(token: bytes) -> bool:
    """Return whether a token is UTF-8."""
    try:
        token.decode()
    except UnicodeDecodeError:
        return False
    return True


def judge(numbers: bytes, order: str = "<") -> str:
    """Return the kind of numbers by their size: usual, finite or none."""
    sizes = [abs(x) for (x,) in struct.iter_unpack(order + "f", numbers)]
    if not all(map(math.isfinite, sizes)):
        return "none"
    small, large = struct.unpack("<2f", struct.pack("<2f", 1e-12, 1e6))
    are_usual = [size == 0 or small <= size <= large for size in sizes]
    return "usual" if all(are_usual) else "finite"


def is_big_endian(numbers: bytes) -> bool:
    """Return whether most numbers are unusual, and none is if bytes are swapped."""
    words = [numbers[i : i + 4] for i in range(0, len(numbers), 4)]
    filled = [word for word in words if struct.unpack("<f", word)[0] != 0]
    usual = [word for word in filled if judge(word) == "usual"]
    return (
        len(filled) > 1
        and 2 * len(usual) < len(filled)
        and all(judge(word, ">") == "usual" for word in filled)
    )


def is_fasttext(content: bytes) -> bool:
    """Return whether a file begins as a model of fastText, or as one of 2016."""
    if content.startswith(struct.pack("<i", 793712314)):
        return True
    if len(content) < 56:
        return False
    dimension, window, *_, loss, model, _, _, _, _ = struct.unpack_from("<12i", content)
    sizes = 0 < dimension <= MOST_NUMBERS and 0 < window <= 100
    return bool(sizes and 1 <= loss <= 3 and 1 <= model <= 3)


def read_fasttext(content: bytes) -> Rows:
    """Read a model of fastText without n-grams that is neither pruned nor quantized."""
    at = 0

    def take(layout: str) -> tuple[Any, ...]:
        nonlocal at
        fields = struct.unpack_from("<" + layout, content, at)
        at += struct.calcsize("<" + layout)
        return fields

    is_new = content.startswith(struct.pack("<i", 793712314))
    if is_new:
        check(take("2i")[1] in (11, 12))
    *arguments, _ = take("12id")
    dimension, model, buckets, shortest, longest = arguments[:1] + arguments[7:11]
    check(0 < dimension <= MOST_NUMBERS)
    size, count, labels, _ = take("3iq")
    check(count > 0 and labels >= 0 and size == count + labels)
    pruned = take("q")[0] if is_new else -1
    check(pruned == -1 or pruned < 0)
    tokens = []
    for number in range(size):
        end = content.index(b"\0", at)
        token, at = content[at:end], end + 1
        check(len(token) <= 1 << 16 and take("qB")[1] == (number >= count))
        if number < count:
            check(b"\n" not in token)
            tokens.append(token)
    if is_new:
        check(take("B") == (0,))
    rows, width = take("2q")
    is_version_11 = is_new and content[4] == 11
    if is_version_11 and model == 3:
        longest = 0
    check(longest <= 64)
    check(not (longest >= max(shortest, 1) and buckets > 0))
    check(width == dimension and rows >= count)
    check(at + 4 * width * rows <= len(content))
    values = [bytes(take(f"{4 * width}s")[0]) for _ in range(rows)][:count]
    for numbers in values:
        check(all(math.isfinite(x) for (x,) in struct.iter_unpack("<f", numbers)))
    if is_new:
        check(take("B")[0] in (0, 1))
    rows, width = take("2q")
    check(rows >= 0 and 0 < width <= MOST_NUMBERS)
    check(at + 4 * width * rows == len(content))
    return tokens, values
