"""The source of an addition: what people write, and the URL that an entry has."""

import os
import re
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote, urlsplit

from ..cache.files import expand_user
from ..errors import RegistryError
from ..registry.kinds import URL, Invalid
from ..registry.schemes import SCHEMES, find_scheme
from ..registry.urls import RELATIVE_PATTERN, read_file_path, redact


@dataclass(frozen=True, slots=True)
class Address:
    """Where a file is."""

    url: str  # absolute, so that it means the same everywhere
    path: Path | None = None  # the file, if on this machine and not inside a package

    @property
    def is_local(self) -> bool:
        """Whether nothing needs to be fetched."""
        return find_scheme(self.url).is_local

    def make_url_for(self, registry: Path) -> str:
        """Return the URL that an entry in a registry file has for it.

        A file below the registry's folder has a relative URL, so that the folder can
        be moved, or be mounted elsewhere on another machine.
        """
        if self.path is None:
            return self.url
        folder = _resolve(registry).parent
        # A link to a registry file elsewhere would be another place to start from.
        if os.path.islink(registry) or not self.path.is_relative_to(folder):
            return self.url
        inside = quote(self.path.relative_to(folder).as_posix())
        # The first also means something if the registry is named by a URL.
        is_beside = re.fullmatch(RELATIVE_PATTERN, f"./{inside}")
        return f"./{inside}" if is_beside else f"file:{inside}"


def read_source(source: str) -> Address:
    """Read what was given as ``URL-or-FILE``.

    Raises `RegistryError`, which says why, if it is a URL that a registry does not
    accept.
    """
    scheme = re.match(r"[A-Za-z][A-Za-z0-9+.-]+(?=:)", source)
    if scheme is None or (
        scheme[0] not in SCHEMES and not source.startswith(f"{scheme[0]}://")
    ):
        return _address_file(expand_user(source))
    try:
        url = str(URL.parse(source, Path.cwd() / "registry.yaml"))
    except Invalid as reason:
        raise RegistryError(f"{redact(source)}: {reason}") from None
    if scheme[0] == "file":
        # A relative path starts here, not beside the registry.
        return _address_file(read_file_path(urlsplit(source).path))
    return Address(url)


def _address_file(path: Path) -> Address:
    try:
        path = _resolve(path)
        str(path).encode()
    except UnicodeEncodeError:
        raise RegistryError(
            f"{str(path)!r}: a registry is UTF-8, which this file's name is not: "
            "rename it"
        ) from None
    except ValueError as error:  # a null character
        raise RegistryError(f"{path}: no file has such a name ({error})") from None
    return Address(path.as_uri(), path)


def _resolve(path: Path) -> Path:
    """Return the absolute path of a file, which may itself be a link and stays one."""
    return Path(os.path.realpath(path.parent), path.name)
