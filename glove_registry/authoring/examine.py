"""What a file of vectors is, found out by reading all of it."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import IO

import numpy as np
from numpy.typing import NDArray

from ..cache.files import open_regular
from ..download.containers import (
    Listed,
    LookaheadText,
    list_tar,
    list_zipped,
    open_zipped,
    unpack,
)
from ..download.verified import Readable, Text, VerifiedText, read_to_end
from ..errors import FetchError, FormatError
from ..formats import OpenedVectors, open_vectors
from ..messages.printable import shorten
from ..messages.progress import Bar
from ..registry import Member

# Six times the largest release known. Each row is held in memory as 16 bytes here.
MAX_ROWS = 20_000_000
MAX_REASON = 500

Choose = Callable[[Sequence[Listed] | None], Sequence[Listed]]
"""Takes the members of an archive, or None for what is none; gives those to be read."""


@dataclass(frozen=True, slots=True)
class Content:
    """Vectors that were read from the first row to the last.

    Attributes
    ----------
    member : str or None
        Their name in an archive.
    sha256 : str
        Of the text itself, uncompressed.
    bytes : int
        Size of the text itself.
    format : {"glove", "word2vec", "word2vec-binary"}
        The last two begin with a header.
    dimension, rows : int
    repeated : int
        Rows whose token stands in an earlier row, too.
    upper : int
        Rows whose token has an upper-case letter.
    """

    member: str | None
    sha256: str
    bytes: int
    format: str
    dimension: int
    rows: int
    repeated: int
    upper: int

    @property
    def cased(self) -> bool:
        """Whether one token in a hundred, or more, has an upper-case letter.

        Where upper case was kept, a third of the tokens or more have one; where it was
        not, a few can have one all the same, such as ``<UNK>``.
        """
        return self.upper * 100 >= self.rows


@dataclass(frozen=True, slots=True)
class Findings:
    """What was found out about a file.

    Attributes
    ----------
    container : {"zip", "tar", "gz", "bz2", "xz", "zst"} or None
        None: the file is the text itself.
    sha256 : str
        Of the file.
    bytes : int
        Size of the file.
    contents : tuple of Content
        What is inside; one where the file is no archive.
    left_out : tuple of (str, str)
        Members that hold no vectors, and why it is thought so.
    """

    container: str | None
    sha256: str
    bytes: int
    contents: tuple[Content, ...]
    left_out: tuple[tuple[str, str], ...]


def examine(path: Path, shown: str, choose: Choose, bar: Bar) -> Findings:
    """Read a file of vectors, in whatever container it is.

    Parameters
    ----------
    path : Path
    shown : str
        What to call it in errors.
    choose : callable
        Which members of an archive to read. What it raises is passed on.
    bar : Bar
        Where progress is drawn.

    Raises
    ------
    FetchError
        The file cannot be read.
    FormatError
        It is damaged or holds no vectors; the message says on which line.
    """
    try:
        file = open_regular(path)
    except OSError as error:
        raise FetchError(f"{shown} cannot be read ({error.strerror})") from error
    with file, _named(shown):
        bar.reset(path.stat().st_size)
        raw = LookaheadText(VerifiedText(file, Member(), shown, bar.update))
        # Members need not lie in the file's order: all of it is hashed before.
        read_to_end(raw)
        if raw.is_zip:
            listed: Sequence[Listed] | None = list_zipped(file, shown)
            open_member = partial(open_zipped, file, shown=shown)
        else:
            listed = list_tar(_from_start(file), shown)
            open_member = partial(_open_streamed, file, shown=shown)
        chosen = choose(listed)
        if listed is None:
            with open_member(None) as inside:
                text = VerifiedText(inside, Member(), shown)
                contents = [_read_rows(open_vectors(text), text, None)]
            left_out: list[tuple[str, str]] = []
        else:
            contents, left_out = _read_members(open_member, chosen, shown, bar)
    return Findings(
        raw.container, raw.sha256, raw.count, tuple(contents), tuple(left_out)
    )


def _from_start(file: IO[bytes]) -> LookaheadText:
    file.seek(0)
    return LookaheadText(VerifiedText(file, Member(), "it"))


@contextmanager
def _open_streamed(
    file: IO[bytes], member: str | None, shown: str
) -> Iterator[Readable]:
    with unpack(_from_start(file), shown, member) as inside:
        yield inside


def _read_members(
    open_member: Callable[[str | None], AbstractContextManager[Readable]],
    chosen: Sequence[Listed],
    shown: str,
    bar: Bar,
) -> tuple[list[Content], list[tuple[str, str]]]:
    contents, left_out = [], []
    for listed in chosen:
        name = listed.name
        bar.reset(listed.bytes)
        with open_member(name) as inside, _named(f"{shown}: {name!r}"):
            text = VerifiedText(inside, Member(), shown, bar.update)
            try:
                opened = open_vectors(text)
                if opened.dimension == 1 < len(chosen):
                    raise FormatError("one number a line, as a list of counts has")
            except FormatError as error:
                if len(chosen) == 1:
                    raise
                left_out.append((name, shorten(str(error), MAX_REASON)))
            else:
                contents.append(_read_rows(opened, text, name))
                continue
        with open_member(name) as inside:
            # What is damaged is not passed over in this way.
            read_to_end(inside)
    if not contents:
        raise FormatError("none of its members begins as a file of vectors does")
    return contents, left_out


def _read_rows(opened: OpenedVectors, text: Text, member: str | None) -> Content:
    upper = 0
    # Eight bytes a token, as two million tokens themselves are large. That two of so
    # many share one by chance has a probability below 1 in a million.
    hashes = []
    rows = 0
    for block in opened.blocks:
        rows += len(block.tokens)
        if rows > MAX_ROWS:
            raise FormatError(
                f"it has more than {MAX_ROWS:,} rows, more than any release has: write "
                "its entry by hand if it is meant"
            )
        upper += _count_upper(block.tokens)
        hashes.append(np.fromiter(map(hash, block.tokens), np.int64))
    return Content(
        member=member,
        sha256=text.sha256,
        bytes=text.count,
        format=opened.format,
        dimension=opened.dimension,
        rows=rows,
        repeated=_count_repeated(hashes),
        upper=upper,
    )


def _count_repeated(hashes: list[NDArray[np.int64]]) -> int:
    joined = np.concatenate(hashes)
    hashes.clear()
    joined.sort()
    return int(np.count_nonzero(joined[1:] == joined[:-1]))


def _count_upper(tokens: list[bytes]) -> int:
    joined = b"\n".join(tokens).decode("utf-8", "replace")
    lowered = joined.lower()
    if lowered == joined:
        return 0
    pairs = zip(joined.split("\n"), lowered.split("\n"), strict=True)
    return sum(token != lower for token, lower in pairs)


@contextmanager
def _named(shown: str) -> Iterator[None]:
    """Begin errors with what they are about."""
    try:
        yield
    except FormatError as error:
        if str(error).startswith(shown):
            raise
        raise FormatError(f"{shown}: {error}") from error
