"""Which registry file an entry goes to, and how that refers to its source."""

import os
import re
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote, urlsplit

from ..errors import RegistryError
from ..registry import Registry, Variant
from ..registry.kinds import URL, Context, Invalid
from ..registry.layers import (
    PATH_VARIABLE,
    builtin_path,
    list_default_files,
    list_own_files,
)
from ..registry.schemes import SCHEMES, find_scheme
from ..registry.strict_yaml import Faults, Position, Scalar
from ..registry.urls import read_file_path, redact


@dataclass(frozen=True, slots=True)
class Address:
    """Where a file is.

    Attributes
    ----------
    url : str
        Of the file; complete, so that it means the same from everywhere.
    path : Path or None
        The file, where it is one of this machine and not inside a package.
    """

    url: str
    path: Path | None = None

    @property
    def is_local(self) -> bool:
        """Whether nothing need be fetched."""
        return find_scheme(self.url).is_local

    def seen_from(self, registry: Path) -> str:
        """Give the URL that an entry in a registry file has for it.

        What lies below the registry's folder is found from there, so that the folder
        can be moved, or be mounted elsewhere on another machine.
        """
        if self.path is None:
            return self.url
        folder = _settle(registry).parent
        # A link to a registry file elsewhere would be another place to start from.
        if registry.is_symlink() or not self.path.is_relative_to(folder):
            return self.url
        return "file:" + quote(self.path.relative_to(folder).as_posix())


def read_source(source: str) -> Address:
    """Read what somebody wrote as ``URL-or-FILE``.

    Raises
    ------
    RegistryError
        It is a URL that no registry can hold; the message says why.
    """
    scheme = re.match(r"[A-Za-z][A-Za-z0-9+.-]+(?=:)", source)
    if scheme is None or (
        scheme[0] not in SCHEMES and not source.startswith(f"{scheme[0]}://")
    ):
        return _address_file(Path(source).expanduser())
    if scheme[0] == "file":
        # By its path below: a relative one is seen from here, not from the registry.
        _read_url(source)
        return _address_file(read_file_path(urlsplit(source).path))
    return Address(_read_url(source))


def choose_registry(to: "str | os.PathLike[str] | None") -> Path:
    """Say which registry file is meant.

    Parameters
    ----------
    to : str, path-like or None
        None is the one file of GLOVE_REGISTRY_PATH, or else ``registry.yaml`` in the
        working folder.

    Raises
    ------
    RegistryError
        It cannot be told, or is the built-in catalogue.
    """
    builtin = builtin_path()
    if to is not None:
        path = Path(to).expanduser()
        # In a checkout it is a file like others, for whoever says that it is meant.
        if is_same(path, builtin) and builtin.parent.name == "_data":
            raise RegistryError(
                f"{path} belongs to the installed package and goes with its next "
                "version: name a file of your own"
            )
        return path
    own = list_own_files()
    if len(own) > 1:
        raise RegistryError(
            f"{PATH_VARIABLE} names {len(own)} files: say by --to FILE which one is "
            "meant"
        )
    path = own[0] if own else Path("registry.yaml")
    if is_same(path, builtin):
        raise RegistryError(
            f"{path} is the built-in catalogue: say --to {path} if that is meant, or "
            "--to and a file of your own"
        )
    return path


def list_others(registry: Path) -> dict[str, Variant]:
    """List the variants of the other registry files by their names in lower case."""
    return {
        variant.name.lower(): variant
        for file in list_default_files()
        if not is_same(file, registry)
        for variant in Registry.from_file(file).list_variants()
    }


def is_seen_by_default(registry: Path) -> bool:
    """Say whether a registry file is seen by calls that do not name it."""
    return any(is_same(registry, file) for file in list_default_files())


def is_same(one: Path, other: Path) -> bool:
    """Say whether two paths, of which none need be there, are those of one file."""
    return os.path.realpath(one) == os.path.realpath(other)


def _address_file(path: Path) -> Address:
    path = _settle(path)
    try:
        str(path).encode()
    except UnicodeEncodeError:
        raise RegistryError(
            f"{str(path)!r}: a registry is UTF-8, which this file's name is not: "
            "rename it"
        ) from None
    return Address(path.as_uri(), path)


def _settle(path: Path) -> Path:
    """Give the whole path of a file, which itself may be a link and stays one."""
    return Path(os.path.realpath(path.parent), path.name)


def _read_url(url: str) -> str:
    try:
        node = Scalar(Position(1, 1), url, plain=True)
        return str(URL.read(node, Context(Faults(), Path.cwd())))
    except Invalid as wrong:
        raise RegistryError(f"{redact(url)}: {wrong}") from None
