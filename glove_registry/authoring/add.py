"""From a file or URL to an entry: fetched, read to its end, written into a registry."""

import os
import secrets
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path, PurePosixPath
from typing import Any, Literal

from ..cache import Cache
from ..cache.records import name_record
from ..download import keep_archive
from ..download.copies import list_remote_members, open_local_copy
from ..errors import RegistryError
from ..messages.progress import open_bar
from ..registries import check_flags
from ..registry import FORMATS, Source
from ..registry.names import explain_bad_name
from ..registry.schemes import find_scheme
from ..registry.suggestions import strip_endings
from ..registry.urls import redact
from ..store.cleanup import clear_leftovers
from .entries import Fields, add_entries, find_lines, make_fields, write_registry
from .examine import Content, Examination, choose_members, examine, is_pattern
from .registry_file import (
    check_writable,
    choose_registry,
    list_others,
    read_text,
    rewrite,
)
from .source import read_source


@dataclass(frozen=True, slots=True)
class Addition:
    """What was found out about a source, and where it was written."""

    url: str
    examination: Examination
    # By the names of the variants, in the order of `examination.contents`.
    entries: dict[str, Fields]
    registry: Path
    # Where each entry begins in the registry file; empty if nothing was written.
    lines: tuple[int, ...] = ()
    kept: Path | None = None  # the fetched file, where the first load finds it

    def to_dict(self) -> dict[str, Any]:
        """Return plain values for JSON."""
        examination = self.examination
        lines = self.lines or (None,) * len(self.entries)
        return {
            "registry": str(self.registry),
            "written": bool(self.lines),
            "text": write_registry(self.entries),
            "url": self.url,
            "container": examination.container,
            "sha256": examination.sha256,
            "bytes": examination.bytes,
            "kept": str(self.kept) if self.kept else None,
            "entries": [
                {
                    "name": name,
                    "line": line,
                    **asdict(content),
                    "header": FORMATS[content.format].header,
                    "cased": content.cased,
                }
                for name, line, content in zip(
                    self.entries, lines, examination.contents, strict=True
                )
            ],
            "left_out": [
                {"member": member, "reason": reason}
                for member, reason in examination.left_out
            ],
        }


def add(
    source: str | os.PathLike[str],
    name: str,
    *,
    to: str | os.PathLike[str] | None = None,
    member: str | None = None,
    prefix: str | None = None,
    credentials: Literal["environment"] | None = None,
    override: bool = False,  # replace the entry of that name in a lower registry
    dry_run: bool = False,
    cache_dir: str | os.PathLike[str] | None = None,
    progress: bool | None = None,
) -> Addition:
    """Add an entry for a file of vectors to a registry file.

    `source` is a URL of any scheme that a registry accepts, or a file on this machine.
    In `name`, ``{dimension}`` stands for the detected dimension, and ``{member}`` for
    the name of an archive's member without endings such as ``.txt``; with either of
    them, every member that holds vectors gets an entry. Otherwise `member` says which
    one, unless an archive holds one file only. For `prefix`, see `open_file`, and for
    `to`, `choose_registry`; the registry file is created if it does not exist.

    Raises `RegistryError` if the name is taken or invalid, if it is unclear which
    member or registry is meant, or if the registry file has faults; `FormatError` with
    the line if the file does not hold vectors; and `FetchError`, `OfflineError`,
    `CacheError` or `OutputError`. After an error the registry file is unchanged.
    """
    check_flags(override=override, dry_run=dry_run, progress=progress)
    cache = Cache.locate(cache_dir)
    registry = choose_registry(to)
    address = read_source(os.fspath(source))
    url = address.make_url_for(registry)
    shown = redact(url) if address.path is None else str(address.path)

    # Whatever can be known to be wrong before hundreds of megabytes are fetched.
    place = {"url": url}
    if credentials is not None:
        place["credentials"] = credentials
    if not dry_run:
        check_writable(registry)
    _rehearse(name, place, registry, override)
    origin = Source(url=address.url, credentials=credentials)
    if (
        origin.path.endswith(".zip")
        and find_scheme(address.url).ranges
        and (members := list_remote_members(origin))
    ):
        choose_members(members, shown, name, member)

    if not address.is_local:
        clear_leftovers(cache)
    with (
        open_bar(f"add {name}", progress) as bar,
        open_local_copy(origin, cache, bar) as path,
    ):
        examination = examine(path, shown, name, member, bar, prefix)
        entries = _name_all(name, place, examination, prefix, override)

        def change(text: str) -> str:
            _refuse_taken(entries, text, registry, override)
            return add_entries(text, entries, registry)

        # Before anything is kept.
        change(read_text(registry))
        if dry_run:
            return Addition(url, examination, entries, registry)
        kept = None
        if not address.is_local:
            kept = _keep(path, Source(url=url, sha256=examination.sha256), cache)
    # Last, so that nothing can fail after it.
    try:
        text = rewrite(registry, change, cache)
    except BaseException:
        if kept is not None:
            for left in (kept, name_record(kept)):
                left.unlink(missing_ok=True)
        raise
    known = find_lines(text)
    lines = tuple(known[new.lower()] for new in entries)
    return Addition(url, examination, entries, registry, lines, kept)


def _rehearse(
    name: str, place: Mapping[str, str], registry: Path, override: bool
) -> None:
    """Add an entry with only its place, and do not write it."""
    text = read_text(registry)
    if is_pattern(name):
        _refuse_bad(_fill(name, "1", "member"))
        name = secrets.token_hex(8)
    else:
        _refuse_bad(name)
        _refuse_taken([name], text, registry, override)
    add_entries(text, {name: place}, registry)


def _name_all(
    name: str,
    place: Mapping[str, str],
    examination: Examination,
    prefix: str | None,
    override: bool,
) -> dict[str, Fields]:
    entries: dict[str, Fields] = {}
    for content in examination.contents:
        full = _fill(name, str(content.dimension), _get_stem(content))
        _refuse_bad(full)
        if full in entries:
            raise RegistryError(
                f"two members would be called {full!r}: write a --name that tells "
                "them apart, by {member} for example"
            )
        entries[full] = make_fields(
            place, examination, content, prefix=prefix, override=override
        )
    return entries


def _fill(name: str, dimension: str, member: str) -> str:
    return name.replace("{dimension}", dimension).replace("{member}", member)


def _get_stem(content: Content) -> str:
    return strip_endings(PurePosixPath(content.member or "").name)


def _refuse_bad(name: str) -> None:
    if reason := explain_bad_name(name):
        raise RegistryError(reason)


def _refuse_taken(
    names: Iterable[str], text: str, registry: Path, override: bool
) -> None:
    lines, others = find_lines(text), list_others(registry)
    for name in names:
        if line := lines.get(name.lower()):
            raise RegistryError(
                f"{registry}:{line}: {name!r} exists already: choose another name, or "
                "remove that entry first"
            )
        other = others.get(name.lower())
        if other is None or (override and other.name == name):
            continue
        is_same = other.name == name
        raise RegistryError(
            f"{name!r} is also defined at {other.origin}"
            + f" as {other.name!r}" * (not is_same)
            + ": choose another name"
            + ", or write --override (override=True) to replace it" * is_same
        )


def _keep(path: Path, source: Source, cache: Cache) -> Path | None:
    """Keep the fetched file where `load` looks before it tries a source."""
    # The entry is right without it.
    with suppress(OSError):
        place = keep_archive(path, source, cache)
        if place is not None:
            cache.note_use(place.name)
        return place
    return None
