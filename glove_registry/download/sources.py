"""Which sources of a variant are tried, and in which order.

The cache comes first, then the user's mirror, then the entry's sources. None of these
decides which bytes are right: the entry's hashes do.
"""

import os
from contextlib import suppress
from dataclasses import replace
from urllib.parse import urlsplit

from ..cache import Cache
from ..errors import FetchError, OfflineError
from ..registry import Resource, Source
from ..registry.schemes import SCHEMES, find_scheme
from ..registry.urls import has_dots, redact
from .openers import load_opener
from .originals import find_local_sources, name_archives, name_originals

MIRROR_VARIABLE = "GLOVE_REGISTRY_MIRROR"
OFFLINE_VARIABLE = "GLOVE_REGISTRY_OFFLINE"

_NO = {"", "0", "false", "no", "off"}


def choose_sources(
    variant: Resource, cache: Cache, offline: bool | None
) -> list[Source]:
    """List the sources of a variant in the order in which they are to be tried.

    With `offline` None, GLOVE_REGISTRY_OFFLINE decides.

    Raises
    ------
    OfflineError
        The network would be needed; the message names the file to bring and where to
        put it.
    """
    mirror = _read_mirror()
    sources = find_local_sources(variant, cache)
    if mirror:
        sources += [
            replace(source, url=f"{mirror}/{parts.netloc}{parts.path}")
            for source in variant.sources
            if (parts := urlsplit(source.url)).netloc
            # Else they would lead out of the mirror.
            and not has_dots(parts.netloc + parts.path)
        ]
    sources += variant.sources
    if offline or (offline is None and is_offline()):
        sources = list(filter(_is_here, sources))
        if not sources:
            raise OfflineError(_explain_what_to_bring(variant, cache))
    return sources


def is_offline() -> bool:
    """Return whether GLOVE_REGISTRY_OFFLINE forbids to use the network."""
    return os.environ.get(OFFLINE_VARIABLE, "").strip().lower() not in _NO


def refuse_offline(shown: str) -> None:
    """Raise `OfflineError` if something cannot be reached, as there is no network."""
    if is_offline():
        raise OfflineError(
            f"{shown} cannot be reached: {OFFLINE_VARIABLE} forbids to use the network"
        )


def _read_mirror() -> str:
    mirror = os.environ.get(MIRROR_VARIABLE, "").rstrip("/")
    scheme = None
    with suppress(ValueError):
        scheme = SCHEMES.get(urlsplit(mirror).scheme)
    if mirror and not (scheme and scheme.hosted):
        raise FetchError(
            f"{MIRROR_VARIABLE} is {redact(mirror)!r}: expected the beginning of a "
            "URL, such as https://mirror.example.org"
        )
    return mirror


def _is_here(source: Source) -> bool:
    """Return whether a source is on this machine and has its file."""
    scheme = find_scheme(source.url)
    try:
        return scheme.is_local and bool(load_opener(source.url)(source.url))
    except FetchError:
        return False


def _explain_what_to_bring(variant: Resource, cache: Cache) -> str:
    member = variant.member
    choices = []
    if member.sha256:
        size = f"{member.bytes:,} bytes, " if member.bytes else ""
        choices.append(
            f"  {member.name or 'the uncompressed text'} "
            f"({size}sha256 {member.sha256})\n"
            f"    as {name_originals(variant, cache)[0]}"
        )
    for source in variant.sources:
        for path in name_archives(source, cache)[:1]:
            size = f"{source.bytes:,} bytes, " if source.bytes else ""
            choice = (
                f"  {source.url}\n    ({size}sha256 {source.sha256})\n    as {path}"
            )
            # Mirrors of one file need no line each.
            if not any(str(path) in known for known in choices):
                choices.append(choice)
    command = f"`glove-registry fetch {variant.reference} --from FILE`"
    if not choices:
        return (
            f"{variant.reference} is not in the cache, and offline it cannot be "
            f"fetched. Bring {variant.sources[0].url} and run {command} with "
            "--trust-on-first-use, as it has no known checksum"
        )
    return (
        f"{variant.reference} is not in the cache, and offline it cannot be fetched. "
        "Bring one of these files and put it there; it is verified before it is used. "
        f"{command} does the same (with --registry FILE for an entry of your own).\n"
        + "\n".join(choices)
    )
