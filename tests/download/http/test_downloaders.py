"""The downloaders in the hands of pooch, as any user of pooch would use them."""

import errno
import hashlib
import io
import os
import sys
from pathlib import Path
from typing import Any

import pooch
import pytest
from fault_server import FaultServer
from transfers import Archive

from glove_registry.download.http.downloaders import (
    ResumingDownloader,
    ZipMemberDownloader,
)
from glove_registry.download.http.errors import RangesUnsupported, Refused
from glove_registry.download.http.policy import Policy

NAME = "words.50d.txt"


class Bar:
    """A progress bar that records its calls."""

    def __init__(self) -> None:
        self.total: Any = None
        self.n = 0
        self.resets = 0
        self.closed = 0

    def update(self, n: int) -> None:
        """Go on."""
        self.n += n

    def reset(self) -> None:
        """Go back."""
        self.n = 0
        self.resets += 1

    def close(self) -> None:
        """Draw no more."""
        self.closed += 1


def retrieve(url: str, text: bytes, folder: Path, downloader: Any) -> Path:
    """Let pooch fetch what must have the hash of `text`."""
    sha256 = f"sha256:{hashlib.sha256(text).hexdigest()}"
    return Path(pooch.retrieve(url, sha256, "text", folder, downloader=downloader))


def test_member_through_pooch(
    server: FaultServer, archive: Archive, tmp_path: Path, policy: Policy
) -> None:
    """Pooch gets one member by the member's hash, and nothing else stays behind."""
    url = server.add("/a.zip", archive.data)
    downloader = ZipMemberDownloader(NAME, policy=policy)
    path = retrieve(url, archive.texts[NAME], tmp_path, downloader)
    assert path.read_bytes() == archive.texts[NAME]
    assert list(tmp_path.iterdir()) == [path]
    assert server.sent <= 1.01 * archive.measure(NAME)


def test_member_without_ranges(
    server: FaultServer, archive: Archive, tmp_path: Path, policy: Policy
) -> None:
    """Where a server has no ranges, the whole archive is taken, with one bar."""
    url = server.add("/a.zip", archive.data, ranges="none", refusal=416)
    bar = Bar()
    downloader = ZipMemberDownloader(NAME, progressbar=bar, policy=policy)
    path = retrieve(url, archive.texts[NAME], tmp_path, downloader)
    assert path.read_bytes() == archive.texts[NAME]
    assert list(tmp_path.iterdir()) == [path]
    assert (bar.n, bar.total, bar.closed) == (len(archive.data),) * 2 + (1,)


def test_ranges_that_fail_on_the_way(
    server: FaultServer, archive: Archive, tmp_path: Path, policy: Policy
) -> None:
    """A server that stops serving ranges in mid-member leads to the whole archive."""
    url = server.add("/a.zip", archive.data)
    server.spoil("/a.zip", "none")
    server.spoil("/a.zip", "cut", at=1_000_000)
    server.spoil("/a.zip", "become", change={"ranges": "none"})
    bar = Bar()
    downloader = ZipMemberDownloader(NAME, progressbar=bar, policy=policy)
    path = retrieve(url, archive.texts[NAME], tmp_path / "cache", downloader)
    assert path.read_bytes() == archive.texts[NAME]
    assert bar.resets == 1


def test_whole_file_through_pooch(
    server: FaultServer, archive: Archive, tmp_path: Path, policy: Policy
) -> None:
    """Pooch gets a whole file through breaks."""
    url = server.add("/a.zip", archive.data)
    server.spoil("/a.zip", "reset", at=2_000_000, times=2)
    downloader = ResumingDownloader(policy=policy)
    path = retrieve(url, archive.data, tmp_path, downloader)
    assert path.read_bytes() == archive.data
    assert list(tmp_path.iterdir()) == [path]


def test_resume_in_a_later_call(
    server: FaultServer, archive: Archive, tmp_path: Path, policy: Policy
) -> None:
    """A call that gives up leaves a part, which the next call resumes."""
    url = server.add("/a.zip", archive.data)
    server.spoil("/a.zip", "cut", at=3_000_000)
    server.spoil("/a.zip", "status", status=404)
    downloader = ResumingDownloader(policy=policy, part_folder=tmp_path / "parts")
    with pytest.raises(Refused):
        retrieve(url, archive.data, tmp_path, downloader)
    retrieve(url, archive.data, tmp_path, downloader)
    assert server.ranges[-1] == "bytes=3000000-"
    assert list((tmp_path / "parts").iterdir()) == []


def test_wrong_hash_is_noticed_by_pooch(
    server: FaultServer, archive: Archive, tmp_path: Path, policy: Policy
) -> None:
    """What pooch refuses is kept neither by pooch nor as a part."""
    url = server.add("/a.zip", archive.data)
    with pytest.raises(ValueError):  # noqa: PT011  the sentence is pooch's
        retrieve(url, b"", tmp_path, ZipMemberDownloader(NAME, policy=policy))
    assert list(tmp_path.iterdir()) == []


