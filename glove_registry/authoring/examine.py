"""What a file of vectors is, found out by reading all of it."""

from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
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
from ..errors import FetchError, FormatError, RegistryError
from ..formats import OpenedVectors, open_vectors
from ..messages.printable import quote, shorten
from ..messages.progress import Bar
from ..registry import Member

# Six times the largest known release. Each row takes 16 bytes of memory here.
MAX_ROWS = 20_000_000
MAX_REASON = 500


@dataclass(frozen=True, slots=True)
class Content:
    """Vectors that were read from the first row to the last."""

    member: str | None  # their name in an archive
    sha256: str  # of the uncompressed text
    bytes: int  # of the uncompressed text
    format: str  # its name in `FORMATS`
    tokenizer: str | None  # if the file names it
    dimension: int
    rows: int
    repeated: int  # rows whose token is also in an earlier row
    upper: int  # rows whose token has an upper-case letter

    @property
    def cased(self) -> bool:
        """Whether at least one token in a hundred has an upper-case letter.

        Where upper case was kept, a third of the tokens or more have one; elsewhere a
        few can still have one, such as ``<UNK>``.
        """
        return self.upper * 100 >= self.rows


@dataclass(frozen=True, slots=True)
class Examination:
    """What was found out about a file."""

    # "zip", "tar", "gz", "bz2", "xz", "zst"; None if the file is the text itself.
    container: str | None
    sha256: str  # of the file
    bytes: int  # of the file
    contents: tuple[Content, ...]  # one if the file is not an archive
    # Members without vectors, and how that was recognized.
    left_out: tuple[tuple[str, str], ...]


def is_pattern(name: str) -> bool:
    """Return whether a name stands for several variants."""
    return "{dimension}" in name or "{member}" in name


def choose_members(
    names: Sequence[str], shown: str, name: str, member: str | None
) -> Sequence[str]:
    """Return which members of an archive become entries.

    Errors call the archive `shown`. The name of the variant may be a pattern for
    several; `member` is the only one that is wanted, None if none was named.
    """
    listing = ", ".join(map(quote, names[:20])) or "nothing"
    if not names:
        raise FormatError(f"{shown} holds no file")
    if member is not None:
        if member not in names:
            raise RegistryError(
                f"{shown} has no member {quote(member)}: it holds {listing}"
            )
        return [member]
    if len(names) > 1 and not is_pattern(name):
        raise RegistryError(
            f"{shown} holds {listing}: name one of them by --member, or write "
            "{member} or {dimension} into --name, as in 'my.{dimension}d', for an "
            "entry of each"
        )
    return names


def examine(
    path: Path,
    shown: str,
    name: str,
    member: str | None,
    bar: Bar,
    prefix: str | None = None,
) -> Examination:
    """Read a file of vectors, in whatever container it is.

    The arguments are as for `choose_members` and `open_vectors`. Raises `FetchError` if
    the file cannot be read, `FormatError` (with the line) if it is damaged or holds no
    vectors, and `RegistryError` if it is unclear which member is meant.
    """
    try:
        file = open_regular(path)
    except OSError as error:
        raise FetchError(
            f"{shown} cannot be read ({error.strerror}): check the path"
        ) from error
    with file, _named(shown):
        bar.reset(path.stat().st_size)
        whole = VerifiedText(file, Member(), shown, bar.update)
        raw = LookaheadText(whole, has_member=member is not None)
        # Before the members, which may not lie in the file's order.
        read_to_end(raw)
        if raw.is_zip:
            listed: list[Listed] | None = list_zipped(file)
        else:
            listed = list_tar(_rewind(file, None))
        if listed is not None:
            chosen = choose_members([one.name for one in listed], shown, name, member)
            members = [one for one in listed if one.name in chosen]
            contents, left_out = _read_members(file, members, shown, bar, prefix)
        elif member is not None or "{member}" in name:
            raise RegistryError(f"{shown} is not an archive and has no members")
        else:
            left_out = []
            with _open(file, None) as inside:
                text = VerifiedText(inside, Member(), shown)
                opened = open_vectors(text, prefix=prefix)
                contents = [_read_rows(opened, text, None)]
    return Examination(
        raw.container, raw.sha256, raw.count, tuple(contents), tuple(left_out)
    )


def _rewind(file: IO[bytes], member: str | None) -> LookaheadText:
    file.seek(0)
    whole = VerifiedText(file, Member(), "it")
    return LookaheadText(whole, has_member=member is not None)


def _open(file: IO[bytes], member: str | None) -> AbstractContextManager[Readable]:
    packed = _rewind(file, member)
    if packed.is_zip:
        return open_zipped(file, member)
    return unpack(packed, member)


def _read_members(
    file: IO[bytes],
    members: Sequence[Listed],
    shown: str,
    bar: Bar,
    prefix: str | None,
) -> tuple[list[Content], list[tuple[str, str]]]:
    contents, left_out = [], []
    for member in members:
        name = member.name
        bar.reset(member.bytes)
        with _open(file, name) as inside, _named(f"{shown}: {quote(name)}"):
            text = VerifiedText(inside, Member(), shown, bar.update)
            try:
                opened = open_vectors(text, prefix=prefix)
                if opened.dimension == 1 < len(members):
                    raise FormatError("one number a line, as a list of counts has")
            except FormatError as error:
                if len(members) == 1:
                    raise
                left_out.append((name, shorten(str(error), MAX_REASON)))
            else:
                contents.append(_read_rows(opened, text, name))
                continue
        with _open(file, name) as inside:
            # A damaged member is an error, not left out.
            read_to_end(inside)
    if not contents:
        raise FormatError("none of its members looks like a file of vectors")
    return contents, left_out


def _read_rows(opened: OpenedVectors, text: Text, member: str | None) -> Content:
    upper = 0
    # Eight bytes per token, as two million tokens are large. That two of so many have
    # the same hash by chance has a probability below 1 in a million.
    hashes = []
    rows = 0
    for block in opened.read_words():
        rows += len(block.tokens)
        if rows > MAX_ROWS:
            raise FormatError(
                f"it has more than {MAX_ROWS:,} rows, more than any release: write its "
                "entry by hand if that is right"
            )
        upper += _count_upper(block.tokens)
        hashes.append(np.fromiter(map(hash, block.tokens), np.int64))
    return Content(
        member=member,
        sha256=text.sha256,
        bytes=text.count,
        format=opened.format,
        tokenizer=opened.tokenizer,
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
    """Begin errors with the name of the file."""
    try:
        yield
    except FormatError as error:
        if str(error).startswith(shown):
            raise
        raise FormatError(f"{shown}: {error}") from error
