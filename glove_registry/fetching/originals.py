"""Verified originals, kept for other tools: the uncompressed file of a variant.

Beside each stands its hash as ``sha256sum`` writes it, so that anybody can check it.
"""

from dataclasses import dataclass
from pathlib import Path

from ..cache import Cache
from ..registry import Variant
from .verified import VerifiedStream

_PIECE = 1 << 20


def name_original(variant: Variant, cache: Cache) -> Path:
    """Say where the original of a variant is kept, whether it is there or not.

    The name is the variant's, never the member's: that is a stranger's text.
    """
    suffix = ".bin" if variant.format == "word2vec-binary" else ".txt"
    return cache.sources / f"{variant.name}-{(variant.anchor or '')[:12]}{suffix}"


def keep_original(stream: VerifiedStream, target: Path, part: Path) -> Path:
    """Write a stream to `target`, which appears only if every byte is right.

    Parameters
    ----------
    stream : VerifiedStream
    target : Path
        The file to be.
    part : Path
        The file while it is written; removed if anything goes wrong.
    """
    part.parent.mkdir(parents=True, exist_ok=True)
    target.parent.mkdir(parents=True, exist_ok=True)
    try:
        with part.open("wb") as file:
            while piece := stream.read(_PIECE):
                file.write(piece)
        # The hash first: a file without one is never taken for an original.
        note = f"{stream.sha256}  {target.name}\n"
        _hash_file(target).write_text(note, encoding="ascii")
        part.replace(target)
    finally:
        part.unlink(missing_ok=True)
    return target


@dataclass(frozen=True, slots=True)
class Original:
    """A kept original and the hash that stands beside it; not verified yet."""

    path: Path
    sha256: str

    def discard(self) -> None:
        """Remove it."""
        self.path.unlink(missing_ok=True)
        _hash_file(self.path).unlink(missing_ok=True)


def find_original(variant: Variant, cache: Cache) -> Original | None:
    """Find the kept original of a variant, if there is one."""
    path = name_original(variant, cache)
    try:
        noted = _hash_file(path).read_text(encoding="ascii").split()[0]
    except (OSError, ValueError, IndexError):
        return None
    # What was noted when the text was kept must be what the registry promises now.
    if not path.is_file() or variant.member.sha256 not in (None, noted):
        return None
    return Original(path, noted)


def _hash_file(path: Path) -> Path:
    return path.with_name(path.name + ".sha256")
