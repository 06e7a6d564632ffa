"""A source in, an entry out: fetched, read to its end, written into a registry file."""

import os
import secrets
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path, PurePosixPath
from urllib.parse import urlsplit

from ..cache import Cache
from ..cache.records import name_record
from ..download import keep_archive
from ..download.containers import Listed
from ..download.copies import list_remote_members, open_local_copy
from ..errors import FormatError, RegistryError
from ..messages.progress import open_bar
from ..registry import Source
from ..registry.names import explain_bad_name
from ..registry.schemes import find_scheme
from ..registry.urls import redact
from ..store.cleanup import clear_leftovers
from .edit import add_entries, find_lines
from .entry import Fields, make_fields
from .examine import Content, Findings, examine
from .publish import check_writable, read_text, rewrite
from .target import Address, choose_registry, list_others, read_source

_ENDINGS = {".txt", ".vec", ".bin"}


@dataclass(frozen=True, slots=True)
class Addition:
    """What was found out about a source, and where it was written to.

    Attributes
    ----------
    url : str
        Of the source.
    findings : Findings
        What it is.
    entries : dict of str to Fields
        By the names of the variants, in the order of `findings.contents`.
    registry : Path
        The registry file.
    lines : tuple of int
        On which of its lines each entry begins; empty if nothing was written.
    kept : Path or None
        What was fetched, where the first load finds it.
    """

    url: str
    findings: Findings
    entries: dict[str, Fields]
    registry: Path
    lines: tuple[int, ...]
    kept: Path | None


def add(
    source: str | os.PathLike[str],
    name: str,
    *,
    to: str | os.PathLike[str] | None = None,
    member: str | None = None,
    override: bool = False,
    dry_run: bool = False,
    cache_dir: str | os.PathLike[str] | None = None,
    progress: bool | None = None,
) -> Addition:
    """Make an entry of a registry from the file that it is about.

    Parameters
    ----------
    source : str or path-like
        A URL, of any kind that a registry can hold, or a file of this machine.
    name : str
        Of the variant. In it, ``{dimension}`` stands for the dimension that is found,
        and ``{member}`` for the name of an archive's member without its ending; with
        either of them, every member that holds vectors gets an entry.
    to : str or path-like, optional
        The registry file; made if it is not there. Without it, it is the one file of
        GLOVE_REGISTRY_PATH, or else ``registry.yaml`` in the working folder.
    member : str, optional
        Which member of an archive; not needed if it holds one file.
    override : bool
        Whether the entry is to replace one of that name in a registry below.
    dry_run : bool
        Whether to write nothing.
    cache_dir, progress
        As for :func:`glove_registry.load`.

    Returns
    -------
    Addition

    Raises
    ------
    RegistryError
        The name is taken or is none, it is not clear what is meant, or the registry
        file has faults.
    OutputError
        The registry file cannot be written.
    FetchError, OfflineError
        The source has no such file, or the network is out of bounds.
    FormatError
        The file does not hold vectors; the message says on which line.
    CacheError
        What is fetched cannot be written to the cache folder.

    In each case the registry file is as it was.
    """
    cache = Cache.locate(cache_dir)
    registry = choose_registry(to)
    address = read_source(os.fspath(source))
    url = address.seen_from(registry)
    shown = redact(url) if address.path is None else str(address.path)
    refuse_taken = partial(_refuse_taken, registry=registry, override=override)
    choose = partial(_choose, shown, name, member)

    # All that can be known to be wrong before hundreds of megabytes are moved.
    _rehearse(name, url, registry, refuse_taken)
    if not dry_run:
        check_writable(registry)
    if _is_remote_zip(address) and (names := list_remote_members(address.url)):
        _pick(names, shown, name, member)

    if not address.is_local:
        clear_leftovers(cache)
    with (
        open_bar(f"add {name}", progress) as bar,
        open_local_copy(Source(url=address.url), cache, bar) as path,
    ):
        findings = examine(path, shown, choose, bar)
        entries = _name_all(name, url, findings, override)

        def change(text: str) -> str:
            refuse_taken(entries, text)
            return add_entries(text, entries, registry)

        if dry_run:
            change(read_text(registry))
            return Addition(url, findings, entries, registry, (), None)
        # Whatever can still be wrong is found out before anything is kept.
        change(read_text(registry))
        kept = None
        if not address.is_local:
            kept = _keep(path, Source(url=url, sha256=findings.sha256), cache)
    # Last of all: nothing that could fail comes after it.
    try:
        text = rewrite(registry, change, cache)
    except BaseException:
        if kept is not None:
            for left in (kept, name_record(kept)):
                left.unlink(missing_ok=True)
        raise
    known = find_lines(text)
    lines = tuple(known[new.lower()] for new in entries)
    return Addition(url, findings, entries, registry, lines, kept)


