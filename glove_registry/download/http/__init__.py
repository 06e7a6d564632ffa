"""Transfers over HTTP(S) that resume and retry, and zip members by ranges of bytes.

A URL comes in, a `Download` whose end is reached only by the right bytes goes out.
`ResumingDownloader` and `ZipMemberDownloader` are public: they do the same for pooch.
This imports requests, so that the way of a warm load must not import it.
"""

from .answer import Answer, Span, Transport
from .authorization import Authorization
from .client import Client, restarting
from .deadline import call_within, watch
from .download import Download, open_remote_file
from .downloaders import ResumingDownloader, ZipMemberDownloader
from .errors import (
    BadArchive,
    Changed,
    Interrupted,
    NoConnection,
    NoRoom,
    RangesUnsupported,
    Refused,
    RetriesExhausted,
    TransportError,
    WrongBytes,
)
from .exchange import Web
from .part import Facts, check_room
from .policy import Patience, Policy, retrying
from .remote_zip import RemoteArchive, open_archived_member, open_member, read_archive

__all__ = [
    "Answer",
    "Authorization",
    "BadArchive",
    "Changed",
    "Client",
    "Download",
    "Facts",
    "Interrupted",
    "NoConnection",
    "NoRoom",
    "Patience",
    "Policy",
    "RangesUnsupported",
    "Refused",
    "RemoteArchive",
    "ResumingDownloader",
    "RetriesExhausted",
    "Span",
    "Transport",
    "TransportError",
    "Web",
    "WrongBytes",
    "ZipMemberDownloader",
    "call_within",
    "check_room",
    "open_archived_member",
    "open_member",
    "open_remote_file",
    "read_archive",
    "restarting",
    "retrying",
    "watch",
]
