"""Verify what is in the cache against manifests and the registry."""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from ..cache import Cache
from ..cache.digests import hash_file
from ..cache.records import SUFFIX, name_record, read_sha256
from ..download.originals import read_original_sha256
from ..errors import CacheError, UnknownVariantError
from ..registries import Registry
from .layout import Manifest, holds_text_of
from .listing import Item, find_items, list_folder, list_items
from .reader import Store

_ADVICE = "remove it by `glove-registry cache remove` and its name"


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether an item of the cache is what was put there.

    Attributes
    ----------
    item : Item
    fault : str or None
        What is wrong and what to do; None if nothing is.
    """

    item: Item
    fault: str | None

    def to_dict(self) -> dict[str, str | None]:
        """Return plain values for JSON."""
        return {
            "kind": self.item.kind,
            "name": self.item.name,
            "path": str(self.item.path),
            "fault": self.fault,
        }


def verify_items(
    cache: Cache, registry: Registry, name: str | None = None
) -> Iterator[Verdict]:
    """Hash files again, and compare with manifests, records and registry.

    All stores, derived files and originals, or those of one variant or item; a variant
    must be compiled from what its entry says now. Items that are removed meanwhile are
    left out.
    """
    checks = {
        "store": _find_fault_of_store,
        "derived": _find_fault_of_derived,
        "original": _find_fault_of_original,
    }
    for item in (
        list_items(cache) if name is None else find_items(cache, registry, name)
    ):
        find_fault = checks.get(item.kind)
        while find_fault and (before := _identify(item.path)) is not None:
            fault = find_fault(item, registry)
            # Another process may replace it meanwhile, which is no damage.
            if fault is None or _identify(item.path) == before:
                yield Verdict(item, fault)
                break


def _identify(path: Path) -> tuple[int, ...] | None:
    try:
        status = path.lstat()
    except OSError:
        return None
    return status.st_dev, status.st_ino, status.st_mtime_ns, status.st_size


def _find_fault_of_store(item: Item, registry: Registry) -> str | None:
    folder = item.path
    try:
        manifest = Manifest.read(folder)
        for name in manifest.files:
            if manifest.has_changed(folder, name):
                return f"{name} has changed since it was written: {_ADVICE}"
        Store.open(folder)
    except (CacheError, OSError) as error:
        return _explain(error)
    origin = manifest.provenance
    if not str(origin.get("key", "")).startswith(item.digest or ""):
        return f"it is the store of another text than its name says: {_ADVICE}"
    name, revision = origin["name"], origin["revision"]
    try:
        variant = registry.find(f"{name}@{revision}" if revision else name)
    except UnknownVariantError:
        return None
    if _get_file(variant.origin) != _get_file(str(origin.get("registry"))):
        # Compiled for the entry of another registry, which may override this one.
        return None
    if variant.anchor is None or holds_text_of(manifest, variant):
        return None
    found = origin["sha256"] if variant.member.sha256 else origin.get("url_sha256")
    return (
        f"it was compiled from bytes of sha256 {found or origin['sha256']}, the "
        f"registry says {variant.anchor}: {_ADVICE}"
    )


def _explain(error: OSError) -> str:
    """Return an error as a fault; only one of the operating system has `strerror`."""
    reason = f"it cannot be read ({error.strerror})" if error.strerror else error
    return f"{reason}: {_ADVICE}"


def _get_file(origin: str) -> str:
    """Return the file of an entry's ``file:line``."""
    return origin.rpartition(":")[0]


def _find_fault_of_derived(item: Item, registry: Registry) -> str | None:
    for path in list_folder(item.path):
        record = name_record(path)
        # Without a record, it is not used, and made again when it is needed.
        if path.suffix == SUFFIX or not os.path.lexists(record):
            continue
        try:
            if hash_file(path) != read_sha256(record):
                return f"{path.name} is not as its record says: {_ADVICE}"
        except OSError as error:
            return _explain(error)
    return None


def _find_fault_of_original(item: Item, registry: Registry) -> str | None:
    try:
        found = hash_file(item.path)
    except OSError as error:
        return _explain(error)
    expected = _find_expected(item, registry)
    if found in expected:
        return None
    if expected:
        shown = " or ".join(sorted(expected))
        return f"it has sha256 {found}, expected {shown}: {_ADVICE}"
    # Put there by hand, and unknown to the registry: only the name tells.
    if item.digest and found.startswith(item.digest):
        return None
    return f"it has sha256 {found}, not that of its name, and no record: {_ADVICE}"


def _find_expected(item: Item, registry: Registry) -> set[str]:
    """Return the hashes an original may have, by the registry or else by its record."""
    digest = item.find_digest() or item.digest or "no digest"
    expected = set()
    for variant in registry.list_revisions(item.variant or "*"):
        if item.variant is None:  # an archive
            hashes = {source.sha256 or "" for source in variant.sources}
            expected |= {sha256 for sha256 in hashes if sha256.startswith(digest)}
        elif variant.member.sha256 and variant.key.startswith(digest):
            expected.add(variant.member.sha256)
    return expected or set(filter(None, [read_original_sha256(item.path)]))
