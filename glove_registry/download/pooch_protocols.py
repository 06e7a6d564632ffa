"""Copy a file through a downloader of pooch: openers of ``sftp:`` and ``doi:``."""

from typing import IO, TYPE_CHECKING

if TYPE_CHECKING:
    from .http import Policy

_PIECE = 1 << 18


def copy_by_sftp(url: str, file: IO[bytes], policy: "Policy") -> None:
    """Write the file at `url` to `file`."""
    import pooch

    # The one downloader that writes to nothing but a path.
    pooch.SFTPDownloader(timeout=policy.read_timeout)(url, file.name, None)


def copy_by_doi(url: str, file: IO[bytes], policy: "Policy") -> None:
    """Write the file at `url`, ``doi:DOI/FILE``, to `file`."""
    import pooch

    downloader = pooch.DOIDownloader(timeout=policy.read_timeout, chunk_size=_PIECE)
    downloader(url, file, None)
