"""Objects in buckets, by fsspec: the opener of ``s3:``, ``gs:`` and ``az:``.

They are read block by block, as each file system can, and resumed as downloads over
HTTP are. Requests are unsigned unless the entry says `credentials: environment`; where
signed ones go is up to the settings of the provider's own tools, never to an entry.
"""

import errno
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from importlib import import_module
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import unquote, urlsplit

from ..errors import FetchError
from ..registry import Source
from .remote import Remote

if TYPE_CHECKING:
    from .http import Answer, Facts, Policy, Span

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class _Store:
    """The file system of a scheme."""

    package: str
    opener: str  # ``module:class``
    login: str  # where it looks for credentials, for people
    signed: Mapping[str, Any]
    unsigned: Mapping[str, Any] | None  # None: it would sign its requests anyway


_STORES = {
    "s3": _Store(
        "s3fs",
        "s3fs:S3FileSystem",
        "`aws configure`",
        signed={"anon": False},
        unsigned={"anon": True},
    ),
    "gs": _Store(
        "gcsfs",
        # Not the class that it registers, which asks by gRPC what kind of bucket it is.
        "gcsfs.core:GCSFileSystem",
        "`gcloud auth application-default login`",
        signed={"token": "google_default"},
        unsigned={"token": "anon"},
    ),
    "az": _Store(
        "adlfs",
        "adlfs:AzureBlobFileSystem",
        "AZURE_STORAGE_ACCOUNT_NAME, and `az login` or AZURE_STORAGE_ACCOUNT_KEY",
        signed={"anon": False},
        unsigned=None,
    ),
}

# A request costs about as long as a hundred kilobytes take; a block that is too large
# would be late on a slow connection, and arrive in vain.
_FIRST_BLOCK, _LEAST_BLOCK, _MOST_BLOCK = 1 << 18, 1 << 16, 1 << 23
_BLOCK_SECONDS = 1.0

# What another try may overcome, of the libraries below, none of which is imported here.
_PASSING = {
    "aiohttp.client_exceptions.ClientError",
    "azure.core.exceptions.ServiceRequestError",
    "azure.core.exceptions.ServiceResponseError",
    "botocore.exceptions.ConnectionError",
    "botocore.exceptions.HTTPClientError",
    "google.auth.exceptions.TransportError",
    "requests.exceptions.ConnectionError",
}
_PASSING_NUMBERS = {errno.EBUSY, errno.EIO, getattr(errno, "EREMOTEIO", errno.EIO)}
_NO_LOGIN = {
    "azure.core.exceptions.ClientAuthenticationError",
    "botocore.exceptions.NoCredentialsError",
    "botocore.exceptions.PartialCredentialsError",
    "botocore.exceptions.ProfileNotFound",
    "google.auth.exceptions.GoogleAuthError",
}


def locate(source: Source, policy: "Policy") -> Remote:
    """Find an object in the store that its scheme and the environment name."""
    parts = urlsplit(source.url)
    store = _STORES[parts.scheme]
    if source.credentials is None and signs_always(parts.scheme):
        raise FetchError(
            f"{store.package} signs every request: write `credentials: environment` "
            "into the entry, or the https: URL of a public file"
        )
    path = unquote(parts.netloc + parts.path)
    options = store.unsigned if source.credentials is None else store.signed
    connect = partial(_ObjectStore, parts.scheme, path, dict(options or {}))
    return Remote(source.url, source.url, connect)


def signs_always(scheme: str) -> bool:
    """Return whether nothing of a scheme can be read without credentials."""
    return _STORES[scheme].unsigned is None


def open_to_write(scheme: str) -> Any:
    """Return the file system of a scheme, with credentials from the environment.

    Raises `FetchError` if it is not installed, or its settings are not valid.
    """
    return _open_files(scheme, _STORES[scheme].signed)


def _open_files(scheme: str, options: Mapping[str, Any]) -> Any:
    store = _STORES[scheme]
    module, _, name = store.opener.partition(":")
    try:
        open_files = getattr(import_module(module), name)
        # Neither another caller's connections nor what was listed before.
        return open_files(skip_instance_cache=True, use_listings_cache=False, **options)
    except ImportError:
        raise FetchError(
            f"{scheme}: URLs need the package {store.package}, which is not "
            'installed: run `python -m pip install "glove_registry[cloud]"`'
        ) from None
    # Of settings in the environment, in as many ways as there are libraries.
    except Exception as error:
        raise FetchError(
            f"{store.package} cannot be set up ({type(error).__name__}): check "
            f"{store.login}"
        ) from None


