"""The URL schemes of sources: one row says all that differs between them.

To add a scheme, write its opener in a module of its own and add a row here.
"""

import re
from dataclasses import dataclass
from typing import Literal
from urllib.parse import urlsplit

from ..errors import FetchError
from .urls import redact


@dataclass(frozen=True, slots=True)
class Scheme:
    """How the files behind URLs of one scheme are opened and shown."""

    name: str  # what URLs begin with, without the colon
    # ``module:function`` below `glove_registry.download`, which imports it when a
    # source is opened. It raises `FetchError` if it cannot do its work; the next source
    # is then tried.
    # - Not remote: ``find(url)`` returns the path of the file.
    # - Remote with `ranges`: ``locate(source, policy)`` returns a `Remote`.
    # - Any other: ``copy(url, file, policy)`` writes the file to `file`, by `write`.
    opener: str
    # Behind a network, on this machine, in a Python package.
    place: Literal["remote", "local", "included"] = "remote"
    ranges: bool = False  # whether a part of a file can be requested
    # Whether others on the network cannot see or change what is transferred.
    encrypted: bool = True
    hosted: bool = True  # whether ``//HOST/`` stands before the path
    form: str = ""  # what a URL looks like, for people; empty if any is accepted
    # Regular expression that a URL must match, if it has a `form`. Its group ``path``
    # is the path of the file, if that does not end the URL.
    pattern: str = ""
    credentials: str = ""  # what they are, for people; empty if there can be none

    @property
    def is_local(self) -> bool:
        """Whether files are on this machine."""
        return self.place != "remote"

    def read_path(self, url: str) -> str:
        """Return the path of the file in a URL, from which its kind can be told."""
        if "(?P<path>" in self.pattern:
            found = re.fullmatch(self.pattern, url, re.ASCII)
            return found["path"] if found else ""
        return urlsplit(url).path


_NETRC = "for `https:` a login in `~/.netrc`"
_NAME = r"[A-Za-z0-9][\w.-]*"
_SEGMENT = r"(?!\.{1,2}(?:[/@]|$))[^/@?#\s]+"
_BUCKET = r"[A-Za-z0-9][A-Za-z0-9._-]*"

_ROWS = (
    Scheme("https", "web:locate", ranges=True, credentials=_NETRC),
    Scheme(
        "http",
        "web:locate",
        ranges=True,
        encrypted=False,
        credentials=_NETRC,  # only sent to this machine
    ),
    Scheme(
        "hf",
        "hub:locate",
        ranges=True,
        hosted=False,
        form="hf:ORG/REPO/FILE@REVISION, or hf:datasets/ORG/REPO/FILE@REVISION, a file "
        "on the Hugging Face Hub",
        pattern=r"hf:(?P<path>(?P<repository>(?:datasets/|(?!datasets/))"
        rf"{_NAME}/{_NAME})"
        rf"/(?P<file>{_SEGMENT}(?:/{_SEGMENT})*))"
        r"(?:@(?P<revision>[A-Za-z0-9][^@?#\s]*))?",
        credentials="for `hf:` HF_TOKEN or the token that `hf auth login` keeps",
    ),
    Scheme(
        "s3",
        "object_stores:locate",
        ranges=True,
        form="s3://BUCKET/KEY",
        pattern=rf"s3://{_BUCKET}/[^?#\s]*[^?#\s/]",
        credentials="for `s3:` what AWS's own tools use",
    ),
    Scheme(
        "gs",
        "object_stores:locate",
        ranges=True,
        form="gs://BUCKET/NAME",
        pattern=rf"gs://{_BUCKET}/[^?#\s]*[^?#\s/]",
        credentials="for `gs:` Google's application default credentials",
    ),
    Scheme(
        "az",
        "object_stores:locate",
        ranges=True,
        form="az://CONTAINER/BLOB, of the account in AZURE_STORAGE_ACCOUNT_NAME",
        pattern=rf"az://{_BUCKET}/[^?#\s]*[^?#\s/]",
        credentials="for `az:` the environment variables AZURE_STORAGE_...",
    ),
    Scheme("ftp", "ftp:copy", encrypted=False),
    # Nothing tells the server's key from that of somebody in between.
    Scheme("sftp", "sftp:copy", encrypted=False),
    Scheme(
        "doi",
        "doi:locate",
        ranges=True,
        hosted=False,
        form="doi:DOI/FILE, a file of a data set on Zenodo, Figshare or a Dataverse",
        pattern=r"doi:10\.[0-9.]+/[^?#\s]+/[^?#\s/]+",
    ),
    Scheme("file", "local:find_file", "local"),
    Scheme(
        "package",
        "local:find_in_package",
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


def find_owner(url: str) -> tuple[str, str]:
    """Return what two URLs share if one owner has both: scheme, host or repository."""
    parts = urlsplit(url)
    found = re.match(find_scheme(url).pattern, url, re.ASCII)
    return parts.scheme, (found and found.groupdict().get("repository")) or parts.netloc
