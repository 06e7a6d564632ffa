"""Find the stores that hold the text of a variant: its own, and those of others."""

from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from ..cache import Cache
from ..cache.places import name_folders
from ..errors import FormatError
from ..registry import Variant
from ..registry.provenance import is_read_alike
from ..registry.urls import redact
from .layout import DamagedStoreError, Manifest, holds_text_of
from .numbers import NumberType
from .reader import Store


def open_store(variant: Variant, cache: Cache, dtype: NumberType) -> Store | None:
    """Return the mapped store of a variant; None if there is none that can be used.

    Raises
    ------
    FormatError
        The entry states another shape than the store has.
    CacheError
        The cache cannot be read.
    """
    for folder in list_folders(variant, cache, dtype):
        try:
            # A store that cannot be read is not damaged, and must not be replaced.
            with cache.access():
                store = Store.open(folder)
        except DamagedStoreError:
            continue  # replaced by `make_store`, under its lock
        manifest = store.manifest
        if manifest.dtype == dtype and holds_text_of(manifest, variant):
            if not is_read_alike(manifest.provenance, variant):
                # The entry has changed: the same text is to be read in another way.
                return None
            # The entry may state more than when the store was compiled.
            if contradiction := _find_contradiction(variant, manifest):
                raise FormatError(
                    f"{variant.reference} has {contradiction}: correct the entry "
                    f"({variant.origin})"
                )
            return store
    return None


def list_folders(variant: Variant, cache: Cache, dtype: NumberType) -> list[Path]:
    """List where the store of a variant can be, whether it is there or not."""
    if variant.anchor is None:
        return []
    names = name_folders(variant.name, variant.key, dtype)
    return [cache.stores / name for name in names]


def find_twins(
    variant: Variant, cache: Cache, dtype: NumberType
) -> list[tuple[Path, Manifest]]:
    """Find stores from which that of a variant can be made, of whatever name.

    Those of the number type come first, which can be copied, then those of float32 and
    of format 1, which can be converted. If the entry has no checksum, they hold what
    another call verified from its URL.
    """
    is_same = holds_text_of if variant.anchor else _is_from_source_of
    twins = [
        (folder, manifest)
        for folder, manifest in _list_stores(cache)
        if manifest.dtype in (dtype, "float32")
        and is_same(manifest, variant)
        and is_read_alike(manifest.provenance, variant)
        and _find_contradiction(variant, manifest) is None
    ]
    if len({manifest.provenance["sha256"] for _, manifest in twins}) > 1:
        # Of several texts from one URL, none can be said to be the right one.
        return []
    return sorted(
        twins, key=lambda twin: (twin[1].dtype != dtype, -twin[1].format_version)
    )


def _list_stores(cache: Cache) -> Iterator[tuple[Path, Manifest]]:
    """Yield the stores of the cache, old ones included, with their manifests."""
    from .convert import read_old_manifest

    for folder in sorted(cache.stores.iterdir()) if cache.stores.is_dir() else ():
        with suppress(DamagedStoreError, OSError):
            yield folder, read_old_manifest(folder) or Manifest.read(folder)


def _is_from_source_of(manifest: Manifest, variant: Variant) -> bool:
    origin = manifest.provenance
    urls = {redact(source.url) for source in variant.sources}
    return origin.get("url") in urls and origin.get("member") == variant.member.name


def _find_contradiction(variant: Variant, manifest: Manifest) -> str | None:
    """Return what a store has that is not as its entry says; None if all is."""
    for what, stated, found in (
        ("dimensions", variant.dimension, manifest.dimension),
        ("rows", variant.row_count, manifest.rows),
        ("bytes of text", variant.member.bytes, manifest.provenance["bytes"]),
    ):
        if stated not in (None, found):
            return f"{found:,} {what}, but its entry says {stated:,}"
    return None
