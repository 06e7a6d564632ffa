"""What pooch keeps: the folder of originals. It is silent unless it fails."""

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path


def keep_file(
    path: Path, sha256: str | None, url: str, write: Callable[[Path], None]
) -> Path:
    """Let pooch bring a file into a folder, and check its hash there.

    Parameters
    ----------
    path : Path
        Of the file, in a folder that nothing else is in.
    sha256 : str or None
        What it must hash to; None only where `write` verifies it.
    url : str
        Where it is from, for pooch's messages.
    write : callable
        Writes the file to the path it is given.
    """
    import pooch

    def download(url: str, output_file: str, hub: object) -> None:
        # Not into pooch's temporary file, which is its owner's alone: a cache can be
        # shared.
        part = path.with_name(f"{path.name}.part")
        write(part)
        part.replace(output_file)

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
