"""Lines of text as rows, by the plainest loop there is and the standard library alone.

It also makes numbers that are hard to round, and lines that are damaged.
"""

import math
import re
import struct
from decimal import Decimal
from random import Random

NUMBER = re.compile(rb"[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]+)?")

Row = tuple[bytes, bytes]
"""A token, and its numbers as little-endian float32."""

_PIECES = [
    *(b"%d" % digit for digit in range(10)),
    *[b"-", b"+", b".", b"e", b"E", b"e-", b" ", b"  ", b"\t", b"\r", b"\n", b"\r\n"],
    *[b"\0", b"nan", b"inf", b"0x1", b"_", b"x", b"\xc2\xa0", b"\xc2\x85"],
    *[b"\xef\xbb\xbf", b"\xff", b"00000000000000000000", b"e400", b"e-400", b"1e39"],
]
_TOKENS = [
    *[b"the", b"", b".", b". . .", b"nan", b"1", b"-1.5", b"a 1", b"\t", b"a\rb"],
    *[b"\xef\xbb\xbf", b"\xc2\x85", b"\xff\0", b'"', b" ", b"1 2 3", b"x\xc2\xa0y"],
]
_ENDS = [b"", b"", b"", b"", b" ", b"   ", b"\r", b" \r", b"\r ", b"\r\r", b"\t"]


def parse_line(line: bytes, dimension: int) -> Row | None:
    """Return the row of a line without its line feed; None if it is invalid."""
    if line.endswith(b"\r"):
        line = line[:-1]
    fields = line.rstrip(b" ").split(b" ")
    token, numbers = b" ".join(fields[:-dimension]), fields[-dimension:]
    if len(fields) <= dimension or not all(map(NUMBER.fullmatch, numbers)):
        return None
    if not all(math.isfinite(float(number)) for number in numbers):
        return None
    try:
        return token, b"".join(struct.pack("<f", float(number)) for number in numbers)
    except OverflowError:
        return None


def make_number(random: Random) -> str:
    """Return a number: usual, long, tiny, huge, or hard to round to float32."""
    bits = random.randrange(0x7F800000)
    (number,) = struct.unpack("<f", struct.pack("<I", bits))
    kind = random.randrange(16)
    if kind > 7:
        return f"{random.gauss(0, 1):.5g}"
    if kind == 0:
        return repr(number)
    if kind == 1:
        return f"{random.gauss(0, 1):.{random.randrange(25)}{random.choice('efg')}}"
    if kind == 2:
        return f"{random.randrange(10 ** random.randint(1, 30))}"
    if kind == 3:
        return f"{random.randrange(10**9)}e{random.randint(-400, 45)}"
    if kind == 4:
        zeros = "0" * random.randrange(40)
        return random.choice(["0.", "-.", "+"]) + zeros + f"{random.randrange(10**9)}"
    # Halfway between two float32, or beside that by less than a float64 tells.
    half = Decimal(number) + Decimal(2) ** (max(bits >> 23, 1) - 151)
    if kind == 5:
        half += half * Decimal(random.choice([-1, 1])).scaleb(-random.randint(7, 40))
    written = f"{half:.{random.randint(15, 60)}{random.choice('ge')}}"
    return random.choice(["", "-"]) + (written if kind < 7 else f"{half:f}"[:99])


def make_lines(random: Random, dimension: int) -> bytes:
    """Return a few lines, most of them rows, some of them damaged."""
    lines = []
    for _ in range(random.randint(1, 6)):
        token = random.choice(_TOKENS)
        numbers = [make_number(random).encode() for _ in range(dimension)]
        lines.append(b" ".join([token, *numbers]) + random.choice(_ENDS) + b"\n")
    content = bytearray(b"".join(lines))
    while random.random() < 0.3:
        begin = random.randrange(len(content))
        end = begin + random.choice([0, 0, 1, 1, 2, 30])
        content[begin:end] = random.choice(_PIECES)
    return bytes(content).rstrip(b"\n") + b"\n"
