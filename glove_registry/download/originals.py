"""Files of a variant that are on this machine already: kept by `fetch`, or brought.

The original of a variant is its uncompressed file of vectors. Beside each one stands
its hash as ``sha256sum`` writes it, so that anybody can check it, and so that it has a
known hash even where only its archive's is published.
"""

import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path, PurePosixPath
from urllib.parse import urlsplit

from ..cache import Cache, spell_digest
from ..cache.files import read_regular
from ..registry import Source, Variant
from .pooch_bridge import keep_file
from .verified import Text, hash_file

NOTE = ".sha256"

_PIECE = 1 << 20
_FORM = re.compile(r"([0-9a-f]{64})  .*\n?")


def keep_original(
    variant: Variant, cache: Cache, bring: Callable[[Callable[[Text], None]], None]
) -> Path:
    """Bring the original of a variant and return its path.

    Parameters
    ----------
    variant : Variant
    cache : Cache
    bring : callable
        Called with a function that writes the `Text` it is given.

    Returns
    -------
    Path
    """
    sha256 = variant.member.sha256
    with cache.open_scratch(variant.name) as folder:

        def write(output: Path) -> None:
            def write_text(text: Text) -> None:
                nonlocal sha256
                with output.open("wb") as file:
                    while piece := text.read(_PIECE):
                        file.write(piece)
                sha256 = text.sha256

            bring(write_text)

        path = keep_file(folder / "original", sha256, variant.sources[0].url, write)
        if variant.anchor is None:
            # Only now is the hash known that the file's name spells.
            member = replace(variant.member, sha256=sha256)
            variant = replace(variant, member=member)
        return _keep(path, name_originals(variant, cache), f"{sha256}", cache)


def keep_archive(path: Path, source: Source, cache: Cache) -> Path | None:
    """Keep the file at a source where `load` looks first; None if it has no hash."""
    if source.sha256 is None:
        return None
    return _keep(path, name_archives(source, cache), source.sha256, cache)


def find_local_sources(variant: Variant, cache: Cache) -> list[Source]:
    """Find what of a variant is in the cache's folder of originals.

    Its original, that of another variant with the same text, or the archive as its
    authors publish it: each only if it has a hash to be held against.
    """
    found = [source for source, _ in _find_own(variant, cache)]
    files = sorted(cache.sources.iterdir()) if cache.sources.is_dir() else []
    for path in files:
        sha256 = read_note(path)
        if sha256 and sha256 == variant.member.sha256 and path.is_file():
            found.append(Source(url=path.as_uri(), sha256=sha256))
    for source in variant.sources:
        starts = tuple(f"{digest}-" for digest in spell_digest(source.sha256 or ""))
        for path in files if source.sha256 else ():
            if (
                path.name.startswith(starts)
                and path.suffix != NOTE
                and read_note(path) in (None, source.sha256)
                and path.is_file()
            ):
                found.append(replace(source, url=path.as_uri()))
    return list(dict.fromkeys(found))


def find_verified_original(variant: Variant, cache: Cache) -> Path | None:
    """Return the path of a variant's original if it is there and is the right one."""
    for source, path in _find_own(variant, cache):
        if hash_file(path) == source.sha256:
            return path
    return None


def find_published(variant: Variant, source: Source, cache: Cache) -> Source:
    """Find where the file of a source was published; it may be kept in the cache."""
    if not source.url.startswith(f"{cache.sources.as_uri()}/"):
        return source
    same = (known for known in variant.sources if known.sha256 == source.sha256)
    return next(same, variant.sources[0])


def name_originals(variant: Variant, cache: Cache) -> list[Path]:
    """List where the original of a variant can be kept, whether it is there or not.

    The names are the variant's, never the member's: that is a stranger's text.
    """
    suffix = ".bin" if variant.format == "word2vec-binary" else ".txt"
    # What stands for the text, where its own hash is not known, is found in no note.
    digests = spell_digest(variant.key) if variant.member.sha256 else [variant.key]
    return [cache.sources / f"{variant.name}-{digest}{suffix}" for digest in digests]


def name_archives(source: Source, cache: Cache) -> list[Path]:
    """List where the file at a source can be kept; none if it has no hash."""
    if source.sha256 is None:
        return []
    base = PurePosixPath(urlsplit(source.url).path).name
    base = re.sub(r"[^A-Za-z0-9._-]", "_", base)[-80:]
    return [
        cache.sources / f"{digest}-{base}" for digest in spell_digest(source.sha256)
    ]


def name_note(path: Path) -> Path:
    """Return where the note of a file is."""
    return path.with_name(path.name + NOTE)


def read_note(path: Path) -> str | None:
    """Read the sha256 that stands beside a file; None if there is none."""
    try:
        match = _FORM.fullmatch(read_regular(name_note(path)).decode("ascii"))
    except (OSError, ValueError):
        return None
    return match[1] if match else None


def _keep(path: Path, places: list[Path], sha256: str, cache: Cache) -> Path:
    """Move a file into the folder of originals, and write its hash beside it.

    Returns
    -------
    Path
        The first of `places` that no other file has; the last has a name of its own.
    """
    free = (place for place in places if read_note(place) in (None, sha256))
    place = next(free, places[-1])
    text = f"{sha256}  {place.name}\n"
    cache.replace(name_note(place), text.encode("ascii"))
    path.replace(place)
    return place


def _find_own(variant: Variant, cache: Cache) -> list[tuple[Source, Path]]:
    """List a variant's own originals, as sources and with their paths."""
    found = []
    for path in name_originals(variant, cache):
        # What was put there by hand has no note; the registry may know its hash.
        sha256 = read_note(path) or variant.member.sha256
        if sha256 and variant.member.sha256 in (None, sha256) and path.is_file():
            found.append((Source(url=path.as_uri(), sha256=sha256), path))
    return found
