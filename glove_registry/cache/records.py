"""What is known of a file, as JSON beside it or in a folder of such records.

A record is a small table that names what it holds. One that is missing, damaged,
foreign or of another form reads as None, so that nothing is ever trusted by mistake.
"""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .digests import is_sha256
from .files import open_regular

if TYPE_CHECKING:
    from .places import Cache

SUFFIX = ".record"

_MAX_BYTES = 1 << 16


def name_record(path: Path) -> Path:
    """Return the path of the record beside a file."""
    return path.with_name(path.name + SUFFIX)


def read_record(path: Path) -> dict[str, Any] | None:
    """Return what a record holds; None if it cannot be read or is not a record."""
    try:
        with open_regular(path) as file:
            content = file.read(_MAX_BYTES + 1)
        record = json.loads(content) if len(content) <= _MAX_BYTES else None
    except (OSError, ValueError, RecursionError):
        return None
    return record if isinstance(record, dict) else None


def read_sha256(path: Path) -> str | None:
    """Return the sha256 in a record; None if there is none."""
    sha256 = (read_record(path) or {}).get("sha256")
    return sha256 if is_sha256(sha256) else None


def write_record(path: Path, cache: "Cache", **values: Any) -> None:
    """Write a record in one piece, in place of an earlier one."""
    from .publish import publish  # not needed on the warm path

    for folder in (path.parent, cache.workspace):
        cache.make_folder(folder)
    with publish(path, workspace=cache.workspace) as part:
        part.write_text(json.dumps(values), encoding="ascii")
