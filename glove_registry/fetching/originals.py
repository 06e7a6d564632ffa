"""Files of a variant that are on this machine already: kept by `fetch`, or brought.

The original of a variant is its uncompressed file of vectors. Beside each one stands
its hash as ``sha256sum`` writes it, so that anybody can check it, and so that it has a
known hash even where only its archive's is published.
"""

import os
import re
import secrets
from collections.abc import Callable
from pathlib import Path, PurePosixPath
from urllib.parse import urlsplit

from ..cache import Cache
from ..errors import ChecksumError
from ..registry import Source, Variant
from .pooch_bridge import keep_file
from .verified import Text, hash_file

_PIECE = 1 << 20


def keep_original(
    variant: Variant, cache: Cache, bring: Callable[[Callable[[Text], None]], None]
) -> Path:
    """Give the path of a variant's original, brought here if it is not yet.

    Parameters
    ----------
    variant : Variant
    cache : Cache
    bring : callable
        Called, if need be, with a function that writes the `Text` it is given.

    Returns
    -------
    Path
    """
    path = name_original(variant, cache)
    sha256 = _find_hash(variant, path)
    if sha256 is None and path.exists():
        raise ChecksumError(
            f"{path} was put there by somebody, and no hash of it is known: remove it"
        )

    def write(output: Path) -> None:
        def write_text(text: Text) -> None:
            with output.open("wb") as file:
                while piece := text.read(_PIECE):
                    file.write(piece)
            _write_note(path, text.sha256)

        bring(write_text)

    # Written beside the folder of originals, where what is left behind is collected.
    part = cache.workspace / f"{path.name}-{os.getpid()}-{secrets.token_hex(4)}"
    return keep_file(path, sha256, variant.sources[0].url, write, part)


def rename_original(variant: Variant, pinned: Variant, cache: Cache) -> Path:
    """Give an original the name that its hash makes, once that is known."""
    old, new = name_original(variant, cache), name_original(pinned, cache)
    _write_note(new, pinned.member.sha256 or "")
    old.replace(new)
    _note_file(old).unlink()
    return new


def find_local_sources(variant: Variant, cache: Cache) -> list[Source]:
    """Find what of a variant is in the cache's folder of originals.

    Its original, or the archive as its authors publish it: each only if it has a hash
    to be held against.
    """
    path = name_original(variant, cache)
    sha256 = _find_hash(variant, path)
    found = []
    if sha256 and path.is_file():
        found.append(Source(url=path.as_uri(), sha256=sha256))
    for source in variant.sources:
        archive = name_archive(source, cache)
        if archive is not None and archive.is_file():
            found.append(
                Source(url=archive.as_uri(), sha256=source.sha256, bytes=source.bytes)
            )
    return found


def name_original(variant: Variant, cache: Cache) -> Path:
    """Say where the original of a variant is kept, whether it is there or not.

    The name is the variant's, never the member's: that is a stranger's text.
    """
    suffix = ".bin" if variant.format == "word2vec-binary" else ".txt"
    return cache.sources / f"{variant.name}-{variant.key[:12]}{suffix}"


def name_archive(source: Source, cache: Cache) -> Path | None:
    """Say where the file at a source can be put by hand; None if it has no hash."""
    if source.sha256 is None:
        return None
    base = PurePosixPath(urlsplit(source.url).path).name
    return cache.sources / (
        f"{source.sha256[:12]}-{re.sub(r'[^A-Za-z0-9._-]', '_', base)[-80:]}"
    )


def find_verified_original(variant: Variant, cache: Cache) -> Path | None:
    """Give the path of a variant's original if it is there and is the right one."""
    path = name_original(variant, cache)
    sha256 = _find_hash(variant, path)
    if sha256 and path.is_file() and hash_file(path) == sha256:
        return path
    return None


def _find_hash(variant: Variant, path: Path) -> str | None:
    """Find what an original must hash to: the registry's word, else its note's."""
    return variant.member.sha256 or _read_note(path)


def _write_note(path: Path, sha256: str) -> None:
    note = _note_file(path)
    part = note.with_name(f"{note.name}.{os.getpid()}")
    part.write_text(f"{sha256}  {path.name}\n", "ascii")
    part.replace(note)


def _read_note(path: Path) -> str | None:
    try:
        sha256 = _note_file(path).read_text("ascii").partition(" ")[0]
    except (OSError, ValueError):
        return None
    return sha256 if re.fullmatch("[0-9a-f]{64}", sha256) else None


def _note_file(path: Path) -> Path:
    return path.with_name(path.name + ".sha256")