def test_change_on_the_way(server: FaultServer, tmp_path: Path, policy: Policy) -> None:
    """A file that changes on its way is written from the beginning, with its bar."""
    old, new = b"a" * 3_000_000, b"b" * 500_000
    url = server.add("/f", old)
    server.spoil("/f", "cut", at=1_000_000)
    server.spoil("/f", "become", change={"data": new, "etag": '"v2"'})
    bar = Bar()
    target = tmp_path / "f"
    ResumingDownloader(progressbar=bar, policy=policy)(url, target, None)
    assert target.read_bytes() == new
    assert (bar.n, bar.total, bar.resets, bar.closed) == (len(new), len(new), 1, 1)


def test_what_cannot_be_written_is_not_lost(
    server: FaultServer, tmp_path: Path, policy: Policy
) -> None:
    """A part stays until its bytes are written, and serves the next call."""

    class Broken(io.BytesIO):
        def flush(self) -> None:
            raise OSError(errno.EIO, os.strerror(errno.EIO))

    url = server.add("/f", b"x" * 1000)
    downloader = ResumingDownloader(part_folder=tmp_path / "parts", policy=policy)
    with pytest.raises(OSError, match=os.strerror(errno.EIO)):
        downloader(url, Broken(), None)
    downloader(url, tmp_path / "f", None)
    assert (tmp_path / "f").read_bytes() == b"x" * 1000
    assert len(server.seen) == 1


def test_open_file_as_output(
    server: FaultServer,
    archive: Archive,
    tmp_path: Path,
    policy: Policy,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """An open file is written from where it stands, and left open."""
    monkeypatch.setattr(pooch, "os_cache", lambda project: tmp_path / project)
    url = server.add("/a.zip", archive.data)
    output = io.BytesIO(b"before")
    output.seek(6)
    ZipMemberDownloader(NAME, policy=policy)(url, output, None)
    assert output.getvalue() == b"before" + archive.texts[NAME]
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


def test_progress_counts_compressed_bytes(
    server: FaultServer, archive: Archive, tmp_path: Path, policy: Policy
) -> None:
    """The bar of a member shows what moves, not what it becomes."""
    url = server.add("/a.zip", archive.data)
    bar = Bar()
    downloader = ZipMemberDownloader(NAME, progressbar=bar, policy=policy)
    downloader(url, tmp_path / "text", None)
    assert archive.measure(NAME) < bar.total < archive.measure(NAME) + 100
    assert (bar.n, bar.resets, bar.closed) == (bar.total, 0, 1)


def test_progress_of_a_file_of_unknown_size(
    server: FaultServer, tmp_path: Path, policy: Policy
) -> None:
    """A bar of a file whose size is not told moves, and gets no total."""
    url = server.add("/f", b"x" * 1000, framing="close")
    bar = Bar()
    ResumingDownloader(progressbar=bar, policy=policy)(url, tmp_path / "f", None)
    assert (bar.n, bar.total, bar.closed) == (1000, None, 1)


def test_tqdm(
    server: FaultServer,
    tmp_path: Path,
    policy: Policy,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """`True` draws with tqdm, on standard error; by default nothing is drawn."""
    url = server.add("/f", b"x" * 1000)
    ResumingDownloader(policy=policy)(url, tmp_path / "f", None)
    assert capsys.readouterr().err == ""
    ResumingDownloader(progressbar=True, policy=policy)(url, tmp_path / "f", None)
    assert "1.00k/1.00k" in capsys.readouterr().err


@pytest.mark.parametrize("kind", [ResumingDownloader, ZipMemberDownloader])
def test_tqdm_missing(kind: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without tqdm, who asks for a bar is told at once how to get it."""
    monkeypatch.setitem(sys.modules, "tqdm", None)
    with pytest.raises(ValueError, match="pip install tqdm"):
        kind(progressbar=True)


@pytest.mark.parametrize("kind", [ResumingDownloader, ZipMemberDownloader])
def test_check_only(server: FaultServer, policy: Policy, kind: Any) -> None:
    """Pooch can ask whether there is a file, and nothing is fetched for the answer."""
    server.add("/a.zip", b"x" * 100_000)
    hub = pooch.create("unused", server.base + "/", registry={"a.zip": None, "b": None})
    assert hub.is_available("a.zip", downloader=kind(policy=policy))
    assert not hub.is_available("b", downloader=kind(policy=policy))
    assert server.ranges == ["bytes=0-0"] * 2
    assert server.sent <= 1


def test_member_that_is_not_there(
    server: FaultServer, archive: Archive, tmp_path: Path, policy: Policy
) -> None:
    """A wrong name is answered with the right ones, and nothing is left behind."""
    url = server.add("/a.zip", archive.data)
    downloader = ZipMemberDownloader("words.txt", policy=policy)
    with pytest.raises(Refused, match=r"words\.10d\.txt.*words\.50d\.txt") as caught:
        retrieve(url, b"", tmp_path, downloader)
    assert not isinstance(caught.value, RangesUnsupported)
    assert list(tmp_path.iterdir()) == []
