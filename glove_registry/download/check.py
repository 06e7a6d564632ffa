"""Ask sources whether they still have what the registry says, without fetching it."""

from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from ..cache.files import open_regular
from ..errors import FetchError, FormatError
from ..registry import Resource, Source, is_zip
from ..registry.schemes import find_scheme
from .containers import open_zipped
from .sources import is_offline

# Sources asked at the same time; one host serves several of them.
_THREADS = 4

# Seconds. Many sources may be on one host that is down, and a check can be repeated.
_PATIENCE = 10.0


@dataclass(frozen=True, slots=True)
class SourceCheck:
    """Result of asking one source for one variant, ``name`` or ``name@revision``.

    `detail` says what is wrong, or what was seen.
    """

    name: str
    url: str
    state: str
    detail: str


def check_sources(variants: Iterable[Resource]) -> Iterator[SourceCheck]:
    """Check every source of some variants, by small requests for ranges of bytes.

    ``ok`` means that the source answers, that its size is the registered one, and that
    an archive has the member, of the registered size; not that the bytes are the right
    ones.
    """
    pairs = [(variant, source) for variant in variants for source in variant.sources]
    with ThreadPoolExecutor(_THREADS, thread_name_prefix="check") as pool:
        yield from pool.map(lambda pair: _check(*pair), pairs)


def _check(variant: Resource, source: Source) -> SourceCheck:
    state = "ok"
    try:
        scheme = find_scheme(source.url)
        if scheme.is_local:
            detail = _check_file(variant, source)
        elif is_offline():
            state, detail = "not asked", "the network must not be used"
        elif scheme.ranges:
            state, detail = _check_remote(variant, source)
        else:
            state, detail = "not asked", "it can only be fetched whole"
    except (FetchError, FormatError) as error:
        state, detail = "bad", str(error).removeprefix(f"{source.url}: ")
    return SourceCheck(variant.reference, source.url, state, detail)


def _check_file(variant: Resource, source: Source) -> str:
    path = find_scheme(source.url).load_opener()(source.url)
    try:
        file = open_regular(path)
    except OSError as error:
        raise FetchError(f"the file cannot be read ({error.strerror})") from error
    with file:
        if is_zip(source, variant.member):
            with open_zipped(file, variant.member.name):
                pass
    return _compare("the file", source.bytes, path.stat().st_size)


def _check_remote(variant: Resource, source: Source) -> tuple[str, str]:
    from .http import Client, Policy, RangesUnsupported, RetriesExhausted, read_archive

    url = find_scheme(source.url).resolve(source.url)
    member = variant.member
    try:
        with Client(Policy(patience=_PATIENCE)) as client:
            if not is_zip(source, member):
                size = client.probe(url).total
                return "ok", _compare("the file", source.bytes, size)
            has_checksum = member.sha256 is not None
            archive = read_archive(client, url, has_checksum=has_checksum)
    except RetriesExhausted as error:
        return "no answer", error.reason
    except RangesUnsupported as error:
        detail = _compare("the archive", source.bytes, error.total)
        return "ok", f"{detail}; its members are unknown, as the server has no ranges"
    _compare("the archive", source.bytes, archive.facts.total)
    found = archive.pick(member.name)
    return "ok", _compare(f"member {found.name}", member.bytes, found.size)


def _compare(what: str, expected: int | None, found: int | None) -> str:
    if found is None:
        return f"{what} exists, of unknown size"
    if expected not in (None, found):
        raise FetchError(f"{what} has {found:,} bytes, expected {expected:,}")
    return f"{what} has {found:,} bytes"
