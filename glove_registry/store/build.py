"""The store of a variant: mapped if it is there, built and published if not."""

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
    """Map the store of a variant, or return None where there is none to be mapped."""
    for folder in _list_folders(variant, cache):
        try:
            # What cannot be read is not damaged, and nothing is made anew over it.
            with cache.access():
                store = Store.open(folder)
        except DamagedStoreError:
            # Not there, or not whole: `make_store` finds out under its lock.
            continue
        if holds_text_of(store.manifest, variant):
            if not _is_read_alike(store.manifest, variant):
                # The entry says now that the same text is to be read in another way.
                return None
            # The entry may have learnt the shape since the store was compiled.
            _check_shape(variant, store.manifest)
            return store
    return None


def make_store(
    variant: Variant, cache: Cache, offline: bool | None, progress: bool | None
) -> Store:
    """Fetch, compile and publish, unless another process has done it meanwhile."""
    from ..download import apply_trusted_hash, choose_sources
    from .upkeep import clear_leftovers

    # Said before anything is written or waited for.
    with cache.access():
        twin = _find_twin(variant, cache)
        sources = [] if twin else choose_sources(variant, cache, offline)
    with (
        cache.writing(),
        cache.hold_lock(variant.key or variant.reference, variant.name),
    ):
        clear_leftovers(cache)
        if variant.anchor is None:
            variant = apply_trusted_hash(variant, cache)
        store = open_store(variant, cache)
        if store is None:
            _clear_the_way(variant, cache)
            folder = _copy_twin(variant, cache)
            if folder is None:
                sources = sources or choose_sources(variant, cache, offline)
                cache.check_room(_estimate_bytes(variant))
                folder = _compile(variant, cache, sources, progress)
            try:
                store = Store.open(folder)
            except DamagedStoreError:
                # Somebody removed it as soon as it was there.
                sources = sources or choose_sources(variant, cache, offline)
                store = Store.open(_compile(variant, cache, sources, progress))
    return store


def _list_folders(variant: Variant, cache: Cache) -> list[Path]:
    if variant.anchor is None:
        return []
    return [cache.stores / name for name in name_folders(variant.name, variant.key)]


def _clear_the_way(variant: Variant, cache: Cache) -> None:
    """Move aside what is damaged or outdated where the store of a variant belongs."""
    for folder in _list_folders(variant, cache):
        if not os.path.lexists(folder):
            continue
        with suppress(DamagedStoreError):
            if not holds_text_of(Manifest.read(folder), variant):
                continue
        # Here, as a store that is only mapped has nothing to log.
        from ..messages.log import log

        log.warning("%s is damaged or outdated: it is made anew", folder)
        cache.discard(folder)


# -- the same text under another name -----------------------------------------------


def _find_twin(variant: Variant, cache: Cache) -> Path | None:
    """Find the store of the same text under another name."""
    folders = cache.stores.iterdir() if cache.stores.is_dir() else ()
    for folder in sorted(folders) if variant.anchor else ():
        with suppress(OSError):  # damaged ones, too
            manifest = Manifest.read(folder)
            if (
                holds_text_of(manifest, variant)
                and _is_read_alike(manifest, variant)
                and variant.dimension in (None, manifest.dimension)
                and variant.row_count in (None, manifest.rows)
                and manifest.provenance.get("any_rows", False) == _takes_any(variant)
            ):
                return folder
    return None


def _is_read_alike(manifest: Manifest, variant: Variant) -> bool:
    """Return whether a store was compiled as the entry wants its text to be read.

    Who knows the dimension reads on where others would see a sign of another one; a
    warning tells whether that made a difference.
    """
    return manifest.provenance.get("format") == variant.format and (
        variant.dimension is not None or not manifest.provenance.get("warnings")
    )


def _takes_any(variant: Variant) -> bool:
    """Return whether a text is accepted whose header announces other rows."""
    return variant.rows == "any"


def _copy_twin(variant: Variant, cache: Cache) -> Path | None:
    """Publish a store of the same text under this variant's name, if there is one."""
    from .writer import copy_store, publish_folder

    twin = _find_twin(variant, cache)
    if twin is None:
        return None
    with cache.open_scratch(variant.name) as scratch:
        manifest = copy_store(twin, scratch / twin.name)
        if manifest is None:
            return None
        # The bytes came from where they came from; whose they are is another entry's.
        origin = {**manifest.provenance, **_describe_entry(variant)}
        cache.make_folder(cache.stores)
        return publish_folder(
            scratch / twin.name,
            replace(manifest, provenance=origin),
            _list_folders(variant, cache),
        )


# -- from a source ------------------------------------------------------------------


def _compile(
    variant: Variant, cache: Cache, sources: list[Source], progress: bool | None
) -> Path:
    """Turn the text of a variant into a published store, while it arrives."""
    from ..download import find_published, read_verified, record_trusted_hash
    from ..formats import read_vectors
    from .writer import StoreWriter

    def compile_text(text: "Text", source: Source) -> Path:
        warnings: list[str] = []
        blocks = read_vectors(
            text,
            format=variant.format,
            dimension=variant.dimension,
            rows=variant.rows,
            warn=warnings.append,
        )
        with cache.open_scratch(variant.name) as scratch:
            writer = StoreWriter(scratch / "store")
            if not _estimate_bytes(variant):
                blocks = _leave_room(blocks, cache)
            # At the end of the blocks the text has been verified.
            writer.write(blocks)
            published = find_published(variant, source, cache)
            known = variant
            if variant.anchor is None:
                url = redact(published.url)
                record_trusted_hash(variant, cache, text.sha256, url)
                known = replace(
                    variant, member=replace(variant.member, sha256=text.sha256)
                )
            origin = {
                "sha256": text.sha256,
                "bytes": text.count,
                "format": variant.format,
                "any_rows": _takes_any(variant),
                "warnings": warnings,
                "url": redact(published.url),
                "url_sha256": published.sha256,
                **_describe_entry(known),
            }
            cache.make_folder(cache.stores)
            return writer.publish(_list_folders(known, cache), origin)

    return read_verified(
        variant,
        cache,
        compile_text,
        action="load",
        sources=sources,
        progress=progress,
    )


def _leave_room(blocks: "Iterator[Block]", cache: Cache) -> "Iterator[Block]":
    """Hand blocks on, and stop before they fill the disk."""
    for block in blocks:
        cache.check_spare_room(block.values.nbytes)
        yield block


def _estimate_bytes(variant: Variant) -> int:
    """Say how large a store will be, as far as the entry tells."""
    if variant.row_count and variant.dimension:
        # Numbers, and the tokens with their index at some 40 bytes each.
        return variant.row_count * (4 * variant.dimension + 40)
    # Text takes about twice the room of float32.
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


def _check_shape(variant: Variant, manifest: Manifest) -> None:
    for what, said, found in (
        ("dimension", variant.dimension, manifest.dimension),
        ("rows", variant.row_count, manifest.rows),
        ("bytes of text", variant.member.bytes, manifest.provenance["bytes"]),
    ):
        if said not in (None, found):
            raise FormatError(
                f"{variant.reference} has {what} {found:,}, its entry says {said:,}: "
                f"correct the entry ({variant.origin})"
            )
