"""Files of a variant that are on this machine: kept by `fetch`, or put there by hand.

The original of a variant is its uncompressed file of vectors. The record beside it
holds its sha256, which is needed where only the archive's is published.
"""

import re
from dataclasses import replace
from pathlib import Path, PurePosixPath

from ..cache import Cache, spell_digest
from ..cache.digests import hash_file
from ..cache.records import SUFFIX, name_record, read_sha256, write_record
from ..registry import Resource, Source, Variant

_KNOWN_ENDINGS = (".npz", ".parquet", ".safetensors")
# Of all originals; the list of the cache knows them by these.
ENDINGS = (".txt", ".bin", *_KNOWN_ENDINGS)


def keep_original(path: Path, sha256: str, variant: Resource, cache: Cache) -> Path:
    """Move the verified original of a variant to where `load` looks first."""
    if variant.anchor is None:
        # Only now is the hash known that the file's name spells.
        variant = replace(variant, member=replace(variant.member, sha256=sha256))
    return _keep(path, name_originals(variant, cache), sha256, cache)


def keep_archive(path: Path, source: Source, cache: Cache) -> Path | None:
    """Move the file of a source to where `load` looks first; None if it has no hash."""
    if source.sha256 is None:
        return None
    return _keep(path, name_archives(source, cache), source.sha256, cache)


def find_local_sources(variant: Resource, cache: Cache) -> list[Source]:
    """Find what the cache's folder of originals has of a variant.

    That is its original, that of another variant with the same text, or the archive as
    its authors publish it: each only if it has a hash to be verified by.
    """
    found = [source for source, _ in _find_own(variant, cache)]
    files = sorted(cache.sources.iterdir()) if cache.sources.is_dir() else []
    for path in files:
        sha256 = read_original_sha256(path)
        if sha256 and sha256 == variant.member.sha256 and path.is_file():
            found.append(Source(url=path.as_uri(), sha256=sha256))
    for source in variant.sources:
        starts = tuple(f"{digest}-" for digest in spell_digest(source.sha256 or ""))
        for path in files if source.sha256 else ():
            if (
                path.name.startswith(starts)
                and path.suffix != SUFFIX
                and read_original_sha256(path) in (None, source.sha256)
                and path.is_file()
            ):
                found.append(replace(source, url=path.as_uri()))
    return list(dict.fromkeys(found))


def find_verified_original(variant: Resource, cache: Cache) -> Path | None:
    """Return the path of a variant's original if it is there and is the right one."""
    for source, path in _find_own(variant, cache):
        if hash_file(path) == source.sha256:
            return path
    return None


def find_published(variant: Resource, source: Source, cache: Cache) -> Source:
    """Return the published source of a file, which may be kept in the cache.

    It has a sha256 only if the whole file there was verified.
    """
    if not source.url.startswith(f"{cache.sources.as_uri()}/"):
        return source
    same = (known for known in variant.sources if known.sha256 == source.sha256)
    unverified = replace(variant.sources[0], sha256=None)
    # `fetch` has verified the whole file if the text has no hash of its own.
    return next(same, unverified if variant.member.sha256 else variant.sources[0])


def name_originals(variant: Resource, cache: Cache) -> list[Path]:
    """List where the original of a variant can be kept, whether it is there or not.

    The names are the variant's, never the member's, which a stranger chose; of that,
    only an ending by which other tools know the file is kept.
    """
    binary = isinstance(variant, Variant) and variant.format == "word2vec-binary"
    ending = PurePosixPath(variant.member.name or variant.sources[0].path).suffix
    suffix = ".bin" if binary else ending if ending in _KNOWN_ENDINGS else ".txt"
    # Without the text's own hash, no record holds what stands for it.
    digests = spell_digest(variant.key) if variant.member.sha256 else [variant.key]
    return [cache.sources / f"{variant.name}-{digest}{suffix}" for digest in digests]


def name_archives(source: Source, cache: Cache) -> list[Path]:
    """List where the file of a source can be kept; nowhere if it has no hash."""
    if source.sha256 is None:
        return []
    base = PurePosixPath(source.path).name
    base = re.sub(r"[^A-Za-z0-9._-]", "_", base)[-80:]
    return [
        cache.sources / f"{digest}-{base}" for digest in spell_digest(source.sha256)
    ]


def read_original_sha256(path: Path) -> str | None:
    """Return the sha256 in the record beside a file; None if there is none."""
    return read_sha256(name_record(path))


def _keep(path: Path, places: list[Path], sha256: str, cache: Cache) -> Path:
    """Move a file to the first place that no other file has, and record its hash."""
    free = (place for place in places if read_original_sha256(place) in (None, sha256))
    # The last place spells the whole digest.
    place = next(free, places[-1])
    write_record(name_record(place), cache, sha256=sha256)
    path.replace(place)
    return place


def _find_own(variant: Resource, cache: Cache) -> list[tuple[Source, Path]]:
    """List a variant's own originals, as sources and with their paths."""
    found = []
    for path in name_originals(variant, cache):
        # A file put there by hand has no record; the registry may know its hash.
        sha256 = read_original_sha256(path) or variant.member.sha256
        if sha256 and variant.member.sha256 in (None, sha256) and path.is_file():
            found.append((Source(url=path.as_uri(), sha256=sha256), path))
    return found
