"""How bytes arrive over HTTP(S): resumed, retried, and one zip member by ranges.

A URL comes in, a `Download` whose end is reached only by the right bytes goes out. It
imports requests, so that nothing on the way of a warm load may import it.
"""

from .body import Download, open_file
from .downloaders import ResumingDownloader, ZipMemberDownloader
from .faults import (
    BadArchive,
    Changed,
    NoRoom,
    RangesUnsupported,
    Refused,
    RetriesExhausted,
    TransportError,
    WrongBytes,
)
from .part import Facts
from .policy import Policy
from .remote_zip import RemoteArchive, open_archived_member, open_member, read_archive
from .stream import probe, restarting

__all__ = [
    "BadArchive",
    "Changed",
    "Download",
    "Facts",
    "NoRoom",
    "Policy",
    "RangesUnsupported",
    "Refused",
    "RemoteArchive",
    "ResumingDownloader",
    "RetriesExhausted",
    "TransportError",
    "WrongBytes",
    "ZipMemberDownloader",
    "open_archived_member",
    "open_file",
    "open_member",
    "probe",
    "read_archive",
    "restarting",
]
