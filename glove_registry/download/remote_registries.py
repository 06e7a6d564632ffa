"""Registries that are named by a URL: fetched once, pinned by their sha256, kept.

The sha256 that is stated behind the URL decides, ``URL#sha256=HEX``. Without one, the
first text that arrives is trusted and its sha256 recorded in the cache, as that of an
entry without a checksum is. What is kept is used without asking the server again.

``URL#credentials=environment`` sends credentials of whoever fetches, to this registry,
to the files beside it, and to what its entries ask for in its own host, repository or
bucket. Only the one who names a registry can say so.
"""

import hashlib
import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal
from urllib.parse import parse_qsl, urlsplit

from ..cache import Cache
from ..cache.digests import is_sha256
from ..cache.files import read_regular
from ..cache.records import read_record, write_record
from ..errors import ChecksumError, FetchError, OfflineError, RegistryError
from ..messages.log import log
from ..registry import Member, Resource, Source
from ..registry.files import FILE_NAME, MAX_BYTES
from ..registry.kinds import URL, Invalid
from ..registry.schemes import find_scheme
from ..registry.urls import WITH_CREDENTIALS, is_loopback, redact
from .copies import copy_file
from .hashes import apply_record
from .originals import find_verified_original, keep_original
from .remote import locate
from .sources import is_offline

Check = Callable[[str, bytes], None]

_PIECE = 1 << 18
_PATIENCE = 10.0  # seconds
_REPOSITORY = re.compile(r"hf:(?:datasets/)?[^/@]+/[^/@]+(?=@|$)")


@dataclass(frozen=True, slots=True)
class Reference:
    """A registry as it is named: its URL, and what is stated behind it."""

    url: str
    sha256: str | None = None
    credentials: Literal["environment"] | None = None

    def __str__(self) -> str:
        return redact(self.place(self.url))

    @property
    def key(self) -> str:
        """Return its name in the cache, which no variant can have."""
        return f"+registry-{hashlib.sha256(self.spell().encode()).hexdigest()[:32]}"

    def spell(self) -> str:
        """Return how it is named with all that is stated."""
        stated = {"sha256": self.sha256, "credentials": self.credentials}
        behind = "&".join(f"{what}={value}" for what, value in stated.items() if value)
        return f"{self.url}#{behind}" if behind else self.url

    def place(self, url: str) -> str:
        """Return the URL at which it was found, as its entries are read from there."""
        return url + WITH_CREDENTIALS * (self.credentials is not None)

    def find_pin(self, cache: Cache) -> Resource:
        """Return the file, with the sha256 that it must have, if one is known."""
        source = Source(url=self.url)
        found = Resource(
            # As without a stated sha256: whatever was ever kept of it can be named.
            name=replace(self, sha256=None).key,
            sources=(source,),
            member=Member(sha256=self.sha256),
            origin=str(self),
        )
        return found if self.sha256 else apply_record(found, _name_record(self, cache))


@dataclass(frozen=True, slots=True)
class Fetched:
    """The text of a registry, and the URL at which it was found."""

    url: str
    content: bytes

    @property
    def sha256(self) -> str:
        """Return the sha256 of the text."""
        return hashlib.sha256(self.content).hexdigest()


def read_registry_url(
    name: str, cache: Cache, check: Check, offline: bool | None = None
) -> tuple[str, bytes]:
    """Return the URL of a registry, and its text, from the cache or from its server.

    Parameters
    ----------
    name : str
        ``URL``, or ``URL#sha256=HEX``, with ``&credentials=environment``. For a URL
        that ends with a slash, and for ``hf:ORG/REPO[@REVISION]``, it is
        ``registry.yaml`` in that place.
    cache
    check
        Called before a text is kept, with its URL; raises if it cannot be used.
    offline

    Raises
    ------
    RegistryError
        It is not the URL of a registry.
    ChecksumError
        The text has another sha256 than was stated, or was trusted on first use.
    FetchError, OfflineError, CacheError
    """
    reference = read_reference(name)
    with cache.access():
        if kept := find_kept(reference, cache):
            return reference.place(kept.url), kept.content
    if offline or (offline is None and is_offline()):
        raise OfflineError(
            f"{reference} is not in the cache, and offline it cannot be fetched: use "
            "it once with the network, or name a file that you have brought"
        )
    with cache.writing(), cache.hold_lock(reference.key, str(reference)):
        # Another process may have fetched it meanwhile.
        fetched = find_kept(reference, cache)
        if fetched is None:
            pin = reference.find_pin(cache)
            fetched = fetch_registry(reference, cache, check)
            if pin.anchor not in (None, fetched.sha256):
                raise ChecksumError(_explain_change(reference, pin, fetched))
            keep(reference, fetched, cache)
            if pin.anchor is None:
                pinned = replace(reference, sha256=fetched.sha256)
                log.warning(
                    "%s was trusted on first use. Name it as %s to hold others to the "
                    "same text, too",
                    *(reference, pinned.spell()),
                )
    return reference.place(fetched.url), fetched.content


