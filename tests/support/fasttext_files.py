"""fastText's models, written field by field from the layout of its saveModel."""

import struct
from collections.abc import Sequence

MARK, VERSION = 793_712_314, 12
CBOW, SUPERVISED = 1, 3


def write_model(
    words: Sequence[bytes],
    matrix: bytes,
    dimension: int,
    *,
    version: int | None = VERSION,
    model: int = CBOW,
    lengths: tuple[int, int] = (0, 0),
    buckets: int = 0,
    labels: Sequence[bytes] = (),
    kept: Sequence[tuple[int, int]] | None = None,
    quantized: bool = False,
    output: bytes | None = None,
) -> bytes:
    """Return a model; without a version, one as in 2016.

    `matrix` is what `write_matrix` or `write_quantized` returns, and so is `output`,
    which has the flag of a quantized output matrix before it, except in 2016.
    """
    content = b"" if version is None else struct.pack("<2i", MARK, version)
    arguments = (dimension, 5, 5, 1, 5, 1, 2, model, buckets, *lengths, 100)
    content += struct.pack("<12id", *arguments, 1e-4)
    content += struct.pack("<3iq", len(words) + len(labels), len(words), len(labels), 9)
    if version is not None:
        content += struct.pack("<q", -1 if kept is None else len(kept))
    for kind, tokens in enumerate((words, labels)):
        for token in tokens:
            content += token + b"\0" + struct.pack("<qb", 3, kind)
    for pair in kept or ():
        content += struct.pack("<2i", *pair)
    if version is not None:
        content += bytes([quantized])
    content += matrix
    if output is None:
        output = write_matrix([[0.0] * dimension])
        if version is not None:
            output = b"\0" + output
    return content + output


def write_matrix(rows: Sequence[Sequence[float]]) -> bytes:
    """Return a matrix of float32."""
    content = struct.pack("<2q", len(rows), len(rows[0]))
    return content + b"".join(struct.pack(f"<{len(row)}f", *row) for row in rows)


def write_quantized(
    codes: Sequence[Sequence[int]],
    centroids: Sequence[Sequence[Sequence[float]]],
    norms: tuple[Sequence[int], Sequence[float]] | None = None,
) -> bytes:
    """Return a quantized matrix.

    For each part of a row there are 256 centroids, and each row has a code for each
    part. `norms` are codes, one for each row, and the 256 numbers they stand for.
    """
    widths = [len(part[0]) for part in centroids]
    content = struct.pack("<?2q", norms is not None, len(codes), sum(widths))
    content += struct.pack("<i", len(codes) * len(centroids))
    content += b"".join(map(bytes, codes))
    content += _write_quantizer(widths, centroids)
    if norms is not None:
        content += bytes(norms[0])
        content += _write_quantizer([1], [[[norm] for norm in norms[1]]])
    return content


def _write_quantizer(
    widths: Sequence[int], centroids: Sequence[Sequence[Sequence[float]]]
) -> bytes:
    content = struct.pack("<4i", sum(widths), len(widths), widths[0], widths[-1])
    for part in centroids:
        assert len(part) == 256
        for numbers in part:
            content += struct.pack(f"<{len(numbers)}f", *numbers)
    return content


def list_buckets(word: bytes, shortest: int, longest: int, buckets: int) -> list[int]:
    """Return the buckets of a word's n-grams, byte by byte as fastText does."""
    if word == b"</s>":
        return []
    text = b"<" + word + b">"
    found = []
    for begin in range(len(text)):
        if text[begin] & 0xC0 == 0x80:
            continue
        end, length = begin, 1
        while end < len(text) and length <= longest:
            end += 1
            while end < len(text) and text[end] & 0xC0 == 0x80:
                end += 1
            alone = length == 1 and (begin == 0 or end == len(text))
            if length >= shortest and not alone:
                found.append(hash_ngram(text[begin:end]) % buckets)
            length += 1
    return found


def hash_ngram(ngram: bytes) -> int:
    """Return 32-bit FNV-1a, with bytes from 128 on extended by their sign."""
    value = 2_166_136_261
    for byte in ngram:
        value ^= byte if byte < 128 else byte | 0xFFFFFF00
        value = value * 16_777_619 % 2**32
    return value
