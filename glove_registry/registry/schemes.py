"""The URL schemes of sources: one row says all that differs between them.

To add a scheme, write its opener in a module of its own and add a row here.
"""

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from typing import Any, Literal
from urllib.parse import urlsplit

from ..errors import FetchError
from .urls import redact


@dataclass(frozen=True, slots=True)
class Scheme:
    """How the files behind URLs of one scheme are opened and shown."""

    name: str  # what URLs begin with, without the colon
    # ``module:function`` below `glove_registry`, imported when a source is opened. It
    # raises `FetchError` if it cannot do its work; the next source is then tried.
    # - Not remote: ``find(url)`` returns the path of the file.
    # - Remote with `ranges`: ``resolve(url)`` returns the HTTP(S) URL of the file;
    #   without an opener that is the URL itself.
    # - Any other: ``copy(url, file, policy)`` writes the file to `file`, which has
    #   `write`, `flush` and `name`.
    opener: str = ""
    # Behind a network, on this machine, in a Python package.
    place: Literal["remote", "local", "included"] = "remote"
    ranges: bool = False  # whether a part of a file can be requested
    # Whether others on the network cannot see or change what is transferred.
    encrypted: bool = True
    hosted: bool = True  # whether ``//HOST/`` stands before the path
    form: str = ""  # what a URL looks like, for people; empty if any is accepted
    pattern: str = ""  # regular expression that a URL must match, if it has a `form`

    @property
    def is_local(self) -> bool:
        """Whether files are on this machine."""
        return self.place != "remote"

    def resolve(self, url: str) -> str:
        """Return the HTTP(S) URL of a file whose scheme has ranges."""
        return str(self.load_opener()(url)) if self.opener else url

    def load_opener(self) -> Callable[..., Any]:
        """Import and return the opener."""
        module, _, function = self.opener.partition(":")
        opener: Callable[..., Any] = getattr(
            import_module(f"..{module}", __package__), function
        )
        return opener


_ROWS = (
    Scheme("https", ranges=True),
    Scheme("http", ranges=True, encrypted=False),
    Scheme("ftp", "download.ftp:copy", encrypted=False),
    Scheme("sftp", "download.pooch_protocols:copy_by_sftp"),
    Scheme("doi", "download.pooch_protocols:copy_by_doi", hosted=False),
    Scheme("file", "download.local:find_file", "local"),
    Scheme(
        "package",
        "download.local:find_in_package",
        "included",
        hosted=False,
        form="package:PACKAGE/PATH, a file inside a Python package",
        pattern=r"package:[A-Za-z_][\w.]*(?:/[\w][\w.@+-]*)+",
    ),
)
SCHEMES = {row.name: row for row in _ROWS}


def find_scheme(url: str) -> Scheme:
    """Return the row of a URL's scheme.

    Raises `FetchError`, which lists the known ones, if there is none.
    """
    scheme = SCHEMES.get(urlsplit(url).scheme)
    if scheme is None:
        known = ", ".join(f"{name}:" for name in SCHEMES)
        raise FetchError(f"{redact(url)}: expected a URL that starts with {known}")
    return scheme
