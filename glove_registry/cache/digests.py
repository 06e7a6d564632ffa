"""SHA-256 digests: of files, as arguments, and in the names of the cache."""

import re
from pathlib import Path

from ..errors import ChecksumError
from .files import open_regular

_SHORT = 12
_SHA256 = r"[0-9a-f]{64}"


def is_sha256(value: object) -> bool:
    """Return whether a value is a sha256 in lower-case hexadecimal digits."""
    return isinstance(value, str) and bool(re.fullmatch(_SHA256, value))


def check_sha256(value: object) -> None:
    """Raise `ChecksumError` if an argument ``sha256=`` is not a sha256."""
    if not is_sha256(value):
        raise ChecksumError(
            f"sha256={value!r}: expected 64 hexadecimal digits in lower case, as in "
            'vectors.provenance["sha256"]'
        )


def hash_file(path: Path) -> str:
    """Return the sha256 of a regular file."""
    import hashlib  # not needed on the warm path

    with open_regular(path) as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def spell_digest(digest: str) -> tuple[str, ...]:
    """List the ways in which names in the cache spell a digest.

    Its beginning, which is easier to read; and all of it, for the rare case that the
    first name belongs to another digest with the same beginning.

    Examples
    --------
    >>> spell_digest("e447503abefb14111480bb4c0ebdc484bf607da86ebd7807798cc51cb397bcf1")
    ('e447503abefb', 'e447503abefb14111480bb4c0ebdc484bf607da86ebd7807798cc51cb397bcf1')
    """
    return (digest[:_SHORT], digest) if len(digest) > _SHORT else (digest,)
