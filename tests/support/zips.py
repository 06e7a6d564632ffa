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
            # At a fixed time: tests have archives as parameters, which name them.
            member = zipfile.ZipInfo(name)
            archive.writestr(member, content, method, level)
        archive.comment = comment
    return file.getvalue()
