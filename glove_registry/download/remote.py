"""Remote files of which parts can be requested: where they are, and the way there."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from ..registry import Source
from .archives import TAR_HEADER_BYTES
from .containers import find_container
from .openers import load_opener

if TYPE_CHECKING:
    from .http import Client, Policy, Transport


@dataclass(frozen=True, slots=True)
class Remote:
    """A remote file, and the way to it.

    `source_url` is the URL of its source, with the version that was found there where
    its scheme has versions. `policy` is that of its clients, None for the usual one.
    """

    url: str
    source_url: str
    connect: Callable[["Policy"], "Transport"]
    policy: "Policy | None" = None

    def open_client(self) -> "Client":
        """Return a client for this file alone: it may have credentials."""
        from .http import Client

        return Client(self.policy, self.connect)


def locate(source: Source, policy: "Policy | None" = None) -> Remote:
    """Find the file of a source whose scheme has ranges.

    Raises `FetchError` if it cannot be reached in the way that the entry says.
    """
    from .http import Client

    find: Callable[[Source, Policy], Remote] = load_opener(source.url)
    return replace(find(source, policy or Client.policy), policy=policy)


def is_packed_otherwise(client: "Client", url: str) -> bool:
    """Return whether a remote file is a container other than a zip archive.

    Its first bytes decide. A URL shows which container is likely, no more.
    """
    from .http import RangesUnsupported, Span

    try:
        head = client.read_span(url, Span(0, TAR_HEADER_BYTES)).data
    except RangesUnsupported:
        return False
    return find_container(head) not in (None, "zip")
