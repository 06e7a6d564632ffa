"""Find the stores that hold the text of a variant: its own, and those of others."""

from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from ..cache import Cache
from ..errors import FormatError
from ..registry import Variant
from ..registry.urls import redact
from .layout import DamagedStoreError, Manifest, holds_text_of, name_folders
from .reader import Store


def open_store(variant: Variant, cache: Cache) -> Store | None:
    """Return the mapped store of a variant; None if there is none that can be used.

    Raises
    ------
    FormatError
        The entry states another shape than the store has.
    CacheError
        The cache cannot be read.
    """
    for folder in list_folders(variant, cache):
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
            if contradiction := _find_contradiction(variant, store.manifest):
                raise FormatError(
                    f"{variant.reference} has {contradiction}: correct the entry "
                    f"({variant.origin})"
                )
            return store
    return None


def list_folders(variant: Variant, cache: Cache) -> list[Path]:
    """List where the store of a variant can be, whether it is there or not."""
    if variant.anchor is None:
        return []
    return [cache.stores / name for name in name_folders(variant.name, variant.key)]


def find_twins(variant: Variant, cache: Cache) -> list[Path]:
    """Find stores from which that of a variant can be copied, of whatever name.

    If the entry has no checksum, they hold what another call verified from its URL.
    """
    is_same = holds_text_of if variant.anchor else _is_from_source_of
    twins = [
        (folder, manifest.provenance["sha256"])
        for folder, manifest in _list_stores(cache)
        if is_same(manifest, variant)
        and _is_read_alike(manifest, variant)
        and _find_contradiction(variant, manifest) is None
        and manifest.provenance.get("any_rows") == (variant.rows == "any")
    ]
    # Of several texts from one URL, none can be said to be the right one.
    return (
        [folder for folder, _ in twins] if len({text for _, text in twins}) == 1 else []
    )


def _list_stores(cache: Cache) -> Iterator[tuple[Path, Manifest]]:
    folders = cache.stores.iterdir() if cache.stores.is_dir() else ()
    for folder in sorted(folders):
        with suppress(OSError):  # damaged or unreadable
            yield folder, Manifest.read(folder)


def _is_from_source_of(manifest: Manifest, variant: Variant) -> bool:
    origin = manifest.provenance
    urls = {redact(source.url) for source in variant.sources}
    return origin.get("url") in urls and origin.get("member") == variant.member.name


def _find_contradiction(variant: Variant, manifest: Manifest) -> str | None:
    """Return what a store has that is not as its entry says; None if all is."""
    for what, stated, found in (
        ("dimension", variant.dimension, manifest.dimension),
        ("rows", variant.row_count, manifest.rows),
        ("bytes of text", variant.member.bytes, manifest.provenance["bytes"]),
    ):
        if stated not in (None, found):
            return f"{what} {found:,}, its entry says {stated:,}"
    return None


def _is_read_alike(manifest: Manifest, variant: Variant) -> bool:
    """Return whether a store was compiled as the entry wants its text to be read.

    Rows that look odd are read differently where the dimension is known; if there were
    any, there is a warning.
    """
    return manifest.provenance.get("format") == variant.format and (
        variant.dimension is not None or not manifest.provenance.get("warnings")
    )
