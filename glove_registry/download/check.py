"""Ask sources whether they still have what the registry says, without fetching it."""

from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from urllib.parse import urlsplit

from ..errors import FetchError, FormatError
from ..registry import Source, Variant, is_zip
from .containers import open_zipped
from .route import is_offline
from .sources import is_local, locate

# Asked side by side; one host answers several of these.
_AT_ONCE = 4

# Seconds: whoever asks can ask again, and many sources may be on a host that is down.
_PATIENCE = 10.0


@dataclass(frozen=True, slots=True)
class Finding:
    """What became of asking one source for one variant.

    Attributes
    ----------
    reference : str
        ``name`` or ``name@revision``.
    url : str
    state : {"ok", "bad", "no answer", "not asked"}
    detail : str
        What is wrong, or what was seen.
    """

    reference: str
    url: str
    state: str
    detail: str

    def to_dict(self) -> dict[str, str]:
        """Give plain values for JSON."""
        return {
            "name": self.reference,
            "url": self.url,
            "state": self.state,
            "detail": self.detail,
        }


def check_sources(variants: Iterable[Variant]) -> Iterator[Finding]:
    """Ask every source of some variants, by small requests for ranges of bytes.

    Parameters
    ----------
    variants : iterable of Variant

    Yields
    ------
    Finding
        One for each source of each variant, in order. ``ok`` means that it answers,
        that its size is the registered one, and that an archive has the member, of
        the registered size; not that the bytes are the right ones.
    """
    asked = [(variant, source) for variant in variants for source in variant.sources]
    with ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="check") as pool:
        yield from pool.map(lambda pair: _check(*pair), asked)


def _check(variant: Variant, source: Source) -> Finding:
    state = "ok"
    try:
        if is_local(source):
            detail = _look_at_file(variant, source)
        elif is_offline():
            state, detail = "not asked", "the network is out of bounds"
        elif urlsplit(source.url).scheme in ("https", "http"):
            state, detail = _ask_server(variant, source)
        else:
            state, detail = "not asked", "it can only be fetched whole"
    except (FetchError, FormatError) as error:
        state, detail = "bad", str(error).removeprefix(f"{source.url}: ")
    return Finding(variant.reference, source.url, state, detail)


def _ask_server(variant: Variant, source: Source) -> tuple[str, str]:
    from .http import Policy, RangesUnsupported, RetriesExhausted, probe, read_archive

    policy = Policy(patience=_PATIENCE)
    member = variant.member
    try:
        if not is_zip(source, member):
            return "ok", _compare(
                "the file", source.bytes, probe(source.url, policy=policy).total
            )
        archive = read_archive(
            source.url, pinned=member.sha256 is not None, policy=policy
        )
    except RetriesExhausted as error:
        return "no answer", error.reason
    except RangesUnsupported as error:
        detail = _compare("the archive", source.bytes, error.total)
        return "ok", f"{detail}; it cannot be looked into, as the server has no ranges"
    _compare("the archive", source.bytes, archive.facts.total)
    entry = archive.pick(member.name)
    return "ok", _compare(f"member {entry.name}", member.bytes, entry.size)


def _look_at_file(variant: Variant, source: Source) -> str:
    path = locate(source)
    with path.open("rb") as file:
        if is_zip(source, variant.member):
            with open_zipped(file, variant.member.name, str(path)):
                pass
    return _compare("the file", source.bytes, path.stat().st_size)


def _compare(what: str, expected: int | None, found: int | None) -> str:
    if found is None:
        return f"{what} is there, of unknown size"
    if expected not in (None, found):
        raise FetchError(f"{what} has {found:,} bytes, expected {expected:,}")
    return f"{what} has {found:,} bytes"
