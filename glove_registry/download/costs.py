"""What a first load costs: bytes over the network, room on the disk, or nothing.

Entries say as much as their authors knew. What they do not say is unknown, not guessed.
"""

from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from ..cache import Cache, spell_digest
from ..cache.places import FORMAT_VERSION, read_name
from ..errors import CacheError
from ..messages.layout import format_bytes
from ..registry import DownloadSize, Resource, Variant
from .hashes import apply_trusted_hash
from .originals import name_archives, name_originals

# Of a store, for each word: its text, about 8 bytes in English, the place of the text,
# and the word's part of the index.
_BYTES_OF_A_WORD = 25


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """What the first load of a variant costs on this machine, as far as is known.

    Attributes
    ----------
    download : DownloadSize
        What is transferred over the network; 0 bytes if nothing is.
    archive : int or None
        Size of the archive of which only a part is transferred.
    disk : int or None
        Approximate size of what stays in the cache, which for a variant is its store of
        float32.
    cached : bool
        Whether the cache has it, so that nothing is transferred.
    """

    download: DownloadSize
    archive: int | None = None
    disk: int | None = None
    cached: bool = False

    def __str__(self) -> str:
        if self.download.bytes is None:
            return "unknown"
        if not self.archive:
            return str(self.download)
        return f"{self.download} of an archive of {format_bytes(self.archive)}"


def estimate_costs(resources: Iterable[Resource], cache: Cache | None) -> list[Cost]:
    """Return what the first load of each variant, or fetch of each benchmark, costs.

    Parameters
    ----------
    resources : iterable of Resource
    cache : Cache or None
        Where it would be kept. It is only listed: a damaged store in it counts. None is
        an empty cache.
    """
    kept = _Kept(cache)
    return [_estimate(resource, is_cached=kept.has(resource)) for resource in resources]


def describe_cost(resource: Resource, cache: Cache, *, is_load: bool) -> str:
    """Return what is about to be transferred and kept, in words.

    `is_load` is whether a store is kept, and not the text itself.
    """
    cost = _estimate(resource, is_cached=False)
    size = "a file of unknown size" if cost.download.bytes is None else str(cost)
    disk = cost.disk if is_load else resource.member.bytes
    takes = f"takes about {format_bytes(disk)}" if disk else "is kept"
    return f"downloads {size}, {takes} in {cache.root}"


def _estimate(resource: Resource, *, is_cached: bool) -> Cost:
    disk = _estimate_disk(resource)
    if is_cached:
        return Cost(download=DownloadSize(bytes=0), disk=disk, cached=True)
    download = resource.download
    is_part = resource.by_range and bool(download.bytes)
    archive = resource.sources[0].bytes if is_part else None
    return Cost(download=download, archive=archive, disk=disk)


def _estimate_disk(resource: Resource) -> int | None:
    text = resource.member.bytes
    if not isinstance(resource, Variant):
        return text or resource.sources[0].bytes
    if resource.row_count and resource.dimension:
        return resource.row_count * (4 * resource.dimension + _BYTES_OF_A_WORD)
    # As text, a number takes about twice as much.
    return text // 2 if text else None


class _Kept:
    """What a cache has, by the names of its files and folders."""

    def __init__(self, cache: Cache | None) -> None:
        self._cache = cache
        self._originals = _list_names(cache.sources) if cache else set()
        stores = map(read_name, _list_names(cache.stores) if cache else ())
        self._stores = {
            store.digest
            for store in stores
            if store and (store.version, store.dtype) == (FORMAT_VERSION, "float32")
        }

    def has(self, resource: Resource) -> bool:
        """Return whether a load transfers nothing."""
        if self._cache is None:
            return False
        if resource.anchor is None:
            # A record that cannot be read is an error of the load, not of this list.
            with suppress(CacheError, OSError):
                resource = apply_trusted_hash(resource, self._cache)
        if not resource.key:
            return False
        # By the text alone: a store of it is copied to that of another name.
        if isinstance(resource, Variant) and not self._stores.isdisjoint(
            spell_digest(resource.key)
        ):
            return True
        originals = name_originals(resource, self._cache)
        for source in resource.sources:
            originals += name_archives(source, self._cache)
        return any(path.name in self._originals for path in originals)


def _list_names(folder: Path) -> set[str]:
    with suppress(OSError):
        return {path.name for path in folder.iterdir()}
    return set()
