"""Downloaders for pooch: whole files that resume, and one member of a remote zip.

Each is a callable ``(url, output_file, pooch)``, as pooch's protocol for downloaders
has it, and can be passed to `pooch.retrieve` or `pooch.Pooch.fetch`. pooch checks the
hash of what they write.
"""

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import IO, Any, Protocol

from .client import Client, OnBytes, restarting
from .download import Download, open_remote_file
from .errors import RangesUnsupported, TransportError
from .policy import Policy
from .remote_zip import open_archived_member, open_member

_Output = str | os.PathLike[str] | IO[bytes]


class ProgressBar(Protocol):
    """A progress bar as pooch expects it, for example one of tqdm."""

    total: Any  # set to the number of bytes, once it is known

    def update(self, n: int, /) -> object:
        """Advance by so many bytes."""

    def reset(self) -> object:
        """Go back to zero."""

    def close(self) -> object:
        """Finish drawing."""


@dataclass(kw_only=True, eq=False)
class ResumingDownloader:
    """Download a whole file, and resume what an earlier run left unfinished.

    Parameters
    ----------
    progressbar : bool or ProgressBar
        Whether to draw one, which needs tqdm, or the one to draw on.
    part_folder : path-like, optional
        Folder for part files; by default that of the file to write or, if that has no
        path, one in pooch's cache.
    sha256 : str, optional
        Of what is written. pooch checks its own hash in any case; with this one, wrong
        bytes are fetched once more from zero if they were resumed.
    size : int, optional
        Of what is written, in bytes.
    policy : Policy, optional
        How patient to be.

    Raises
    ------
    ValueError
        If a bar is to be drawn and tqdm is not installed.

    Examples
    --------
    >>> import pooch
    >>> path = pooch.retrieve(  # doctest: +SKIP
    ...     "https://nlp.stanford.edu/data/glove.6B.zip",
    ...     known_hash="sha256:"
    ...     "617afb2fe6cbd085c235baf7a465b96f4112bd7f7ccb2b2cbd649fed9cbcf2fb",
    ...     downloader=ResumingDownloader(progressbar=True),
    ... )
    """

    progressbar: bool | ProgressBar = False
    part_folder: str | os.PathLike[str] | None = None
    sha256: str | None = None
    size: int | None = None
    policy: Policy | None = None

    def __post_init__(self) -> None:
        if self.progressbar is True:
            _import_tqdm()

    def __call__(
        self, url: str, output_file: _Output, pooch: Any, check_only: bool = False
    ) -> bool | None:
        """Write the file at a URL, or the member of that archive.

        Parameters
        ----------
        url : str
            ``https:`` or ``http:``.
        output_file : path-like or binary file
            Where to write. An open file must be seekable, as writing starts again if
            the remote file changes during the transfer.
        pooch : pooch.Pooch or None
            Ignored.
        check_only : bool
            Whether only to check that the URL exists, and to write nothing.

        Returns
        -------
        bool or None
            Whether the URL exists, with `check_only`.

        Raises
        ------
        TransportError
            If the bytes did not arrive; its classes say why.
        OSError
            If they cannot be written.
        """
        with Client(self.policy) as client:
            if check_only:
                return _exists(client, url)
            with (
                _open_output(output_file) as output,
                _draw(self.progressbar) as on_bytes,
            ):
                openers = [
                    partial(
                        opener,
                        client,
                        url,
                        folder=_choose_folder(self.part_folder, output_file),
                        sha256=self.sha256,
                        size=self.size,
                        on_bytes=on_bytes,
                    )
                    for opener in self._list_openers()
                ]
                _write(openers, output)
        return None

    def _list_openers(self) -> list[Callable[..., AbstractContextManager[Download]]]:
        return [open_remote_file]


@dataclass(eq=False)
class ZipMemberDownloader(ResumingDownloader):
    """Download one member of a remote zip archive, by ranges of bytes.

    The text of the member is written, but its compressed bytes are transferred: 69 of
    the 862 MB of ``glove.6B.zip`` for its ``glove.6B.50d.txt``. If a server has no
    ranges, the whole archive is fetched to a part file, and the member read from it.

    Parameters
    ----------
    member : str, optional
        Exact name of the member; not needed if the archive has only one.
    progressbar, part_folder, sha256, size, policy
        As for `ResumingDownloader`.

    Examples
    --------
    >>> import pooch
    >>> path = pooch.retrieve(  # doctest: +SKIP
    ...     "https://nlp.stanford.edu/data/glove.6B.zip",
    ...     known_hash="sha256:"
    ...     "d8f717f8dd4b545cb7f418ef9f3d0c3e6e68a6f48b97d32f8b7aae40cb31f96f",
    ...     fname="glove.6B.50d.txt",
    ...     downloader=ZipMemberDownloader("glove.6B.50d.txt"),
    ... )
    """

    member: str | None = None

    def _list_openers(self) -> list[Callable[..., AbstractContextManager[Download]]]:
        return [
            partial(open_member, name=self.member),
            partial(open_archived_member, name=self.member),
        ]


def _write(
    openers: Sequence[Callable[[], AbstractContextManager[Download]]],
    output: IO[bytes],
) -> None:
    """Write what the first opener brings; the next is for servers without ranges."""
    begin = output.tell()

    def attempt(opener: Callable[[], AbstractContextManager[Download]]) -> None:
        output.seek(begin)
        output.truncate()
        with opener() as download:
            for chunk in download:
                output.write(chunk)
            # The part is removed when this block ends: write the bytes before.
            output.flush()

    *by_ranges, whole = openers
    for opener in by_ranges:
        with suppress(RangesUnsupported):
            return restarting(partial(attempt, opener))
    restarting(partial(attempt, whole))


@contextmanager
def _open_output(output_file: _Output) -> Iterator[IO[bytes]]:
    if isinstance(output_file, str | os.PathLike):
        with open(output_file, "wb") as file:
            yield file
    else:
        yield output_file


@contextmanager
def _draw(progressbar: bool | ProgressBar) -> Iterator[OnBytes]:
    """Turn the absolute counts of a transfer into the steps of a bar."""
    if progressbar is False:
        yield lambda done, total: None
        return
    bar: ProgressBar
    if progressbar is True:
        bar = _import_tqdm()(unit="B", unit_scale=True, dynamic_ncols=True)
    else:
        bar = progressbar
    drawn = 0

    def on_bytes(done: int, total: int | None) -> None:
        nonlocal drawn
        if done < drawn:
            bar.reset()
            drawn = 0
        if total is not None:
            bar.total = total
        bar.update(done - drawn)
        drawn = done

    try:
        yield on_bytes
    finally:
        bar.close()


def _import_tqdm() -> Callable[..., Any]:
    try:
        from tqdm import tqdm  # only needed to draw a bar
    except ImportError:
        raise ValueError(
            "progressbar=True needs tqdm, which is not installed: run "
            "`python -m pip install tqdm`, or pass a progress bar of your own"
        ) from None
    return tqdm


def _choose_folder(
    part_folder: str | os.PathLike[str] | None, output_file: _Output
) -> Path:
    if part_folder is not None:
        return Path(part_folder)
    if isinstance(output_file, str | os.PathLike):
        return Path(output_file).absolute().parent
    import pooch  # only needed for a file without a path

    # Not a folder that others can write to: the names of parts are predictable.
    return Path(pooch.os_cache("glove_registry")) / "partial"


def _exists(client: Client, url: str) -> bool:
    try:
        client.probe(url)
    except TransportError:
        return False
    return True
