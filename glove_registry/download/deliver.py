"""Hand the verified text of a variant to whoever consumes it, source by source."""

import errno
import os
from collections.abc import Callable
from functools import partial
from typing import TypeVar

from ..cache import Cache
from ..errors import ChecksumError, FetchError, FormatError
from ..messages.log import log
from ..messages.progress import open_bar
from ..registry import Source, Variant
from ..registry.urls import redact
from .sources import AnotherWay, Way, is_local, list_ways, locate
from .verified import Text

T = TypeVar("T")


def deliver(
    variant: Variant,
    cache: Cache,
    consume: Callable[[Text, Source], T],
    *,
    action: str,
    sources: list[Source],
    progress: bool | None = None,
) -> T:
    """Give the text of `variant` to `consume`, from the first source that has it.

    Parameters
    ----------
    variant : Variant
    cache : Cache
    consume : callable
        Takes a `Text` and the source it comes from. It must read the text to its end,
        as the verdict is there, and keep nothing if that raises: it is then called
        again, for this source or the next.
    action : str
        What the consumer does, for the progress bar.
    sources : list of Source
        In the order in which they are tried: see `choose_sources`.
    progress : bool or None
        Whether to draw bars; None: on a terminal only.

    Returns
    -------
    object
        What `consume` returned.

    Raises
    ------
    ChecksumError, FetchError
        No source had the text; each is listed with its reason.
    FormatError
        The text is the right one and cannot be read.
    OSError
        No source had a text that there is room for.
    """
    failures: list[tuple[Source, FetchError]] = []
    with open_bar(f"{action} {variant.name}", progress) as bar:
        for source in sources:
            ways = list_ways(source, variant.member, cache, bar)
            try:
                return _take_first(ways, partial(_hand_over, consume, source))
            except FormatError as error:
                raise FormatError(f"{_name(variant, source)}: {error}") from error
            except FetchError as failure:
                failures.append((source, failure))
                bar.clear()
                if source is not sources[-1]:
                    reason = _describe(source, failure)
                    log.warning("%s; trying the next source", reason)
        bar.leave = False
    raise _sum_up(variant, failures)


def _name(variant: Variant, source: Source) -> str:
    """Name a text for an error; a file of one's own has no name but its path."""
    if source.url.startswith("file:") and variant.origin == str(locate(source)):
        return variant.origin
    return f"{variant.reference} ({redact(source.url)})"


def _take_first(ways: list[Way], use: Callable[[Way], T]) -> T:
    """Use the first way that is one."""
    try:
        return use(ways[0])
    except AnotherWay as reason:
        if len(ways) == 1:
            raise
        log.warning("%s; all of it is fetched", reason)
        return _take_first(ways[1:], use)


def _hand_over(consume: Callable[[Text, Source], T], source: Source, way: Way) -> T:
    def attempt() -> T:
        with way() as text:
            return consume(text, source)

    if not source.url.startswith(("https:", "http:")):
        return attempt()
    # A file that changes while it is on its way is taken from its beginning.
    from .http import restarting

    return restarting(attempt)


def _sum_up(variant: Variant, failures: list[tuple[Source, FetchError]]) -> OSError:
    """Make the one final error out of the reasons of each source."""
    from .http import NoRoom

    needed = [
        failure.coming
        for _, failure in failures
        if isinstance(failure, NoRoom) and failure.coming is not None
    ]
    if failures and len(needed) == len(failures):
        # It is the disk, then: said as whenever one turns out to be full.
        full = os.strerror(errno.ENOSPC)
        return OSError(errno.ENOSPC, f"{full}, {min(needed):,} bytes are needed")
    reasons = "\n".join(f"  {_describe(*failure)}" for failure in failures)
    if all(isinstance(failure, ChecksumError) for _, failure in failures):
        return ChecksumError(
            f"{variant.reference} was refused: there are other bytes than promised "
            f"({variant.origin}); none of them are used\n{reasons}\n"
            "Either the file has changed or the entry is wrong: compare with what the "
            "file's authors publish. A damaged copy in the cache goes by "
            f"`glove-registry cache remove {variant.name}`"
        )
    advice = "Check the path"
    if any("://" in source.url and not is_local(source) for source, _ in failures):
        advice = (
            "Check the connection and try again, give the variant another source in a "
            "registry file of your own, or bring the file by other means: "
            f"`glove-registry fetch {variant.reference} --from FILE`"
        )
    return FetchError(
        f"{variant.reference} could not be fetched: no source had it\n{reasons}\n"
        f"{advice}"
    )


def _describe(source: Source, failure: FetchError) -> str:
    # Errors of the transport begin with the URL already.
    reason, shown = str(failure), redact(source.url)
    return reason if reason.startswith(shown) else f"{shown}: {reason}"
