"""Members of zip and tar archives, read from any file: no network, no paths.

Each kind has one reader for all that is fetched, opened and added, so that the same
bytes give the same text in every way.
"""

from .tar import TAR_HEADER_BYTES, TarMember, is_tar, list_tar_members
from .zip_directory import TAIL_SIZE, ZipDirectory, read_directory
from .zip_member import ZipError, ZipMember

__all__ = [
    "TAIL_SIZE",
    "TAR_HEADER_BYTES",
    "TarMember",
    "ZipDirectory",
    "ZipError",
    "ZipMember",
    "is_tar",
    "list_tar_members",
    "read_directory",
]
