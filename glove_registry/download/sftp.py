"""Copy a file by SFTP, through pooch's downloader: the opener of ``sftp:``."""

from typing import IO, TYPE_CHECKING

if TYPE_CHECKING:
    from .http import Policy


def copy(url: str, file: IO[bytes], policy: "Policy") -> None:
    """Write the file at `url` to `file`."""
    import pooch

    # The one downloader that writes to nothing but a path.
    pooch.SFTPDownloader(timeout=policy.read_timeout)(url, file.name, None)
