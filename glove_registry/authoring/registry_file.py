"""The registry file of an addition: which one, and changed completely or not at all."""

import hashlib
import os
import stat
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from ..cache import Cache
from ..cache.files import expand_user, read_regular
from ..cache.outputs import check_name
from ..cache.publish import clear_unpublished, flush, publish
from ..errors import GloveRegistryError, OutputError, RegistryError
from ..registries import Registry
from ..registry import Variant
from ..registry.files import (
    PATH_VARIABLE,
    builtin_path,
    list_default_files,
    list_own_files,
)


def choose_registry(to: "str | os.PathLike[str] | None") -> Path:
    """Return the registry file that is meant.

    None means the only file of GLOVE_REGISTRY_PATH, or else ``registry.yaml`` in the
    working folder. Raises `RegistryError` if several are possible, or if it is the
    built-in catalogue; and `OutputError` if no file can have its name.
    """
    builtin = builtin_path()
    if to is not None:
        path = expand_user(to)
        check_name(path)
        # In a checkout it is a file like any other, if it is named.
        if _is_same(path, builtin) and builtin.parent.name == "_data":
            raise RegistryError(
                f"{path} belongs to the installed package, whose next version replaces "
                "it: name a file of your own"
            )
        return path
    own = [file for file in list_own_files() if isinstance(file, Path)]
    if len(own) > 1:
        raise RegistryError(
            f"{PATH_VARIABLE} names {len(own)} files: choose one by --to FILE"
        )
    path = own[0] if own else Path("registry.yaml")
    if _is_same(path, builtin):
        raise RegistryError(
            f"{path} is the built-in catalogue: write --to {path} if that is meant, or "
            "--to and a file of your own"
        )
    return path


def list_others(registry: Path) -> dict[str, Variant]:
    """Return the variants of the other registry files by their names in lower case."""
    return {
        variant.name.lower(): variant
        for file in list_default_files()
        if not _is_same(registry, file)
        for variant in Registry.from_file(file).list_variants()
    }


def is_used_by_default(registry: Path) -> bool:
    """Return whether calls that do not name a registry file use this one."""
    return any(_is_same(registry, file) for file in list_default_files())


def read_text(path: Path) -> str:
    """Return the text of a registry file; empty if it does not exist.

    Raises `RegistryError` if it is not UTF-8, and `OutputError` if it cannot be read or
    is not a regular file.
    """
    with _explain(path):
        return _decode(_read(_follow(path)), path)


def check_writable(path: Path) -> None:
    """Raise `OutputError` if a file cannot be changed, as far as known without trying.

    To be called before the new content is worked out. What processes that died while
    they changed it have left is removed.
    """
    target = _follow(path)
    clear_unpublished(target)
    if not os.path.isdir(target.parent):
        raise OutputError(
            f"{path}: there is no folder {target.parent}: create it first"
        )
    for place in (target.parent, target):
        if os.path.exists(place) and not os.access(place, os.W_OK):
            raise OutputError(
                f"{path}: you have no permission to write to {place}: name another "
                "file by --to"
            )


class _Changed(Exception):
    """The file was changed while its new text was written."""


def rewrite(path: Path, change: Callable[[str], str], cache: Cache) -> str:
    """Replace the text of a file by what a function makes of it, and return that.

    The file, which need not exist, has the complete old or new text at each moment. A
    symbolic link stays one, and permissions stay. `change` is called again with the
    newer text if others change the file meanwhile; `cache` has the lock that all hold
    who change it in this way. Raises `RegistryError` if the file is not UTF-8,
    `OutputError` if it cannot be read or written, and what `change` raises; then it is
    unchanged.
    """
    target = _follow(path)
    key = hashlib.sha256(os.fsencode(target)).hexdigest()
    # A read-only cache has no lock; then only the bytes show a change by others.
    with _explain(path), cache.hold_lock(f"registry-{key}", str(path)):
        while True:
            before = _read(target)
            text = change(_decode(before, path))
            with suppress(_Changed), publish(target) as part:
                _write(part, text.encode(), target)
                flush(part)
                # Editors know no lock. Looked at last, as flushing can take long.
                if _read(target) != before:
                    raise _Changed
                return text


def _follow(path: Path) -> Path:
    return Path(os.path.realpath(path))


def _read(path: Path) -> bytes | None:
    try:
        return read_regular(path)
    except FileNotFoundError:
        return None


def _decode(content: bytes | None, path: Path) -> str:
    try:
        return (content or b"").decode("utf-8")
    except UnicodeDecodeError as error:
        raise RegistryError(
            f"{path}: not UTF-8 at byte {error.start}: save the file as UTF-8"
        ) from None


def _write(part: Path, content: bytes, like: Path) -> None:
    with part.open("xb") as file:
        with suppress(FileNotFoundError):
            status = like.stat()
            # Only the owner may give a file away, and not on every system.
            with suppress(OSError, AttributeError):
                os.chown(part, status.st_uid, status.st_gid)
            part.chmod(stat.S_IMODE(status.st_mode))
        file.write(content)


def _is_same(one: Path, other: Path | str) -> bool:
    # Another registry may be named by a URL.
    return isinstance(other, Path) and os.path.realpath(one) == os.path.realpath(other)


@contextmanager
def _explain(path: Path) -> Iterator[None]:
    """Turn an error of the file system into one that names the file."""
    try:
        yield
    except OSError as error:
        if isinstance(error, GloveRegistryError):
            raise
        raise OutputError(
            f"{path} cannot be changed ({error.strerror or error}): it is unchanged"
        ) from error
