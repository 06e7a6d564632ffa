"""Where vectors are published: a folder, a repository of the hub, or a bucket."""

import os
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, TypeVar

from ..cache import Cache
from ..cache.files import expand_user
from ..cache.outputs import check_path, write_new
from ..errors import OutputError
from ..registry.files import FILE_NAME
from ..registry.urls import redact
from . import bucket, hub

CARD_FILE = "README.md"
REGISTRY_FILE = FILE_NAME

T = TypeVar("T")


class Destination(Protocol):
    """A place for a folder of files that has none of them yet."""

    @property
    def is_local(self) -> bool:
        """Whether it is checked without the network."""

    @property
    def label(self) -> str:
        """A name, such as that of an organization, with which another may begin."""

    @property
    def loaded_by(self) -> str:
        """What ``registry=`` is for those who load from it."""

    @property
    def shown(self) -> str:
        """The place, for people."""

    def check(self, names: Sequence[str]) -> None:
        """Raise `OutputError` if files of these names cannot be published there."""

    def publish(self, write: Callable[[Path], T], cache: Cache) -> tuple[T, str]:
        """Publish the folder that a function writes, all of it or nothing.

        Return what that returns, and what ``registry=`` is for exactly these files.
        """


@dataclass(frozen=True, slots=True)
class LocalFolder:
    """A folder on this machine, which must not exist."""

    path: Path
    is_local = True

    @property
    def label(self) -> str:
        """Name of the folder."""
        return self.path.absolute().name

    @property
    def loaded_by(self) -> str:
        """The folder, seen from the one that it is in."""
        return self.label

    @property
    def shown(self) -> str:
        """The path of the folder."""
        return str(self.path)

    def check(self, names: Sequence[str]) -> None:
        """Raise `OutputError` if the folder exists or cannot be made."""
        check_path(self.path)

    def publish(self, write: Callable[[Path], T], cache: Cache) -> tuple[T, str]:
        """Write the folder beside its place, then rename it."""
        return write_new(self.path, write), str(self.path / REGISTRY_FILE)


def choose_destination(
    to: str | os.PathLike[str], private: bool = False
) -> Destination:
    """Return where to publish.

    Raises `OutputError` if that is none of the places that are known, or not a
    repository and to be private.
    """
    text = os.fspath(to)
    if found := hub.PATTERN.fullmatch(text):
        return hub.HubRepository(found[1], found[2], private)
    if private:
        raise OutputError(
            f"{redact(text)}: only a new repository of the hub, hf:ORG/REPO, is made "
            "private: leave `private` out, and see who may read that folder"
        )
    scheme = re.match(r"([A-Za-z][A-Za-z0-9+.-]+):", text)
    if scheme is None or isinstance(to, os.PathLike):
        return LocalFolder(expand_user(text))
    if found := bucket.PATTERN.fullmatch(text):
        return bucket.BucketFolder(found[1], found[2])
    raise OutputError(
        f"{redact(text)}: expected a FOLDER, hf:ORG/REPO or a URL of a bucket, such as "
        "s3://BUCKET/FOLDER"
    )
