"""The store of a variant: mapped if it exists, otherwise compiled and published."""

import os
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..cache import Cache
from ..errors import FormatError
from ..registry import Source, Variant
from ..registry.urls import redact
from ..version import __version__
from .layout import DamagedStoreError, Manifest, holds_text_of, name_folders
from .reader import Store

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..download import Text
    from ..formats import Block


def open_store(variant: Variant, cache: Cache) -> Store | None:
    """Return the mapped store of a variant; None if there is none that can be used.

    Raises
    ------
    FormatError
        The entry states another shape than the store has.
    CacheError
        The cache cannot be read.
    """
    for folder in _list_folders(variant, cache):
        try:
            # A store that cannot be read is not damaged, and must not be replaced.
            with cache.access():
                store = Store.open(folder)
        except DamagedStoreError:
            continue  # replaced by `make_store`, under its lock
        if holds_text_of(store.manifest, variant):
            if not _is_read_alike(store.manifest, variant):
                # The entry has changed: the same text is to be read in another way.
                return None
            # The entry may state more than when the store was compiled.
            _check_shape(variant, store.manifest)
            return store
    return None


def make_store(
    variant: Variant, cache: Cache, offline: bool | None, progress: bool | None
) -> Store:
    """Fetch, compile and publish the text of a variant, and return its store.

    If another process has done so meanwhile, its store is returned.
    """
    from ..download import apply_trusted_hash, choose_sources
    from .cleanup import clear_leftovers

    with cache.access():
        if _find_twin(variant, cache) is None:
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


def _list_folders(variant: Variant, cache: Cache) -> list[Path]:
    if variant.anchor is None:
        return []
    return [cache.stores / name for name in name_folders(variant.name, variant.key)]


def _clear_the_way(variant: Variant, cache: Cache) -> None:
    """Remove damaged and outdated stores from the folders of a variant."""
    for folder in _list_folders(variant, cache):
        if not os.path.lexists(folder):
            continue
        with suppress(DamagedStoreError):
            if not holds_text_of(Manifest.read(folder), variant):
                continue
        from ..messages.log import log  # not needed on the warm path

        log.warning("%s is damaged or outdated and is compiled again", folder)
        cache.discard(folder)


def _check_shape(variant: Variant, manifest: Manifest) -> None:
    for what, stated, found in (
        ("dimension", variant.dimension, manifest.dimension),
        ("rows", variant.row_count, manifest.rows),
        ("bytes of text", variant.member.bytes, manifest.provenance["bytes"]),
    ):
        if stated not in (None, found):
            raise FormatError(
                f"{variant.reference} has {what} {found:,}, its entry says {stated:,}: "
                f"correct the entry ({variant.origin})"
            )


def _is_read_alike(manifest: Manifest, variant: Variant) -> bool:
    """Return whether a store was compiled as the entry wants its text to be read.

    Rows that look odd are read differently where the dimension is known; if there were
    any, there is a warning.
    """
    return manifest.provenance.get("format") == variant.format and (
        variant.dimension is not None or not manifest.provenance.get("warnings")
    )


# -- from the store of another variant ----------------------------------------------


def _find_twin(variant: Variant, cache: Cache) -> Path | None:
    """Return the store of another variant with the same text; None if there is none."""
    folders = cache.stores.iterdir() if cache.stores.is_dir() else ()
    for folder in sorted(folders) if variant.anchor else ():
        with suppress(OSError):  # damaged or unreadable
            manifest = Manifest.read(folder)
            if (
                holds_text_of(manifest, variant)
                and _is_read_alike(manifest, variant)
                and variant.dimension in (None, manifest.dimension)
                and variant.row_count in (None, manifest.rows)
                and manifest.provenance.get("any_rows") == (variant.rows == "any")
            ):
                return folder
    return None


def _copy_twin(variant: Variant, cache: Cache) -> Path | None:
    """Publish a copy of a store with the same text; return None if there is none."""
    from .writer import copy_store, publish_store

    twin = _find_twin(variant, cache)
    if twin is None:
        return None
    with cache.open_scratch(variant.name) as scratch:
        manifest = copy_store(twin, scratch / "store")
        if manifest is None:
            return None
        # The text is from the same source, the rest from this variant's entry.
        provenance = {**manifest.provenance, **_describe_entry(variant)}
        cache.make_folder(cache.stores)
        return publish_store(
            scratch / "store",
            replace(manifest, provenance=provenance),
            _list_folders(variant, cache),
        )


# -- from a source ------------------------------------------------------------------


def _compile(
    variant: Variant, cache: Cache, offline: bool | None, progress: bool | None
) -> Path:
    """Publish a store of the text of a variant, compiled while it arrives."""
    from ..download import (
        choose_sources,
        find_published,
        read_verified,
        record_trusted_hash,
    )
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
            known = variant
            if variant.anchor is None:
                url = redact(published.url)
                record_trusted_hash(variant, cache, text.sha256, url)
                member = replace(variant.member, sha256=text.sha256)
                known = replace(variant, member=member)
            provenance = {
                "sha256": text.sha256,
                "bytes": text.count,
                "format": variant.format,
                "any_rows": variant.rows == "any",
                "warnings": warnings,
                "url": redact(published.url),
                "url_sha256": published.sha256,
                **_describe_entry(known),
            }
            cache.make_folder(cache.stores)
            return publish_store(
                scratch / "store",
                replace(manifest, provenance=provenance),
                _list_folders(known, cache),
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


def _describe_entry(variant: Variant) -> dict[str, Any]:
    """Return what the provenance of a store takes from the entry."""
    return {
        "name": variant.name,
        "revision": variant.revision,
        "key": variant.key,
        "member": variant.member.name,
        "registry": variant.origin,
        "license": variant.license,
        "citation": variant.citation,
        "compiled_by": f"glove_registry {__version__}",
    }
