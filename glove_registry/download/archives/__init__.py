"""What lies in an archive, read from its bytes: zip and tar, without network or files.

One reader of each for all that is fetched, opened and added, so that the same bytes
give the same text by every way.
"""

from .tar import TAR_HEADER_BYTES, TarredMember, is_tar, list_tarred
from .zip_layout import TAIL_SIZE, Directory, Entry, Missing, ZipError, parse_directory
from .zip_member import read_member

__all__ = [
    "TAIL_SIZE",
    "TAR_HEADER_BYTES",
    "Directory",
    "Entry",
    "Missing",
    "TarredMember",
    "ZipError",
    "is_tar",
    "list_tarred",
    "parse_directory",
    "read_member",
]
