"""Make the store of a variant: from another store, or else from a source."""

import os
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from ..cache import Cache
from ..cache.places import FORMAT_VERSION, name_folders
from ..errors import FormatError
from ..messages.log import log
from ..registry import Source, Variant
from ..registry.urls import redact
from ..version import __version__
from .find import find_twins, list_folders, open_store
from .layout import DamagedStoreError, Manifest, holds_text_of
from .numbers import DESCRS, NumberType
from .reader import Store

if TYPE_CHECKING:
    from ..download import Text
    from ..formats import OpenedVectors

# Of the files of a store, what may not have reached the disk yet.
_BUFFERED = 1 << 23


def make_store(
    variant: Variant,
    cache: Cache,
    dtype: NumberType,
    *,
    offline: bool | None = None,
    progress: bool | None = None,
) -> Store:
    """Publish the store of a variant, and return it.

    Its text is fetched and compiled only if no other store holds it. If another process
    has published the store meanwhile, that one is returned.
    """
    from ..download import apply_trusted_hash, choose_sources
    from .cleanup import clear_leftovers

    with cache.access():
        if not find_twins(variant, cache, dtype):
            # Raises `OfflineError` before anything is written or waited for.
            choose_sources(variant, cache, offline)
    with (
        cache.writing(),
        cache.hold_lock(variant.key or variant.reference, variant.name),
    ):
        clear_leftovers(cache)
        if variant.anchor is None:
            variant = apply_trusted_hash(variant, cache)
        store = open_store(variant, cache, dtype)
        if store is not None:
            return store
        _clear_the_way(variant, cache, dtype)
        folder = _take_over(variant, cache, dtype)
        if folder is None:
            folder = _compile(variant, cache, dtype, offline, progress)
        if dtype == "float32":
            _discard_old(variant, cache, folder)
        try:
            return Store.open(folder)
        except DamagedStoreError:
            # Another process removed it right after it was published.
            return Store.open(_compile(variant, cache, dtype, offline, progress))


def _clear_the_way(variant: Variant, cache: Cache, dtype: NumberType) -> None:
    """Remove damaged and outdated stores from the folders of a variant."""
    for folder in list_folders(variant, cache, dtype):
        if not os.path.lexists(folder):
            continue
        with suppress(DamagedStoreError):
            if not holds_text_of(Manifest.read(folder), variant):
                continue
        log.warning("%s is damaged or outdated and is compiled again", folder)
        cache.discard(folder)


def _discard_old(variant: Variant, cache: Cache, folder: Path) -> None:
    """Remove the store of format 1 that a published one replaces."""
    from .cleanup import discard
    from .convert import OLD_VERSION, read_old_manifest

    for name in name_folders(variant.name, variant.key, version=OLD_VERSION):
        old = folder.with_name(name)
        manifest = read_old_manifest(old)
        if manifest is not None and holds_text_of(manifest, variant):
            log.warning(
                "%s, a store of format %d, was replaced by %s", old, OLD_VERSION, folder
            )
            # It is of no use any more, and may be another user's.
            with suppress(OSError):
                discard(old, cache)


# -- from another store -------------------------------------------------------------


def _take_over(variant: Variant, cache: Cache, dtype: NumberType) -> Path | None:
    """Publish the store of a variant from another one; return None if none serves."""
    from .convert import convert_store
    from .writer import copy_store

    for twin, known in find_twins(variant, cache, dtype):
        with cache.open_scratch(variant.name) as scratch:
            folder = scratch / "store"
            if (known.format_version, known.dtype) == (FORMAT_VERSION, dtype):
                manifest = copy_store(twin, folder)
            else:
                rows = known.rows + (known.ngrams.rows if known.ngrams else 0)
                cache.check_room(_estimate(rows, known.dimension, dtype))
                try:
                    manifest = convert_store(twin, known, folder, dtype)
                except FormatError as error:
                    raise FormatError(f"{variant.reference}: {error}") from error
            if manifest is not None:
                return _publish(folder, manifest, manifest.provenance, variant, cache)
    return None


# -- from a source ------------------------------------------------------------------


