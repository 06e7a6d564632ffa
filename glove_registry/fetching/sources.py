"""The file at a source, on this machine: downloaded by pooch, or where it lies already.

pooch owns the folder of downloads and the check of the file's own hash.
"""

import hashlib
import importlib.util
import logging
import re
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit
from urllib.request import url2pathname

from ..cache import Cache
from ..errors import ChecksumError, FetchError
from ..progress import open_bar
from ..registry import Source
from .verified import check_file

if TYPE_CHECKING:
    from tqdm import tqdm

_LOOPBACK = {"localhost", "127.0.0.1", "::1"}

# pooch's default of 1 KiB, with a flush after each, costs five times the wall time.
_CHUNK_BYTES = 1 << 18


def locate_file(
    source: Source, cache: Cache, shown: str, progress: bool | None
) -> Path:
    """Bring the file at a source here, and verify it as far as its hash is known.

    Parameters
    ----------
    source : Source
    cache : Cache
        Where a download is put; files of this machine stay where they are.
    shown : str
        Name of the variant, for the progress bar.
    progress : bool or None
        Whether to draw a bar; None: on a terminal only.

    Raises
    ------
    FetchError
        It cannot be had from there; nothing half was kept.
    """
    scheme = urlsplit(source.url).scheme
    if scheme == "file":
        path = Path(url2pathname(urlsplit(source.url).path))
        return _verify_in_place(path, source)
    if scheme == "package":
        return _verify_in_place(_find_in_package(source.url), source)
    return _download(source, cache, shown, progress)


def name_download(source: Source) -> str:
    """Name the file of a source inside the folder of downloads.

    The name begins with what the bytes are, so that two sources of one archive share
    a file and two files of one name do not; nothing in it can leave the folder.
    """
    key = source.sha256 or hashlib.sha256(source.url.encode()).hexdigest()
    base = PurePosixPath(urlsplit(source.url).path).name
    return f"{key[:12]}-{re.sub(r'[^A-Za-z0-9._-]', '_', base)[-80:] or 'file'}"


def _verify_in_place(path: Path, source: Source) -> Path:
    if not path.is_file():
        raise FetchError(f"{path} is not there, or is no file")
    try:
        check_file(path, str(path), source.sha256, source.bytes)
    except PermissionError as error:
        raise FetchError(f"{path} cannot be read ({error.strerror})") from error
    return path


def _find_in_package(url: str) -> Path:
    package, _, inside = url.removeprefix("package:").partition("/")
    # Found, not imported: no code runs for a file to be read.
    spec = importlib.util.find_spec(package.partition(".")[0])
    if spec is None or not spec.submodule_search_locations:
        raise FetchError(f"the Python package {package!r} is not installed")
    folders = package.split(".")[1:]
    for location in spec.submodule_search_locations:
        path = Path(location, *folders, *inside.split("/"))
        if path.is_file():
            return path
    raise FetchError(f"the Python package {package!r} holds no file {inside!r}")


def _download(source: Source, cache: Cache, shown: str, progress: bool | None) -> Path:
    import pooch
    from requests import RequestException

    parts = urlsplit(source.url)
    if parts.scheme == "http" and parts.hostname not in _LOOPBACK:
        warnings.warn(
            f"{source.url} is fetched without TLS: others can see what is fetched; "
            "the checksum still decides whether it is used",
            stacklevel=2,
        )
    name = name_download(source)
    hub = pooch.create(
        path=cache.downloads,
        base_url="",
        registry={name: f"sha256:{source.sha256}" if source.sha256 else None},
        urls={name: source.url},
    )
    with open_bar(f"fetch {shown}", source.bytes, progress) as bar:
        downloader = _Downloader(bar)
        try:
            with _quiet_pooch():
                path = Path(hub.fetch(name, downloader=downloader))
        except RequestException as error:
            raise FetchError(_explain(error)) from error
        except ValueError as error:
            # pooch's error for a wrong hash: it has removed the file, and the hash it
            # found is the last one it names.
            found = re.findall(r"[0-9a-f]{64}", str(error))
            if not found:
                raise FetchError(str(error)) from error
            raise ChecksumError(
                f"the file has sha256 {found[-1]} ({downloader.bytes:,} bytes), "
                f"expected {source.sha256}"
                + (f", of {source.bytes:,} bytes" if source.bytes else "")
            ) from error
    return path


class _Downloader:
    """pooch's own downloader for the URL's scheme, with the size looked at after."""

    def __init__(self, bar: "tqdm[Any]") -> None:
        self._bar = bar
        self.bytes: int | None = None

    def __call__(self, url: str, output_file: str, hub: Any) -> None:
        from pooch.downloaders import choose_downloader

        downloader = choose_downloader(url, progressbar=self._bar)
        downloader.chunk_size = _CHUNK_BYTES
        # pooch's temporary file is its owner's alone; made anew, it takes the umask's
        # permissions, as a cache can be shared.
        Path(output_file).unlink()
        downloader(url, output_file, hub)
        self.bytes = Path(output_file).stat().st_size


@contextmanager
def _quiet_pooch() -> Iterator[None]:
    # The progress bar says it already, and only where somebody looks.
    import pooch

    logger = pooch.get_logger()
    level = logger.level
    logger.setLevel(logging.WARNING)
    try:
        yield
    finally:
        logger.setLevel(level)


def _explain(error: Exception) -> str:
    """Say in one line why a request failed."""
    from requests import ConnectionError, HTTPError, Timeout
    from requests.exceptions import ChunkedEncodingError, SSLError

    if isinstance(error, HTTPError) and error.response is not None:
        return f"HTTP {error.response.status_code} ({error.response.reason})"
    if isinstance(error, ChunkedEncodingError):
        return "the connection ended before the file did"
    if isinstance(error, SSLError):
        return f"no trusted TLS connection: {error}"
    if isinstance(error, Timeout):
        return "no answer in time"
    if isinstance(error, ConnectionError):
        return f"no connection: {error}"
    return f"{type(error).__name__}: {error}"
