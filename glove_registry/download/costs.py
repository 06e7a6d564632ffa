"""What a first load costs: bytes over the network, room on the disk, or nothing.

Entries say as much as their authors knew. What they do not say is unknown, not guessed.
"""

from collections import defaultdict
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from ..cache import Cache, spell_digest
from ..cache.places import FORMAT_VERSION, MANIFEST, NumberType, read_name
from ..cache.records import read_record
from ..errors import CacheError
from ..messages.layout import format_bytes
from ..registry import DownloadSize, Resource, Variant
from ..registry.provenance import is_read_alike
from .hashes import apply_trusted_hash
from .originals import name_archives, name_originals

# Of a store, for each word: its text, about 8 bytes in English, the place of the text,
# and the word's part of the index.
_BYTES_OF_A_WORD = 25
# And of each of its numbers; with int8, there is one more of float32.
_BYTES_OF_A_NUMBER: dict[NumberType, int] = {"float32": 4, "float16": 2, "int8": 1}


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
        Where it would be kept. Only manifests are read: a store that is damaged
        otherwise counts. None is an empty cache.
    """
    kept = _Kept(cache)
    return [_estimate(resource, is_cached=kept.has(resource)) for resource in resources]


def describe_cost(resource: Resource, cache: Cache, dtype: NumberType | None) -> str:
    """Return what is about to be transferred and kept, in words.

    `dtype` is that of the store that is kept; None: the text itself is.
    """
    cost = _estimate(resource, is_cached=False)
    size = "a file of unknown size" if cost.download.bytes is None else str(cost)
    disk = _estimate_disk(resource, dtype) if dtype else resource.member.bytes
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


def _estimate_disk(resource: Resource, dtype: NumberType = "float32") -> int | None:
    text = resource.member.bytes
    if not isinstance(resource, Variant):
        return text or resource.sources[0].bytes
    size = _BYTES_OF_A_NUMBER[dtype]
    if resource.row_count and resource.dimension:
        row = size * resource.dimension + 4 * (dtype == "int8") + _BYTES_OF_A_WORD
        return resource.row_count * row
    # As text, a number takes about twice as much as in float32.
    return text * size // 8 if text else None


class _Kept:
    """What a cache has, by the names of its files and the manifests of its stores."""

    def __init__(self, cache: Cache | None) -> None:
        self._cache = cache
        self._originals = {path.name for path in _list(cache.sources)} if cache else ()
        self._stores = defaultdict[str, list[Path]](list)
        for folder in _list(cache.stores) if cache else ():
            store = read_name(folder.name)
            if store and (store.version, store.dtype) == (FORMAT_VERSION, "float32"):
                self._stores[store.digest].append(folder)

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
        if isinstance(resource, Variant) and self._has_store(resource):
            return True
        originals = name_originals(resource, self._cache)
        for source in resource.sources:
            originals += name_archives(source, self._cache)
        return any(path.name in self._originals for path in originals)

    def _has_store(self, variant: Variant) -> bool:
        # Under whatever name, as a store is copied to that of another variant.
        for digest in spell_digest(variant.key):
            for store in self._stores.get(digest, ()):
                origin = (read_record(store / MANIFEST) or {}).get("provenance")
                if isinstance(origin, dict) and is_read_alike(origin, variant):
                    return True
        return False


def _list(folder: Path) -> list[Path]:
    with suppress(OSError):
        return list(folder.iterdir())
    return []
