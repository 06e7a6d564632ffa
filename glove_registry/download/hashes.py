"""Hashes that this machine remembers: of opened files, and trusted on first use."""

import hashlib
import json
import os
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

from ..cache import Cache
from ..cache.digests import hash_file
from ..cache.records import read_record, read_sha256, write_record
from ..errors import CacheError, ChecksumError
from ..messages.log import log
from ..registry import Resource

_R = TypeVar("_R", bound=Resource)


def find_hash(path: Path, cache: Cache) -> str:
    """Return the sha256 of a file, hashed anew only if the file has changed.

    Hashing gigabytes takes longer than all else in opening a file; its size and times
    are read in microseconds and change with each write.

    A read-only cache stays as it is. Raises `OSError` if the file cannot be read.
    """
    state = _describe(path)
    key = hashlib.sha256(os.fsencode(path)).hexdigest()[:32]
    record_path = cache.hashes / f"{key}.json"
    sha256 = read_sha256(record_path)
    if sha256 and (read_record(record_path) or {}).get("state") == state:
        return sha256
    sha256 = hash_file(path)
    # A file that was written to while it was hashed is hashed again next time.
    if _describe(path) == state:
        with suppress(OSError):
            cache.root.mkdir(parents=True, exist_ok=True)
            write_record(record_path, cache, state=state, sha256=sha256)
    return sha256


def is_current_hash(record_path: Path) -> bool:
    """Return whether a record is of a file that exists and has not changed since."""
    record = read_record(record_path)
    with suppress(OSError, LookupError, TypeError, ValueError):
        return record is not None and record["state"] == _describe(record["state"][0])
    return False


def apply_trusted_hash(variant: _R, cache: Cache) -> _R:
    """Return the variant with the sha256 that was trusted on first use, if one was.

    Raises
    ------
    CacheError
        There is a record and it cannot be read: nothing is trusted anew over it.
    """
    return apply_record(variant, _name_record(variant, cache))


def apply_record(variant: _R, path: Path) -> _R:
    """Return the variant with the sha256 in a record; raise as above."""
    sha256 = read_sha256(path)
    if sha256 is None:
        if not os.path.lexists(path):
            return variant
        raise CacheError(
            f"{path} records the sha256 that {variant.reference} is held to, and "
            "cannot be read: restore it, or remove it to trust anew"
        )
    return replace(
        variant,
        member=replace(variant.member, sha256=sha256),
        # Other bytes contradict this record, not the entry.
        origin=f"{variant.origin}, trusted on first use as {path} says",
    )


def record_trusted_hash(variant: Resource, cache: Cache, sha256: str, url: str) -> None:
    """Record the sha256 of what arrived first.

    Raises
    ------
    ChecksumError
        Another one is recorded already.
    """
    path = _name_record(variant, cache)
    if not os.path.lexists(path):
        write_record(path, cache, reference=variant.reference, url=url, sha256=sha256)
        log.warning(
            "%s was trusted on first use: sha256 %s from %s, recorded in %s. An entry "
            "of your own with this sha256 holds others to it too",
            variant.reference,
            sha256,
            url,
            path,
        )
    if apply_trusted_hash(variant, cache).member.sha256 != sha256:
        raise ChecksumError(
            f"{variant.reference} has sha256 {sha256}, and {path} says that another "
            "was trusted first"
        )


def _name_record(variant: Resource, cache: Cache) -> Path:
    # With its URLs, as another registry may give the same name to another file.
    urls = [source.url for source in variant.sources]
    named = json.dumps([*urls, variant.member.name])
    digest = hashlib.sha256(named.encode()).hexdigest()
    return cache.trusted / f"{variant.reference}-{digest[:32]}.json"


def _describe(path: str | Path) -> list[str | int]:
    status = os.stat(path)
    return [
        os.fsdecode(path),
        status.st_size,
        status.st_mtime_ns,
        status.st_ctime_ns,
        status.st_ino,
        status.st_dev,
    ]
