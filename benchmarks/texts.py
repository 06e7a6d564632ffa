"""The texts that are read, real or synthetic, with the words to look up.

The expected vectors are read here in the plainest way.
"""

import hashlib
import json
import multiprocessing
import random
import shutil
import zipfile
from array import array
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import ParamSpec, TypeVar

from synthetic import write_text

P = ParamSpec("P")
T = TypeVar("T")

WORDS = 20_000
UNKNOWN = 500
# Enough for every quirk to be among them.
TRIAL_ROWS = 5_000


@dataclass(frozen=True, slots=True)
class Shape:
    """A kind of text."""

    name: str
    rows: int = 0
    dimension: int = 0
    quirks: bool = False

    @property
    def room_mb(self) -> float:
        """Disk space for its text and everything made of it, in MB."""
        # A number takes 8.6 bytes as text and 4 as float32, of which the largest
        # contender keeps two copies.
        return self.rows * (self.dimension * 17 + 200) / 1e6


REAL = Shape("real")
SHAPES = {
    "real": REAL,
    "300d": Shape("300d", 400_000, 300),
    "840B": Shape("840B", 2_196_017, 300, quirks=True),
    # Not for measuring, only to see that everything runs.
    "small": Shape("small", 6_000, 20, quirks=True),
}


@dataclass(frozen=True, slots=True)
class Text:
    """A text that is ready to be read, in its own folder.

    Attributes
    ----------
    path, words, registry : Path
        The text, the words to look up, and the registry that has the text.
    folder : Path
        For everything but a text that the user gave.
    rows, dimension : int
    digest : str
        sha256 of the words' matrix, float32, row after row.
    """

    path: Path
    folder: Path
    words: Path
    rows: int
    dimension: int
    digest: str


def aside(function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Call a function in a separate process.

    On Linux, a process inherits the peak memory of the one that started it: memory used
    here must not count for a contender that is started later.
    """
    spawn = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(1, mp_context=spawn) as pool:
        return pool.submit(function, *args, **kwargs).result()


def write_synthetic(shape: Shape, folder: Path) -> Path:
    """Write the text of a shape, unless the folder has it."""
    target = folder / f"{shape.name}.txt"
    if target.exists():
        return target
    free = shutil.disk_usage(folder).free / 1e6
    if free < shape.room_mb:
        raise SystemExit(
            f"the {shape.name} text and what is made of it take {shape.room_mb:,.0f} "
            f"MB of disk, there are {free:,.0f}: choose another --folder or --shapes"
        )
    part = target.with_suffix(".part")
    aside(write_text, part, shape.rows, shape.dimension, shape.quirks)
    return part.rename(target)


def cut_trial(text: Path, target: Path) -> Path:
    """Write a short text of the same kind: its first rows."""
    with text.open("rb") as source, target.open("wb") as file:
        for _, line in zip(range(TRIAL_ROWS), source, strict=False):
            file.write(line)
    return target


def prepare(path: Path, folder: Path, *, in_zip: bool = False) -> Text:
    """Choose words from all parts of a text, and write a registry with the text.

    Parameters
    ----------
    path : Path
        A GloVe text. A token that occurs twice means its first row.
    folder : Path
        For the words, and for a registry that has the text as ``plain``.
    in_zip : bool
        Whether to pack the text, too, and add the archive as ``zip``.
    """
    digest = hashlib.sha256()
    with path.open("rb") as file:
        dimension = len(file.readline().rstrip(b"\n").split(b" ")) - 1
        file.seek(0)
        rows = sum(
            piece.count(b"\n") for piece in iter(lambda: file.read(1 << 20), b"")
        )
        file.seek(0)
        chosen: dict[str, list[float]] = {}
        stride = max(rows // (WORDS - UNKNOWN), 1)
        for number, line in enumerate(file):
            digest.update(line)
            if number % stride == 0 and len(chosen) < WORDS - UNKNOWN:
                token, *numbers = line.rstrip(b"\n").rsplit(b" ", dimension)
                chosen.setdefault(token.decode(), [float(n) for n in numbers])
    chosen |= {f"no-such-word-{i}": [0.0] * dimension for i in range(UNKNOWN)}
    # A vocabulary does not have the order of the text.
    order = random.Random(50).sample(list(chosen), len(chosen))  # noqa: S311 - words
    words = folder / "words.txt"
    words.write_text("\n".join(order), encoding="utf-8", newline="\n")
    matrix = hashlib.sha256()
    for word in order:
        # array rounds each float64 to the nearest float32, as casts do.
        matrix.update(array("f", chosen[word]).tobytes())
    member = {"sha256": digest.hexdigest(), "bytes": path.stat().st_size}
    entries: dict[str, object] = {"plain": {"url": path.as_uri(), **member}}
    if in_zip:
        archive = pack(path, folder)
        entries["zip"] = {
            "url": archive.as_uri(),
            "member": {"name": path.name, **member},
        }
    # JSON is YAML too.
    (folder / "registry.yaml").write_text(json.dumps({"variants": entries}, indent=1))
    return Text(path, folder, words, rows, dimension, matrix.hexdigest())


def pack(path: Path, folder: Path) -> Path:
    """Pack a text as its authors do: in an archive with other files."""
    target = folder / "archive.zip"
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.write(path, path.name)
        archive.writestr("other.txt", bytes(20_000_000), zipfile.ZIP_STORED)
    return target
