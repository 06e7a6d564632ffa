"""Zip archives, made by the standard library."""

import io
import zipfile
from collections.abc import Mapping


def make_zip(
    members: Mapping[str, bytes],
    method: int = zipfile.ZIP_DEFLATED,
    *,
    level: int | None = None,
    comment: bytes = b"",
) -> bytes:
    """Return an archive of some members."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", method, compresslevel=level) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
        archive.comment = comment
    return file.getvalue()
