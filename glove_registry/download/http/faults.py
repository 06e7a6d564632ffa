"""Why bytes did not arrive: the exceptions of this room.

What a caller does next is decided by the class alone::

    TransportError              (FetchError)   a URL did not deliver
    ├── RetriesExhausted        it kept failing: go on with the next mirror
    ├── Changed                 begin again: what was handed out is void
    └── Refused                 it will never do: go on with the next mirror
        ├── NoRoom              ... or the disk is too full for what it declares
        ├── RangesUnsupported   ... unless the whole file will do as well
        ├── BadArchive          it is no zip, or not one to be trusted
        └── WrongBytes          (ChecksumError)  bytes arrived, but not those promised

A disk that turns out to be full is none of these: it passes as a plain OSError.
"""

from ...errors import ChecksumError, FetchError
from ...registry.urls import redact


class TransportError(FetchError):
    """A URL did not deliver the bytes that were asked of it.

    Parameters
    ----------
    url : str
        What was asked for; credentials are removed before it is kept.
    reason : str
        A sentence without a full stop: what was wrong, what was expected, what to do.

    Attributes
    ----------
    url, reason : str
        The same two, fit to be shown.
    """

    def __init__(self, url: str, reason: str) -> None:
        self.url = redact(url)
        self.reason = reason
        super().__init__(f"{self.url}: {reason}")

    def __reduce__(self) -> tuple[type, tuple[object, ...]]:
        """Pickle by what it was made of."""
        # An OSError pickles by its one message, which is not how this one is made.
        return type(self), (self.url, self.reason)


class RetriesExhausted(TransportError):
    """Every try was interrupted; the part file keeps what arrived."""


class Changed(TransportError):
    """The remote file is another one than before, or a resumed one came out wrong.

    The part file is already empty. Whoever digested the bytes handed out so far
    throws the result away and begins again: see `transport.restarting`.
    """


class Refused(TransportError):
    """No further try can help with this URL."""


class NoRoom(Refused):
    """The disk has no room for what the server declares, or for what has no end.

    Parameters
    ----------
    url, reason : str
        As for `TransportError`.
    coming : int or None
        Bytes that would still come, where the server says it.
    """

    def __init__(self, url: str, reason: str, coming: int | None) -> None:
        super().__init__(url, reason)
        self.coming = coming

    def __reduce__(self) -> tuple[type, tuple[object, ...]]:
        """Pickle by what it was made of."""
        return type(self), (self.url, self.reason, self.coming)


class RangesUnsupported(Refused):
    """The server does not serve, or cannot be trusted with, ranges of bytes.

    Parameters
    ----------
    url, reason : str
        As for `TransportError`.
    total : int or None
        Size in bytes of the whole file, where the server says it.
    """

    def __init__(self, url: str, reason: str, total: int | None = None) -> None:
        super().__init__(url, reason)
        self.total = total

    def __reduce__(self) -> tuple[type, tuple[object, ...]]:
        """Pickle by what it was made of."""
        return type(self), (self.url, self.reason, self.total)


class BadArchive(Refused):
    """The file is no zip archive, or its member cannot be read or trusted.

    Parameters
    ----------
    url, reason : str
        As for `TransportError`.
    kind : str
        The short name of the fault: see `archives.ZipError`.
    """

    def __init__(self, url: str, reason: str, kind: str) -> None:
        super().__init__(url, reason)
        self.kind = kind

    def __reduce__(self) -> tuple[type, tuple[object, ...]]:
        """Pickle by what it was made of."""
        return type(self), (self.url, self.reason, self.kind)


class WrongBytes(Refused, ChecksumError):
    """Bytes arrived whole, but of another size or sha256 than was promised.

    Parameters
    ----------
    url : str
        As for `TransportError`.
    what : str
        Which file, for example ``"member glove.6B.50d.txt"``.
    expected, got : str
        The two sizes or the two hexadecimal digests.
    """

    def __init__(self, url: str, what: str, expected: str, got: str) -> None:
        super().__init__(url, f"{what}: expected {expected}, got {got}; not kept")
        self.what = what
        self.expected = expected
        self.got = got

    def __reduce__(self) -> tuple[type, tuple[object, ...]]:
        """Pickle by what it was made of."""
        return type(self), (self.url, self.what, self.expected, self.got)
