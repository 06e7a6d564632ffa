"""A release of a lab's own, in an archive, and entries as another reader sees them."""

from pathlib import Path
from typing import Any

import yaml
from zips import make_zip


def read_entries(path: Path) -> dict[str, Any]:
    """Read the entries of a registry file with another reader."""
    entries: dict[str, Any] = yaml.safe_load(path.read_text("utf-8"))["variants"]
    return entries


def write_zip(path: Path, members: dict[str, bytes], method: int = 8) -> Path:
    """Write a zip archive."""
    path.write_bytes(make_zip(members, method))
    return path


def make_release() -> dict[str, bytes]:
    """Make the members of a release: the same words at four dimensions."""
    return {
        f"lab.{dimension}d.txt": b"".join(
            token + b" 0.5" * dimension + b"\n" for token in (b"the", b"of", b"film")
        )
        for dimension in (2, 3, 5, 8)
    }
