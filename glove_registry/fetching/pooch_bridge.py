"""What pooch keeps: the folder of originals. It is silent unless it fails."""

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path


def keep_file(
    path: Path,
    sha256: str | None,
    url: str,
    write: Callable[[Path], None],
    part: Path,
) -> Path:
    """Keep a file in a folder that pooch owns.

    pooch looks whether it is there, checks its hash each time, and moves a new one
    into place only after that.

    Parameters
    ----------
    path : Path
        Of the file.
    sha256 : str or None
        What it must hash to; None only for a file that is not there yet and that
        `write` has verified.
    url : str
        Where it is from, for pooch's messages.
    write : callable
        Writes the file to the path it is given, if pooch has to bring it.
    part : Path
        Where it is written, on the same file system.
    """
    import pooch

    def download(url: str, output_file: str, hub: object) -> None:
        # Not into pooch's temporary file: that is its owner's alone, as a cache can be
        # shared, and stays for ever if the process is killed.
        part.parent.mkdir(parents=True, exist_ok=True)
        try:
            write(part)
            part.replace(output_file)
        finally:
            part.unlink(missing_ok=True)

    hub = pooch.create(
        path=path.parent,
        base_url="",
        registry={path.name: f"sha256:{sha256}" if sha256 else None},
        urls={path.name: url},
    )
    with _quiet():
        return Path(hub.fetch(path.name, downloader=download))


@contextmanager
def _quiet() -> Iterator[None]:
    import pooch

    logger = pooch.get_logger()
    level = logger.level
    logger.setLevel(logging.ERROR)
    try:
        yield
    finally:
        logger.setLevel(level)
