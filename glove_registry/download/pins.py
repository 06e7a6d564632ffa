"""Trust on first use: the hash of what came first is what must come ever after.

For entries without any checksum. A pin is a small file in the cache; it is of this
machine alone, and made only by a call that says so.
"""

import json
import re
from dataclasses import replace
from pathlib import Path

from ..cache import Cache
from ..cache.files import read_regular
from ..errors import CacheError, ChecksumError
from ..messages.log import log
from ..registry import Variant

_SHA256 = re.compile("[0-9a-f]{64}")


def apply_pin(variant: Variant, cache: Cache) -> Variant:
    """Give the variant with the sha256 that was pinned for it, if one was.

    Raises
    ------
    CacheError
        There is a pin and it cannot be read: nothing is trusted anew over it.
    """
    path = _name_pin(variant, cache)
    try:
        sha256 = json.loads(read_regular(path).decode("utf-8"))["sha256"]
        if not isinstance(sha256, str) or not _SHA256.fullmatch(sha256):
            raise ValueError("no sha256")
    except FileNotFoundError:
        return variant
    except (OSError, ValueError, KeyError, TypeError, RecursionError) as error:
        raise CacheError(
            f"{path} records the hash that {variant.reference} is held to, and cannot "
            f"be read ({error}): restore it, or remove it to trust anew"
        ) from error
    return replace(
        variant,
        member=replace(variant.member, sha256=sha256),
        # It is the pin now that other bytes contradict, not the entry.
        origin=f"{variant.origin}, trusted on first use as {path} says",
    )


def write_pin(variant: Variant, cache: Cache, sha256: str, url: str) -> None:
    """Record the hash of what came first; what is recorded already must be the same."""
    path = _name_pin(variant, cache)
    if not path.exists():
        pin = {"name": variant.name, "revision": variant.revision, "url": url}
        content = json.dumps({**pin, "sha256": sha256}, indent=2)
        cache.replace(path, content.encode())
        log.warning(
            "%s was trusted on first use: sha256 %s from %s, recorded in %s. An entry "
            "of your own with this sha256 holds others to it too",
            variant.reference,
            sha256,
            url,
            path,
        )
    if apply_pin(variant, cache).member.sha256 != sha256:
        raise ChecksumError(
            f"{variant.reference} has sha256 {sha256}, and {path} says that another "
            "was trusted first"
        )


def _name_pin(variant: Variant, cache: Cache) -> Path:
    return cache.pins / f"{variant.reference}.json"
