"""A repository of the Hugging Face Hub as a place to publish, by its own library.

The library finds the token of whoever publishes: in HF_TOKEN, or where ``hf auth
login`` has put it. This module neither reads nor shows it.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from ..cache import Cache
from ..download.hub import read_endpoint
from ..download.sources import refuse_offline
from ..errors import FetchError, GloveRegistryError, OutputError
from ..messages.printable import make_line, shorten
from ..registry.urls import WITH_CREDENTIALS, redact
from ..version import __version__

if TYPE_CHECKING:
    from huggingface_hub import HfApi

T = TypeVar("T")
PATTERN = re.compile(r"hf:([A-Za-z0-9][\w.-]*)/([A-Za-z0-9][\w.-]*)", re.ASCII)


@dataclass(frozen=True, slots=True)
class HubRepository:
    """A repository of models, which is created unless it exists."""

    organization: str
    name: str
    private: bool = False  # whether it must be one that few may read
    is_local = False

    @property
    def repository(self) -> str:
        """The name of the repository on the hub."""
        return f"{self.organization}/{self.name}"

    @property
    def label(self) -> str:
        """Name of the organization."""
        return self.organization

    @property
    def loaded_by(self) -> str:
        """The repository, which has the registry."""
        return self.shown + WITH_CREDENTIALS * self.private

    @property
    def shown(self) -> str:
        """The repository."""
        return f"hf:{self.repository}"

    def check(self, names: Sequence[str]) -> None:
        """Raise `OutputError` if the files cannot be added, or there is no token."""
        refuse_offline(self.shown)
        from_library = self._import()
        with self._explaining():
            if from_library.get_token() is None:
                raise OutputError(
                    f"{self.shown}: publishing needs a token of the hub: set HF_TOKEN, "
                    "or run `hf auth login`"
                )
            self._find_head(self._connect(), names)

    def publish(self, write: Callable[[Path], T], cache: Cache) -> tuple[T, str]:
        """Write the folder in the cache, and add its files by one commit."""
        from_library = self._import()
        with cache.writing(), cache.open_scratch("push") as scratch:
            folder = scratch / "folder"
            made = write(folder)
            names = [path.name for path in sorted(folder.iterdir())]
            [file] = folder.glob("*.safetensors")
            with self._explaining():
                api = self._connect()
                # If it need not be private, the organization's settings decide.
                private = self.private or None
                api.create_repo(self.repository, private=private, exist_ok=True)
                commit = api.create_commit(
                    self.repository,
                    [
                        from_library.CommitOperationAdd(name, folder / name)
                        for name in names
                    ],
                    commit_message=f"Add {file.stem}",
                    # The hub refuses if anything was added after this was looked at.
                    parent_commit=self._find_head(api, names),
                )
        pinned = f"{self.shown}@{commit.oid}"
        return made, pinned + WITH_CREDENTIALS * self.private

    def _import(self) -> Any:
        try:
            import huggingface_hub
        except ImportError as error:
            raise OutputError(
                f"{self.shown}: publishing on the hub needs huggingface_hub: "
                "pip install 'glove_registry[hub]'"
            ) from error
        return huggingface_hub

    def _connect(self) -> "HfApi":
        api: HfApi = self._import().HfApi(
            endpoint=read_endpoint(),
            library_name="glove_registry",
            library_version=__version__,
        )
        return api

    def _find_head(self, api: "HfApi", names: Sequence[str]) -> str | None:
        """Return the last commit, which has none of the files; None without any.

        Raises `OutputError` if it has some, or the repository is public and may not be.
        """
        from huggingface_hub.errors import RepositoryNotFoundError

        try:
            found = api.model_info(self.repository)
        except RepositoryNotFoundError:
            return None
        if self.private and not found.private:
            raise OutputError(
                f"{self.shown} exists and is public, and `private` makes only a new "
                "repository private: push to another one, or make it private on the hub"
            )
        taken = {one.rfilename for one in found.siblings or ()}.intersection(names)
        if taken:
            raise OutputError(
                f"{self.shown} already has {', '.join(sorted(taken))}, and nothing is "
                "replaced: push to another repository"
            )
        return found.sha

    @contextmanager
    def _explaining(self) -> Iterator[None]:
        """Raise what the library raises as an `OutputError` that says what to do."""
        try:
            yield
        except FetchError as error:  # HF_ENDPOINT is not valid
            raise OutputError(str(error)) from error
        # Of many kinds, which differ between releases of the library.
        except Exception as error:
            if isinstance(error, GloveRegistryError):
                raise
            raise OutputError(f"{self.shown}: {_describe(error)}") from error


def _describe(error: BaseException) -> str:
    while error.__cause__ is not None and getattr(error, "response", None) is None:
        error = error.__cause__
    status = getattr(getattr(error, "response", None), "status_code", None)
    if status in (401, 403):
        return (
            f"the hub answered {status}: the token may not write there; set HF_TOKEN "
            "to one that may, or run `hf auth login`"
        )
    if status == 412:
        return "the repository was changed by others meanwhile: try again"
    reason = make_line(shorten(redact(f"{type(error).__name__}: {error}"), 300))
    return f"the files could not be published ({reason}): nothing was added"
