"""The ways in which a transfer can fail.

The class alone decides what a caller does next::

    TransportError              (FetchError)   a URL did not deliver its bytes
    ├── RetriesExhausted        it kept failing: try the next mirror
    ├── Changed                 start again: the bytes handed out so far are void
    └── Refused                 it will never succeed: try the next mirror
        ├── NoConnection        ... as the host cannot be reached from here
        ├── NoRoom              ... or the disk is too small for the file
        ├── RangesUnsupported   ... unless the whole file will do
        ├── BadArchive          the file is no zip archive, or not a trustworthy one
        └── WrongBytes          (ChecksumError)  the bytes are not the promised ones

A disk that turns out to be full is none of these: the plain OSError is raised.
"""

from ...errors import ChecksumError, FetchError
from ...registry.urls import redact


class Interrupted(Exception):
    """A try failed, and another one may succeed; callers never see this.

    `reason` is a sentence without a full stop. `wait` is how many seconds the server
    asked to wait, and `lost` how many the try took without bringing anything.
    """

    def __init__(self, reason: str, *, wait: float = 0.0, lost: float = 0.0) -> None:
        super().__init__(reason)
        self.reason = reason
        self.wait = wait
        self.lost = lost


class TransportError(FetchError):
    """A URL did not deliver the bytes that were requested.

    `url` is kept without credentials. `reason` is a sentence without a full stop: what
    was wrong, what was expected, what to do.
    """

    # What it is made of again when it is unpickled: an OSError pickles its message.
    _parameters: tuple[str, ...] = ("url", "reason")

    def __init__(self, url: str, reason: str) -> None:
        self.url = redact(url)
        self.reason = reason
        super().__init__(f"{self.url}: {reason}")

    def __reduce__(self) -> tuple[type, tuple[object, ...]]:
        """Pickle by the parameters."""
        return type(self), tuple(getattr(self, name) for name in self._parameters)


class RetriesExhausted(TransportError):
    """Every try was interrupted; the part file keeps what arrived."""


class Changed(TransportError):
    """The remote file is not the one it was, or resumed bytes turned out wrong.

    The part file is already empty. Discard the bytes handed out so far and start
    again: see `restarting`.
    """


class Refused(TransportError):
    """No further try can succeed with this URL."""


class NoConnection(Refused):
    """The host cannot be reached, for a reason that lasts: its name, TLS or a proxy.

    Nothing is known of the file.
    """


class NoRoom(Refused):
    """The disk has no room for the size that a server declares, or for an endless body.

    `coming` is the number of bytes still to come, None if the server does not say.
    """

    _parameters = ("url", "reason", "coming")

    def __init__(self, url: str, reason: str, coming: int | None) -> None:
        super().__init__(url, reason)
        self.coming = coming


class RangesUnsupported(Refused):
    """The server does not serve ranges of bytes, or serves wrong ones.

    `total` is the size of the whole file in bytes, None if the server does not say.
    """

    _parameters = ("url", "reason", "total")

    def __init__(self, url: str, reason: str, total: int | None = None) -> None:
        super().__init__(url, reason)
        self.total = total


class BadArchive(Refused):
    """The file is not a zip archive, or its member cannot be read or trusted.

    `kind` is the short name of the fault: see `ZipError`.
    """

    _parameters = ("url", "reason", "kind")

    def __init__(self, url: str, reason: str, kind: str) -> None:
        super().__init__(url, reason)
        self.kind = kind


class WrongBytes(Refused, ChecksumError):
    """Bytes arrived in full, but with another size or sha256 than promised.

    `what` names the file, for example ``"member glove.6B.50d.txt"``; `expected` and
    `got` are the two sizes or the two digests.
    """

    _parameters = ("url", "what", "expected", "got")

    def __init__(self, url: str, what: str, expected: str, got: str) -> None:
        super().__init__(url, f"{what}: expected {expected}, got {got}; not kept")
        self.what = what
        self.expected = expected
        self.got = got
