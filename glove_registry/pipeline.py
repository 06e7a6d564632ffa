"""From a name to vectors: the stages in their order, each one imported when needed.

    name -> registry -> fetch -> formats -> store -> vectors

A store that exists is mapped at once; only a missing one makes the stages between run.
"""

import os
import secrets
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .cache import Cache
from .errors import CacheError, ChecksumError, FormatError
from .registry import Registry, Variant
from .store import Store
from .store.layout import Manifest, name_folder
from .vectors import Vectors

if TYPE_CHECKING:
    from .fetching import VerifiedStream
    from .registry import Source


def load(
    name: str,
    *,
    registry: "Registry | str | os.PathLike[str] | None" = None,
    cache_dir: str | os.PathLike[str] | None = None,
    progress: bool | None = None,
) -> Vectors:
    """Load a variant of the registry: fetched and compiled once, then mapped.

    The first load of a variant fetches its file, verifies its sha256 and compiles it
    into the cache. Every later load maps the compiled store: it reads neither the
    network nor the original.

    Parameters
    ----------
    name : str
        ``"glove.6B.100d"``, or ``"glove.6B.100d@with-unk"`` for a revision.
    registry : str, path-like or Registry, optional
        A registry file, seen above the built-in registry; or a `Registry` to be used
        in its place.
    cache_dir : str or path-like, optional
        The cache folder. Without it the environment variable GLOVE_REGISTRY_CACHE
        decides, then the operating system's folder for caches.
    progress : bool, optional
        Whether to draw progress bars. Without it they are drawn on a terminal only.

    Returns
    -------
    Vectors

    Raises
    ------
    UnknownVariantError
        The registry has no such name; the message offers the nearest ones.
    RegistryError
        A registry file has faults.
    UnverifiableError
        The entry has no checksum.
    FetchError, ChecksumError
        No source had the file, or what arrived was another one.
    FormatError
        The file does not hold what the entry says.
    CacheError
        The cache folder cannot be written.

    Examples
    --------
    >>> import glove_registry
    >>> vectors = glove_registry.load("glove.6B.50d-first10k")
    >>> len(vectors), vectors.dimension
    (10000, 50)
    """
    variant = Registry.over_default(registry).find(name)
    cache = Cache.locate(cache_dir)
    return Vectors(_open(variant, cache) or _compile(variant, cache, progress))


def fetch(
    name: str,
    *,
    registry: "Registry | str | os.PathLike[str] | None" = None,
    cache_dir: str | os.PathLike[str] | None = None,
    progress: bool | None = None,
) -> Path:
    """Bring the verified original of a variant, for use by other tools.

    Parameters
    ----------
    name, registry, cache_dir, progress
        As for `load`.

    Returns
    -------
    Path
        The uncompressed file of vectors, as its authors wrote it.

    Raises
    ------
    UnknownVariantError, RegistryError, UnverifiableError, FetchError, ChecksumError, \
CacheError
        As for `load`.

    Examples
    --------
    >>> import glove_registry
    >>> path = glove_registry.fetch("glove.6B.50d-first10k")
    >>> path.open("rb").readline()[:12]
    b'the 0.418 0.'
    """
    from .fetching import (
        check_file,
        deliver,
        find_original,
        keep_original,
        name_original,
    )

    variant = Registry.over_default(registry).find(name)
    cache = Cache.locate(cache_dir)
    kept = find_original(variant, cache)
    if kept is not None:
        with suppress(ChecksumError):
            check_file(kept.path, str(kept.path), kept.sha256, variant.member.bytes)
            return kept.path

    target = name_original(variant, cache)
    part = cache.workspace / f"{target.name}-{os.getpid()}-{secrets.token_hex(4)}"

    def keep(stream: "VerifiedStream", source: "Source") -> Path:
        return keep_original(stream, target, part)

    with cache.writing():
        return deliver(variant, cache, keep, action="unpack", progress=progress)


def _open(variant: Variant, cache: Cache) -> Store | None:
    """Map the store of a variant, or give None where it must be compiled."""
    if variant.anchor is None:
        return None
    folder = cache.stores / name_folder(variant.name, variant.anchor)
    if not folder.is_dir():
        return None
    try:
        store = Store.open(folder)
    except CacheError:
        from .store.writer import set_aside

        set_aside(folder, cache.workspace)
        return None
    # The entry may have learnt the shape since the store was compiled.
    _check_shape(variant, store.manifest)
    return store


def _compile(variant: Variant, cache: Cache, progress: bool | None) -> Store:
    """Fetch the text of a variant, compile it and publish the store."""
    from .fetching import deliver
    from .formats import read_vectors
    from .store.writer import StoreWriter

    def compile_text(stream: "VerifiedStream", source: "Source") -> Path:
        folder = name_folder(variant.name, variant.anchor or stream.sha256)
        blocks = read_vectors(
            stream,
            format=variant.format,
            dimension=variant.dimension,
            rows=variant.rows,
        )
        with StoreWriter(cache.stores / folder, cache.workspace) as writer:
            writer.write(blocks)
            stream.read_to_end()
            return writer.publish(_describe_origin(variant, source, stream))

    with cache.writing():
        folder = deliver(
            variant, cache, compile_text, action="compile", progress=progress
        )
    return Store.open(folder)


def _describe_origin(
    variant: Variant, source: "Source", stream: "VerifiedStream"
) -> Mapping[str, Any]:
    from . import __version__

    return {
        "name": variant.name,
        "revision": variant.revision,
        "sha256": stream.sha256,
        "bytes": stream.bytes,
        "url": source.url,
        "url_sha256": source.sha256,
        "registry": variant.origin,
        "license": variant.license,
        "citation": variant.citation,
        "compiled_by": f"glove_registry {__version__}",
    }


def _check_shape(variant: Variant, manifest: Manifest) -> None:
    for what in ("dimension", "rows"):
        said, found = getattr(variant, what), getattr(manifest, what)
        if said not in (None, found):
            raise FormatError(
                f"{variant.reference} has {what} {found:,}, its entry says {said:,}: "
                f"correct the entry ({variant.origin})"
            )
