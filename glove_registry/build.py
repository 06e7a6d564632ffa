"""The store of a variant: mapped if it is there, built and published if not."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .cache import Cache
from .errors import FormatError
from .registry import Source, Variant
from .store import DamagedStoreError, Store
from .store.layout import Manifest, name_folder
from .urls import redact
from .version import __version__

if TYPE_CHECKING:
    from .fetching import Text


def open_store(variant: Variant, cache: Cache) -> Store | None:
    """Map the store of a variant, or give None where there is none to be mapped."""
    if variant.anchor is None:
        return None
    folder = cache.stores / name_folder(variant.name, variant.key)
    try:
        # What cannot be read is no damage, and nothing is made anew over it.
        with cache.access():
            store = Store.open(folder)
    except DamagedStoreError:
        # Not there, or not whole: `make_store` finds out under its lock.
        return None
    origin = store.manifest.provenance
    if origin.get("format") != variant.format:
        # The entry says now that the same bytes are to be read in another way.
        return None
    # The entry may have learnt the shape since the store was compiled.
    _check_shape(variant, store.manifest)
    return store


def make_store(
    variant: Variant, cache: Cache, offline: bool | None, progress: bool | None
) -> Store:
    """Fetch, compile and publish, unless another process has done it meanwhile."""
    from .fetching import apply_pin, choose_sources
    from .lock import hold_lock
    from .store.writer import set_aside
    from .upkeep import collect_leftovers

    # Said before anything is written or waited for.
    with cache.access():
        sources = choose_sources(variant, cache, offline)
    with cache.writing(), hold_lock(cache.name_lock(variant.name), variant.name):
        if variant.anchor is None:
            variant = apply_pin(variant, cache)
        store = open_store(variant, cache)
        if store is None:
            if variant.anchor is not None:
                folder = cache.stores / name_folder(variant.name, variant.key)
                if folder.exists():
                    # Here, as a store that is only mapped has nothing to log.
                    from .log import log

                    log.warning("%s is damaged or outdated: it is made anew", folder)
                    set_aside(folder, cache.workspace)
            cache.check_room(_estimate_bytes(variant))
            try:
                store = Store.open(_compile(variant, cache, sources, progress))
            except DamagedStoreError:
                # Somebody removed it as soon as it was there.
                store = Store.open(_compile(variant, cache, sources, progress))
        collect_leftovers(cache)
    return store


def _compile(
    variant: Variant, cache: Cache, sources: list[Source], progress: bool | None
) -> Path:
    """Turn the text of a variant into a published store, while it arrives."""
    from .fetching import deliver, write_pin
    from .formats import read_vectors
    from .store.writer import StoreWriter

    def compile_text(text: "Text", source: Source) -> Path:
        blocks = read_vectors(
            text,
            format=variant.format,
            dimension=variant.dimension,
            rows=variant.rows,
        )
        with StoreWriter(cache.workspace, variant.name) as writer:
            # At the end of the blocks the text has been verified.
            writer.write(blocks)
            if variant.anchor is None:
                write_pin(variant, cache, text.sha256, redact(source.url))
            name = name_folder(variant.name, variant.key or text.sha256)
            origin = _describe_origin(variant, source, text)
            return writer.publish(cache.stores / name, origin)

    return deliver(
        variant,
        cache,
        compile_text,
        action="load",
        sources=sources,
        progress=progress,
    )


def _estimate_bytes(variant: Variant) -> int:
    """Say how large a store will be, as far as the entry tells."""
    if variant.row_count and variant.dimension:
        # Numbers, and the tokens with their index at some 40 bytes each.
        return variant.row_count * (4 * variant.dimension + 40)
    # Text takes about twice the room of float32.
    return (variant.member.bytes or 0) // 2


def _describe_origin(
    variant: Variant, source: Source, text: "Text"
) -> Mapping[str, Any]:
    return {
        "name": variant.name,
        "revision": variant.revision,
        "sha256": text.sha256,
        "bytes": text.count,
        "format": variant.format,
        "member": variant.member.name,
        "url": redact(source.url),
        "url_sha256": source.sha256,
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
