"""Make the store of a variant: copied from another, or compiled from a source."""

import os
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..cache import Cache
from ..registry import Source, Variant
from ..registry.urls import redact
from ..version import __version__
from .find import find_twins, list_folders, open_store
from .layout import DamagedStoreError, Manifest, holds_text_of
from .reader import Store

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..download import Text
    from ..formats import Block


def make_store(
    variant: Variant, cache: Cache, offline: bool | None, progress: bool | None
) -> Store:
    """Fetch, compile and publish the text of a variant, and return its store.

    If another process has done so meanwhile, its store is returned.
    """
    from ..download import apply_trusted_hash, choose_sources
    from .cleanup import clear_leftovers

    with cache.access():
        if not find_twins(variant, cache):
            # Raises `OfflineError` before anything is written or waited for.
            choose_sources(variant, cache, offline)
    with (
        cache.writing(),
        cache.hold_lock(variant.key or variant.reference, variant.name),
    ):
        clear_leftovers(cache)
        if variant.anchor is None:
            variant = apply_trusted_hash(variant, cache)
        store = open_store(variant, cache)
        if store is not None:
            return store
        _clear_the_way(variant, cache)
        folder = _copy_twin(variant, cache)
        if folder is None:
            folder = _compile(variant, cache, offline, progress)
        try:
            return Store.open(folder)
        except DamagedStoreError:
            # It was removed as soon as it was published.
            return Store.open(_compile(variant, cache, offline, progress))


def _clear_the_way(variant: Variant, cache: Cache) -> None:
    """Remove damaged and outdated stores from the folders of a variant."""
    for folder in list_folders(variant, cache):
        if not os.path.lexists(folder):
            continue
        with suppress(DamagedStoreError):
            if not holds_text_of(Manifest.read(folder), variant):
                continue
        from ..messages.log import log  # not needed on the warm path

        log.warning("%s is damaged or outdated and is compiled again", folder)
        cache.discard(folder)


# -- from the store of another variant ----------------------------------------------


def _copy_twin(variant: Variant, cache: Cache) -> Path | None:
    """Publish a copy of a store with the same text; return None if there is none."""
    from .writer import copy_store, publish_store

    for twin in find_twins(variant, cache):
        with cache.open_scratch(variant.name) as scratch:
            manifest = copy_store(twin, scratch / "store")
            if manifest is None:
                continue
            origin = manifest.provenance
            known = _pin(variant, cache, origin["sha256"], origin["url"])
            # The text is from the same source, the rest from this variant's entry.
            provenance = {**origin, **_describe_entry(known)}
            cache.make_folder(cache.stores)
            return publish_store(
                scratch / "store",
                manifest._replace(provenance=provenance),
                list_folders(known, cache),
            )
    return None


# -- from a source ------------------------------------------------------------------


def _compile(
    variant: Variant, cache: Cache, offline: bool | None, progress: bool | None
) -> Path:
    """Publish a store of the text of a variant, compiled while it arrives."""
    from ..download import choose_sources, find_published, read_verified
    from ..formats import read_vectors
    from .writer import publish_store, write_store

    needed = _estimate_bytes(variant)
    cache.check_room(needed)

    def compile_text(text: "Text", source: Source) -> Path:
        warnings: list[str] = []
        blocks = read_vectors(
            text,
            format=variant.format,
            dimension=variant.dimension,
            rows=variant.rows,
            warn=warnings.append,
        )
        if not needed:
            blocks = _leave_room(blocks, cache)
        with cache.open_scratch(variant.name) as scratch:
            # The text is verified before its last block ends.
            manifest = write_store(scratch / "store", blocks)
            published = find_published(variant, source, cache)
            known = _pin(variant, cache, text.sha256, redact(published.url))
            provenance = {
                "sha256": text.sha256,
                "bytes": text.count,
                "format": variant.format,
                "any_rows": variant.rows == "any",
                "warnings": warnings,
                "url": redact(published.url),
                "url_sha256": published.sha256,
                "member": variant.member.name,
                **_describe_entry(known),
            }
            cache.make_folder(cache.stores)
            return publish_store(
                scratch / "store",
                manifest._replace(provenance=provenance),
                list_folders(known, cache),
            )

    return read_verified(
        variant,
        cache,
        compile_text,
        action="load",
        sources=choose_sources(variant, cache, offline),
        progress=progress,
    )


def _leave_room(blocks: "Iterator[Block]", cache: Cache) -> "Iterator[Block]":
    """Yield blocks, and raise `CacheError` before they fill the disk."""
    for block in blocks:
        cache.check_spare_room(block.values.nbytes)
        yield block


def _estimate_bytes(variant: Variant) -> int:
    """Return the size of a store as far as the entry tells; 0 if it is unknown."""
    if variant.row_count and variant.dimension:
        # Numbers, and some 40 bytes for each token and its index.
        return variant.row_count * (4 * variant.dimension + 40)
    # Text is about twice as large as float32.
    return (variant.member.bytes or 0) // 2


def _pin(variant: Variant, cache: Cache, sha256: str, url: str) -> Variant:
    """Return a variant with a checksum: its own, or that of what came first."""
    from ..download import record_trusted_hash

    if variant.anchor is not None:
        return variant
    record_trusted_hash(variant, cache, sha256, url)
    return replace(variant, member=replace(variant.member, sha256=sha256))


def _describe_entry(variant: Variant) -> dict[str, Any]:
    """Return what the provenance of a store takes from the entry."""
    return {
        "name": variant.name,
        "revision": variant.revision,
        "key": variant.key,
        "registry": variant.origin,
        "license": variant.license,
        "citation": variant.citation,
        "compiled_by": f"glove_registry {__version__}",
    }