def _compile(
    variant: Variant,
    cache: Cache,
    dtype: NumberType,
    offline: bool | None,
    progress: bool | None,
) -> Path:
    """Publish a store of the text of a variant, compiled while it arrives."""
    from ..download import choose_sources, find_published, read_verified
    from ..formats import open_vectors

    needed = _estimate_whole(variant, dtype)
    cache.check_room(needed)

    def compile_text(text: "Text", source: Source) -> Path:
        warnings: list[str] = []
        with cache.open_scratch(variant.name) as scratch:
            opened = open_vectors(
                text,
                format=variant.format,
                dimension=variant.dimension,
                rows=variant.rows,
                prefix=variant.prefix,
                warn=warnings.append,
                folder=str(scratch),
            )
            # The text is verified before its last block ends.
            manifest = _write(opened, scratch / "store", dtype, cache, needed)
            published = find_published(variant, source, cache)
            origin = {
                "sha256": text.sha256,
                "bytes": text.count,
                "format": opened.format,
                "recognized_format": opened.recognized,
                "stated_dimension": variant.dimension,
                "any_rows": variant.rows == "any",
                "prefix": variant.prefix,
                "tokenizer": opened.tokenizer,
                "warnings": warnings,
                "url": redact(published.url),
                "url_sha256": published.sha256,
                "member": variant.member.name,
            }
            return _publish(scratch / "store", manifest, origin, variant, cache)

    return read_verified(
        variant,
        cache,
        compile_text,
        action="load",
        sources=choose_sources(variant, cache, offline),
        progress=progress,
        dtype=dtype,
    )


def _write(
    opened: "OpenedVectors",
    folder: Path,
    dtype: NumberType,
    cache: Cache,
    needed: int,
) -> Manifest:
    """Write the store of a file; room for `needed` bytes was found on the disk.

    `CacheError` is raised before more than that fills it.
    """
    from .averages import average_words
    from .writer import write_store

    written = 0

    def leave_room(coming: int) -> None:
        nonlocal written
        written += coming
        if written > needed:
            cache.check_spare_room(coming + _BUFFERED)

    blocks, ngrams = opened.blocks, opened.ngrams
    if ngrams is None:
        return write_store(folder, blocks, dtype, None, leave_room)
    with average_words(blocks, ngrams, folder.parent, leave_room) as (averaged, again):
        return write_store(folder, averaged, dtype, again, leave_room)


def _estimate_whole(variant: Variant, dtype: NumberType) -> int:
    """Return the size of a store as far as the entry tells; 0 if it is unknown."""
    if variant.row_count and variant.dimension:
        return _estimate(variant.row_count, variant.dimension, dtype)
    # Text is about twice as large as float32.
    return (variant.member.bytes or 0) * np.dtype(DESCRS[dtype]).itemsize // 8


# -- from any of them ---------------------------------------------------------------


def _estimate(rows: int, dimension: int, dtype: NumberType) -> int:
    """Return the size of a store: numbers, and 40 bytes for a token and its index."""
    return rows * (dimension * np.dtype(DESCRS[dtype]).itemsize + 40)


def _publish(
    folder: Path,
    manifest: Manifest,
    origin: Mapping[str, Any],
    variant: Variant,
    cache: Cache,
) -> Path:
    """Publish a written store as that of a variant; return its final name."""
    from ..download import record_trusted_hash
    from .writer import publish_store

    if variant.anchor is None:
        member = replace(variant.member, sha256=origin["sha256"])
        known = replace(variant, member=member)
        # Whoever reads the record from now on asks for the lock of that text, and has
        # to wait for its store.
        with cache.hold_lock(known.key, variant.name):
            record_trusted_hash(variant, cache, origin["sha256"], origin["url"])
            return _publish(folder, manifest, origin, known, cache)
    provenance = {
        # Of the text and its source; what follows is from the entry.
        **origin,
        "name": variant.name,
        "revision": variant.revision,
        "key": variant.key,
        "sample_of": variant.sample_of,
        "registry": variant.origin,
        "license": variant.license,
        "citation": variant.citation,
        "compiled_by": f"glove_registry {__version__}",
    }
    cache.make_folder(cache.stores)
    return publish_store(
        folder,
        manifest._replace(provenance=provenance),
        list_folders(variant, cache, manifest.dtype),
    )
