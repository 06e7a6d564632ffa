"""What is known of a file, as JSON beside it or in a folder of such records.

A record is a small table that names what it holds. One that is missing, damaged,
foreign or of another form reads as None, so that nothing is ever trusted by mistake.
"""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from xxhash import xxh3_128_hexdigest

from .digests import is_sha256
from .files import open_regular

if TYPE_CHECKING:
    from .places import Cache

SUFFIX = ".record"

_MAX_BYTES = 1 << 16
_CHECKSUM = "xxh3_128"


def name_record(path: Path) -> Path:
    """Return the path of the record beside a file."""
    return path.with_name(path.name + SUFFIX)


def read_record(path: Path) -> dict[str, Any] | None:
    """Return what a record holds; None if it cannot be read or is not a record."""
    try:
        with open_regular(path) as file:
            content = file.read(_MAX_BYTES + 1)
        return parse_table(content) if len(content) <= _MAX_BYTES else None
    except (OSError, ValueError, RecursionError):
        return None


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
        part.write_text(spell_table(values), encoding="ascii")


def spell_table(values: Mapping[str, Any], indent: int | None = None) -> str:
    """Return a table as JSON, with a checksum by which damage to it is noticed."""
    return json.dumps({**values, _CHECKSUM: _hash(values)}, indent=indent)


def parse_table(content: bytes) -> dict[str, Any]:
    """Return a table from JSON; raise `ValueError` if it is none or has changed.

    One without a checksum is believed: a part's, which grows, or an earlier version's.
    """
    table = json.loads(content)
    if not isinstance(table, dict):
        raise ValueError("expected a table")
    if table.pop(_CHECKSUM, None) not in (None, _hash(table)):
        raise ValueError("it has changed since it was written")
    return table


def _hash(values: Mapping[str, Any]) -> str:
    return xxh3_128_hexdigest(json.dumps(values).encode())