class _ObjectStore:
    """The transport of objects."""

    def __init__(
        self, scheme: str, path: str, options: dict[str, Any], policy: "Policy"
    ) -> None:
        self._policy = policy
        self._store = _STORES[scheme]
        self._path = path
        self._is_signed = options != self._store.unsigned
        self._files = _open_files(scheme, options)

    def close(self) -> None:
        """Leave the connections to the file system, which closes them itself."""

    @contextmanager
    def ask(self, url: str, span: "Span | None", known: "Facts") -> "Iterator[Answer]":
        """Look the object up, and yield an answer that reads it block by block."""
        from .http import Answer, Interrupted, RangesUnsupported

        policy = self._policy
        begun = policy.clock()
        try:
            total, facts = self._look_up(url)
        except Interrupted as fault:
            fault.lost = policy.clock() - begun
            raise
        first, end = (span and span.place(total)) or (0, total)
        if span is not None and first >= end:
            raise RangesUnsupported(url, "the object ends before that", total)
        blocks = _Blocks(
            partial(self._read, url),
            partial(self._check_same, url, facts),
            policy,
            first,
            end,
        )
        yield Answer(
            url,
            span is not None,
            first,
            end - first,
            facts,
            policy,
            blocks.receive,
            policy.clock() - begun,
        )

    def _look_up(self, url: str) -> tuple[int, "Facts"]:
        from .http import Facts, Refused

        found = self._call(
            url, self._policy.answer_timeout, partial(self._files.info, self._path)
        )
        total = found.get("size")
        if found.get("type") == "directory" or not isinstance(total, int):
            raise Refused(url, "this is a folder: expected the URL of a file")
        etag = found.get("ETag") or found.get("etag")
        return total, Facts(etag=etag and str(etag), total=total)

    def _check_same(self, url: str, facts: "Facts") -> None:
        from .http import Interrupted

        _, now = self._look_up(url)
        if change := facts.find_contradiction(now):
            raise Interrupted(change)

    def _read(self, url: str, first: int, end: int) -> bytes:
        read = partial(self._files.cat_file, self._path, start=first, end=end)
        data: bytes = self._call(url, self._policy.read_timeout, read)
        return data

    def _call(self, url: str, seconds: float, work: Callable[[], T]) -> T:
        """Return what a file system does, or why it does not, in our words.

        Its own may show the signature or the key of a request.
        """
        from .http import Interrupted, Refused, call_within

        try:
            return call_within(seconds, work, drop=lambda _: None)
        except TimeoutError:
            reason = f"no answer arrived within {seconds:g} s"
        except FileNotFoundError:
            raise Refused(url, "there is no such object: check the URL") from None
        except LookupError:
            raise Refused(
                url,
                "the answer lacks what it must state, such as the size of the object: "
                "choose another source",
            ) from None
        except Exception as error:
            reason = f"the request failed ({type(error).__name__})"
            if _is_refusal(error):
                raise Refused(url, self._explain_refusal()) from None
            if not _is_passing(error):
                raise Refused(url, f"{reason}: check the URL and the network") from None
        raise Interrupted(reason)

    def _explain_refusal(self) -> str:
        login = self._store.login
        if self._is_signed:
            return (
                f"access is forbidden to the credentials that were found: see {login}"
            )
        return (
            "it is private, or there is no such object: if you may read it, write "
            f"`credentials: environment` into the entry (they come from {login})"
        )


class _Blocks:
    """The bytes of an object, requested in blocks whose size follows the speed.

    `check` is called before the last of several blocks is handed out, and raises if
    they need not be of one object.
    """

    def __init__(
        self,
        read: Callable[[int, int], bytes],
        check: Callable[[], None],
        policy: "Policy",
        first: int,
        end: int,
    ) -> None:
        self._read = read
        self._check = check
        self._clock = policy.clock
        self._at = first
        self._first = first
        self._end = end
        self._size = _FIRST_BLOCK
        self._rest = memoryview(b"")

    def receive(self, room: int) -> bytes:
        """Return at most `room` bytes, and none at the end."""
        if not self._rest:
            self._rest = memoryview(self._request())
        piece, self._rest = bytes(self._rest[:room]), self._rest[room:]
        return piece

    def _request(self) -> bytes:
        if self._at >= self._end:
            return b""
        from .http import Interrupted

        end = min(self._at + self._size, self._end)
        begun = self._clock()
        block = self._read(self._at, end)
        if len(block) != end - self._at:
            raise Interrupted("another number of bytes arrived than was requested")
        speed = len(block) / max(self._clock() - begun, 1e-3)
        wanted = int(speed * _BLOCK_SECONDS)
        self._size = min(max(wanted, _LEAST_BLOCK), 2 * self._size, _MOST_BLOCK)
        if end == self._end and self._at > self._first:
            self._check()
        self._at = end
        return block


def _is_refusal(error: Exception) -> bool:
    return (
        isinstance(error, PermissionError)
        or _read_status(error) in (401, 403)
        or not _NO_LOGIN.isdisjoint(_name_kinds(error))
    )


def _is_passing(error: Exception) -> bool:
    status = _read_status(error)
    return (
        isinstance(error, ConnectionError)
        or (isinstance(error, OSError) and error.errno in _PASSING_NUMBERS)
        or status in (408, 429)
        or status >= 500
        or not _PASSING.isdisjoint(_name_kinds(error))
    )


def _read_status(error: Exception) -> int:
    """Return the HTTP status of an error; 0 if it has none."""
    for name in ("status_code", "code", "status"):
        value = getattr(error, name, None)
        if isinstance(value, int | str) and str(value).isdecimal():
            return int(value)
    return 0


def _name_kinds(error: Exception) -> set[str]:
    return {f"{kind.__module__}.{kind.__name__}" for kind in type(error).__mro__}