# -- names --------------------------------------------------------------------------


def _rehearse(
    name: str,
    url: str,
    registry: Path,
    refuse_taken: Callable[[Iterable[str], str], None],
) -> None:
    """Add an entry that knows nothing yet, and write it nowhere."""
    text = read_text(registry)
    if _is_pattern(name):
        _refuse_bad(_fill(name, "1", "member"))
        name = secrets.token_hex(8)
    else:
        _refuse_bad(name)
        refuse_taken([name], text)
    add_entries(text, {name: {"url": url}}, registry)


def _name_all(
    name: str, url: str, findings: Findings, override: bool
) -> dict[str, Fields]:
    entries: dict[str, Fields] = {}
    for content in findings.contents:
        full = _fill(name, str(content.dimension), _get_stem(content))
        _refuse_bad(full)
        if full in entries:
            raise RegistryError(
                f"two members would be called {full!r}: write a --name that tells "
                "them apart, by {member} for example"
            )
        entries[full] = make_fields(url, findings, content, override=override)
    return entries


def _is_pattern(name: str) -> bool:
    return "{dimension}" in name or "{member}" in name


def _fill(name: str, dimension: str, member: str) -> str:
    return name.replace("{dimension}", dimension).replace("{member}", member)


def _get_stem(content: Content) -> str:
    path = PurePosixPath(content.member or "")
    return path.stem if path.suffix in _ENDINGS else path.name


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
                f"{registry}:{line}: {name!r} is there already: choose another name, "
                "or remove that entry first"
            )
        other = others.get(name.lower())
        if other is None or (override and other.name == name):
            continue
        is_same = other.name == name
        raise RegistryError(
            f"{name!r} is also defined at {other.origin}"
            + f" as {other.name!r}" * (not is_same)
            + ": choose another name"
            + ", or say --override (override=True) to replace it" * is_same
        )


# -- members ------------------------------------------------------------------------


def _is_remote_zip(address: Address) -> bool:
    path = urlsplit(address.url).path
    return find_scheme(address.url).ranges and path.endswith(".zip")


def _choose(
    shown: str,
    name: str,
    member: str | None,
    listed: Sequence[Listed] | None,
) -> Sequence[Listed]:
    if listed is None:
        if member is not None or "{member}" in name:
            raise RegistryError(f"{shown} is no archive and has no members")
        return ()
    names = _pick([file.name for file in listed], shown, name, member)
    return [file for file in listed if file.name in names]


def _pick(
    names: Sequence[str], shown: str, name: str, member: str | None
) -> Sequence[str]:
    """Say which members are meant."""
    listing = ", ".join(map(repr, names[:20])) or "nothing"
    if not names:
        raise FormatError(f"{shown} holds no file")
    if member is not None:
        if member not in names:
            raise RegistryError(f"{shown} has no member {member!r}: it holds {listing}")
        return [member]
    if len(names) > 1 and not _is_pattern(name):
        raise RegistryError(
            f"{shown} holds {listing}: say by --member which one is meant, or write "
            "{member} or {dimension} into --name, as in 'my.{dimension}d', for an "
            "entry of each"
        )
    return names


def _keep(path: Path, source: Source, cache: Cache) -> Path | None:
    """Keep what was fetched where `load` looks before it asks a source."""
    # The entry is there, and is right without it.
    with suppress(OSError):
        place = keep_archive(path, source, cache)
        if place is not None:
            cache.note_use(place.name)
        return place
    return None