def read_reference(name: str) -> Reference:
    """Read how a registry is named; raises `RegistryError` with what is expected."""
    url, _, fragment = name.partition("#")
    stated = dict(parse_qsl(fragment, keep_blank_values=True))
    sha256, credentials = stated.pop("sha256", None), stated.pop("credentials", None)
    if (
        stated
        or (fragment and sha256 is None and credentials is None)
        or credentials not in (None, "environment")
        or not (sha256 is None or is_sha256(sha256))
    ):
        raise RegistryError(
            f"{redact(name)}: expected nothing behind the URL of a registry but "
            "#sha256= and 64 hexadecimal digits in lower case, or "
            f"{WITH_CREDENTIALS}, or both with & between them"
        )
    if found := _REPOSITORY.match(url):
        url = f"{found[0]}/{FILE_NAME}{url[found.end() :]}"
    elif url.endswith("/"):
        url += FILE_NAME
    return Reference(_check(url), sha256, "environment" if credentials else None)


def find_kept(reference: Reference, cache: Cache) -> Fetched | None:
    """Return the text in the cache; None if there is none with the right sha256."""
    pin = reference.find_pin(cache)
    path = find_verified_original(pin, cache) if pin.anchor else None
    if path is None:
        return None
    cache.note_use(path.name)
    record = read_record(_name_record(reference, cache)) or {}
    return Fetched(str(record.get("url", reference.url)), read_regular(path))


def keep(reference: Reference, fetched: Fetched, cache: Cache) -> None:
    """Keep a text, and record its sha256 as the one that is trusted from now on."""
    pin = replace(reference, sha256=fetched.sha256).find_pin(cache)
    with cache.open_scratch(reference.key) as folder:
        path = folder / FILE_NAME
        path.write_bytes(fetched.content)
        cache.make_folder(cache.sources)
        keep_original(path, fetched.sha256, pin, cache)
    record = {"reference": str(reference), "url": fetched.url}
    write_record(_name_record(reference, cache), cache, **record, sha256=fetched.sha256)


def fetch_registry(reference: Reference, cache: Cache, check: Check) -> Fetched:
    """Fetch the text of a registry.

    Raises `RegistryError` if its URL is not one that a registry is fetched from, or as
    `check` does; `FetchError` if it does not arrive.
    """
    from .http import NoConnection, Refused, restarting

    source = Source(url=reference.url, credentials=reference.credentials)
    try:
        fetched = restarting(lambda: _fetch(source, cache))
    except FetchError as error:
        reason = str(error).removeprefix(f"{reference}: ")
        place = urlsplit(reference.url).path.rpartition("/")[2]
        is_told = isinstance(error, Refused) and not isinstance(error, NoConnection)
        if is_told and "." not in place:
            reason += f". The URL of a folder ends with a slash: {reference.url}/"
        raise FetchError(f"{reference}: {reason}") from error
    # Before anything is kept: the page of a portal is not to be trusted from now on.
    check(reference.place(fetched.url), fetched.content)
    return fetched


def _fetch(source: Source, cache: Cache) -> Fetched:
    from .http import Client, open_remote_file

    if not find_scheme(source.url).ranges:
        with cache.open_scratch("copy") as folder:
            path = copy_file(source.url, folder, MAX_BYTES)
            return Fetched(source.url, path.read_bytes())
    # Everything waits for it, and nothing is lost by trying again later.
    policy = replace(Client.policy, patience=_PATIENCE, connect_timeout=_PATIENCE)
    remote = locate(source, policy)
    content = bytearray()
    # Not unpacked: a small text could stand behind endless bytes.
    with (
        remote.open_client() as client,
        open_remote_file(client, remote.url, cache.partial) as file,
    ):
        for piece in file:
            content += piece
            if len(content) > MAX_BYTES:
                raise RegistryError(
                    f"{redact(source.url)}: it has more than {MAX_BYTES:,} bytes, the "
                    "limit for a registry file: check the URL"
                )
    return Fetched(remote.source_url, bytes(content))


def _check(url: str) -> str:
    """Return the URL if a registry can be fetched from it without being changed."""
    try:
        URL.parse(url)
    except Invalid as reason:
        raise RegistryError(f"{redact(url)}: {reason}") from None
    scheme = find_scheme(url)
    if scheme.is_local:
        raise RegistryError(
            f"{redact(url)}: name a registry on this machine by its path"
        )
    if not (scheme.encrypted or is_loopback(url)):
        raise RegistryError(
            f"{redact(url)}: others on the network could change this registry on its "
            "way: use an https: URL"
        )
    return url


def _explain_change(reference: Reference, pin: Resource, fetched: Fetched) -> str:
    if reference.sha256:
        return (
            f"{reference} has sha256 {fetched.sha256}, expected {pin.anchor}: it has "
            "changed, or the sha256 belongs to another registry"
        )
    return (
        f"{reference} has changed since it was first used: its sha256 is "
        f"{fetched.sha256}, and {pin.anchor} was trusted ({pin.origin}). "
        f"`glove-registry update {reference}` shows the new entries and accepts them"
    )


def _name_record(reference: Reference, cache: Cache) -> Path:
    return cache.trusted / f"{reference.key}.json"
