"""Downloaders for pooch: one member of a remote zip, and whole files that resume.

Each is a callable ``(url, output_file, pooch)``, as pooch's protocol for downloaders
has it, so that any user of pooch can hand one to `pooch.retrieve` or
`pooch.Pooch.fetch`. pooch checks the hash of what they write.
"""

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, suppress
from functools import partial
from pathlib import Path
from typing import IO, Any, Protocol

from .body import Download, open_file
from .faults import RangesUnsupported, TransportError
from .policy import Policy
from .remote_zip import open_archived_member, open_member
from .stream import OnBytes, probe, restarting

__all__ = ["ProgressBar", "ResumingDownloader", "ZipMemberDownloader"]


_Opened = AbstractContextManager[Download]


class _Opener(Protocol):
    def __call__(self, *, on_bytes: OnBytes) -> _Opened: ...


class ProgressBar(Protocol):
    """What pooch asks of a progress bar; those of tqdm are some.

    Attributes
    ----------
    total : float or None
        Set to the bytes to come, once they are known.
    """

    total: Any

    def update(self, n: int, /) -> object:
        """Go on by so many bytes."""

    def reset(self) -> object:
        """Go back to zero."""

    def close(self) -> object:
        """Draw no more."""


class ResumingDownloader:
    """Download a whole file; go on where an earlier run was interrupted.

    Parameters
    ----------
    progressbar : bool or ProgressBar
        Whether to draw one, which needs tqdm, or the one to draw on.
    part_folder : path-like, optional
        Where part files lie; by default beside the file that is written, or, where
        that has no path, in pooch's cache.
    sha256 : str, optional
        Of the file. pooch checks its own hash in any case; with this one a wrong
        file is taken once more from zero if it was resumed.
    size : int, optional
        Of the file, in bytes.
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

    def __init__(
        self,
        *,
        progressbar: bool | ProgressBar = False,
        part_folder: str | os.PathLike[str] | None = None,
        sha256: str | None = None,
        size: int | None = None,
        policy: Policy | None = None,
    ) -> None:
        if progressbar is True:
            _import_tqdm()
        self.progressbar = progressbar
        self.part_folder = part_folder
        self.sha256 = sha256
        self.size = size
        self.policy = policy

    def __call__(
        self,
        url: str,
        output_file: str | os.PathLike[str] | IO[bytes],
        pooch: Any,
        check_only: bool = False,
    ) -> bool | None:
        """Write the file at `url` to `output_file`.

        Parameters
        ----------
        url : str
            ``https:`` or ``http:``.
        output_file : path-like or binary file
            Where to write it. An open file must be seekable, as writing begins anew
            if the remote file changes on its way.
        pooch : pooch.Pooch or None
            Who asks.
        check_only : bool
            Whether to ask only if there is such a file, and write nothing.

        Returns
        -------
        bool or None
            Whether there is such a file, with `check_only`.

        Raises
        ------
        TransportError
            If it did not arrive; its classes say in which way.
        OSError
            If it cannot be written.
        """
        if check_only:
            return _is_there(url, self.policy)
        folder = _choose_folder(self.part_folder, output_file)

        opener = partial(
            open_file,
            url,
            folder,
            sha256=self.sha256,
            size=self.size,
            policy=self.policy,
        )
        _write([opener], output_file, self.progressbar, self.policy)
        return None


class ZipMemberDownloader:
    """Download one member of a remote zip archive, by ranges of bytes.

    What is written is the member's text, and what moves are its compressed bytes: 69
    of the 862 MB of ``glove.6B.zip`` for its ``glove.6B.50d.txt``. Where a server has
    no ranges, the whole archive is taken to a part file, and the member out of that.

    Parameters
    ----------
    member : str, optional
        Exact name of the member; may be left out if the archive has only one.
    progressbar : bool or ProgressBar
        Whether to draw one, which needs tqdm, or the one to draw on.
    part_folder : path-like, optional
        Where part files lie; by default beside the file that is written, or, where
        that has no path, in pooch's cache.
    sha256 : str, optional
        Of the member. pooch checks its own hash in any case; with this one a wrong
        member is taken once more from zero if it was resumed.
    size : int, optional
        Of the member, in bytes.
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
    ...     "d8f717f8dd4b545cb7f418ef9f3d0c3e6e68a6f48b97d32f8b7aae40cb31f96f",
    ...     fname="glove.6B.50d.txt",
    ...     downloader=ZipMemberDownloader("glove.6B.50d.txt"),
    ... )
    """

    def __init__(
        self,
        member: str | None = None,
        *,
        progressbar: bool | ProgressBar = False,
        part_folder: str | os.PathLike[str] | None = None,
        sha256: str | None = None,
        size: int | None = None,
        policy: Policy | None = None,
    ) -> None:
        if progressbar is True:
            _import_tqdm()
        self.member = member
        self.progressbar = progressbar
        self.part_folder = part_folder
        self.sha256 = sha256
        self.size = size
        self.policy = policy

    def __call__(
        self,
        url: str,
        output_file: str | os.PathLike[str] | IO[bytes],
        pooch: Any,
        check_only: bool = False,
    ) -> bool | None:
        """Write the text of the member to `output_file`.

        Parameters
        ----------
        url : str
            Of the archive; ``https:`` or ``http:``.
        output_file, pooch, check_only
            As for `ResumingDownloader`.

        Returns
        -------
        bool or None
            Whether there is such an archive, with `check_only`.

        Raises
        ------
        TransportError
            If it did not arrive; its classes say in which way.
        OSError
            If it cannot be written.
        """
        if check_only:
            return _is_there(url, self.policy)
        folder = _choose_folder(self.part_folder, output_file)

        def open_by(opener: Callable[..., _Opened]) -> _Opener:
            return partial(
                opener,
                url,
                self.member,
                folder,
                sha256=self.sha256,
                size=self.size,
                policy=self.policy,
            )

        openers = [open_by(open_member), open_by(open_archived_member)]
        _write(openers, output_file, self.progressbar, self.policy)
        return None


def _write(
    openers: Sequence[_Opener],
    output_file: str | os.PathLike[str] | IO[bytes],
    progressbar: bool | ProgressBar,
    policy: Policy | None,
) -> None:
    """Write what the first opener brings; the next is for servers without ranges."""
    with _open_output(output_file) as output, _draw(progressbar) as on_bytes:
        begin = output.tell()

        def attempt(opener: _Opener) -> None:
            output.seek(begin)
            output.truncate()
            with opener(on_bytes=on_bytes) as download:
                for chunk in download:
                    output.write(chunk)
                # The part goes when this block ends: the bytes are to be there first.
                output.flush()

        for opener in openers:
            try:
                return restarting(partial(attempt, opener), policy)
            except RangesUnsupported:
                if opener is openers[-1]:
                    raise


@contextmanager
def _open_output(
    output_file: str | os.PathLike[str] | IO[bytes],
) -> Iterator[IO[bytes]]:
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
        from tqdm import tqdm  # only who wants to see a bar needs it
    except ImportError:
        raise ValueError(
            "progressbar=True needs tqdm, which is not installed: run "
            "`python -m pip install tqdm`, or pass a progress bar of your own"
        ) from None
    return tqdm


def _choose_folder(
    part_folder: str | os.PathLike[str] | None,
    output_file: str | os.PathLike[str] | IO[bytes],
) -> Path:
    if part_folder is not None:
        return Path(part_folder)
    if isinstance(output_file, str | os.PathLike):
        return Path(output_file).absolute().parent
    import pooch  # imported here, as only a file without a path has need of it

    # Never a folder that others can write to: names of parts can be foreseen.
    return Path(pooch.os_cache("glove_registry")) / "partial"


def _is_there(url: str, policy: Policy | None) -> bool:
    with suppress(TransportError):
        probe(url, policy=policy)
        return True
    return False
