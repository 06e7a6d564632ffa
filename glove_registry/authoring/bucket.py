"""A folder in a bucket as a place to publish, by fsspec.

Its file systems find the credentials of whoever publishes where the provider's own
tools keep them.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from ..cache import Cache
from ..download.object_stores import open_to_write, signs_always
from ..download.sources import refuse_offline
from ..errors import FetchError, OutputError
from ..registry.files import FILE_NAME
from ..registry.urls import WITH_CREDENTIALS

T = TypeVar("T")
# By which each file system refuses to replace a file, in one request.
ONLY_NEW: Mapping[str, Mapping[str, Any]] = {
    "s3": {"mode": "create"},
    "gs": {"mode": "create"},
    "az": {"overwrite": False},
}
PATTERN = re.compile(
    r"(s3|gs|az)://([A-Za-z0-9][\w.-]*(?:/(?!\.)[\w.-]+)*)/?", re.ASCII
)


@dataclass(frozen=True, slots=True)
class BucketFolder:
    """A folder in a bucket, or the bucket itself."""

    scheme: str
    path: str  # ``BUCKET/FOLDER``
    is_local = False

    @property
    def label(self) -> str:
        """Name of the folder."""
        return self.path.rpartition("/")[2]

    @property
    def loaded_by(self) -> str:
        """The folder, which has the registry, with what its scheme requires."""
        return self.shown + WITH_CREDENTIALS * signs_always(self.scheme)

    @property
    def shown(self) -> str:
        """The folder."""
        return f"{self.scheme}://{self.path}/"

    def check(self, names: Sequence[str]) -> None:
        """Raise `OutputError` if it has some of the files, or cannot be reached."""
        refuse_offline(self.shown)
        with self._explaining("looked at"):
            files = open_to_write(self.scheme)
            taken = [name for name in names if files.exists(f"{self.path}/{name}")]
        if taken:
            refusal = self._refuse(taken)
            if FILE_NAME not in taken:
                refusal += (
                    ", or remove what is left there of an upload that broke off: "
                    f"without {FILE_NAME}, nobody can load it"
                )
            raise OutputError(refusal)

    def publish(self, write: Callable[[Path], T], cache: Cache) -> tuple[T, str]:
        """Write the folder in the cache, and upload its files, the registry last.

        A bucket has no folder that could be renamed. Nobody finds the vectors before
        there is a registry, and what was uploaded without it is removed.
        """
        with cache.writing(), cache.open_scratch("push") as scratch:
            folder = scratch / "folder"
            made = write(folder)
            paths = sorted(folder.iterdir(), key=_is_registry)
            self.check([path.name for path in paths])
            with self._explaining("uploaded"):
                self._upload(paths)
        return made, self.loaded_by

    def _upload(self, paths: Sequence[Path]) -> None:
        files = open_to_write(self.scheme)
        sent: list[str] = []
        try:
            for path in paths:
                place = f"{self.path}/{path.name}"
                try:
                    files.put_file(str(path), place, **ONLY_NEW[self.scheme])
                except FileExistsError:  # another one publishes there, too
                    raise OutputError(self._refuse([path.name])) from None
                # What is another's is never removed.
                sent.append(place)
        except BaseException:
            for one in sent:
                with suppress(Exception):
                    files.rm_file(one)
            raise

    def _refuse(self, taken: Sequence[str]) -> str:
        return (
            f"{self.shown} already has {', '.join(taken)}, and nothing is replaced: "
            "choose another folder"
        )

    @contextmanager
    def _explaining(self, done: str) -> Iterator[None]:
        try:
            yield
        except OutputError:
            raise
        except FetchError as error:
            raise OutputError(f"{self.shown}: {error}") from error
        # Of as many kinds as there are libraries; some show keys or signatures.
        except Exception as error:
            raise OutputError(
                f"{self.shown} could not be {done} ({type(error).__name__}): check the "
                "name of the bucket, and that your credentials may write to it"
            ) from None


def _is_registry(path: Path) -> bool:
    return path.name == FILE_NAME
