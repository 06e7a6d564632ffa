"""Hand the verified text of a variant to whoever consumes it, source by source."""

from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from ..cache import Cache
from ..errors import ChecksumError, FetchError, FormatError, UnverifiableError
from ..progress import open_bar
from ..registry import Source, Variant
from .containers import open_content
from .originals import find_original
from .sources import locate_file
from .verified import VerifiedStream

T = TypeVar("T")


def deliver(
    variant: Variant,
    cache: Cache,
    consume: Callable[[VerifiedStream, Source], T],
    *,
    action: str,
    progress: bool | None = None,
) -> T:
    """Give the text of `variant` to `consume`, from the first source that has it.

    Parameters
    ----------
    variant : Variant
    cache : Cache
    consume : callable
        Takes a `VerifiedStream` and the source it comes from. It must read the
        stream to its end, as the verdict is there, and keep nothing if that raises:
        it is then called again with the next source.
    action : str
        What the consumer does, for the progress bar.
    progress : bool or None
        Whether to draw bars; None: on a terminal only.

    Returns
    -------
    object
        What `consume` returned.

    Raises
    ------
    UnverifiableError
        The entry has no checksum.
    ChecksumError, FetchError
        No source had the text; each is listed with its reason.
    FormatError
        The text is the right one and cannot be read.
    """
    if variant.anchor is None:
        raise UnverifiableError(
            f"{variant.reference} has no checksum, so that nothing could be verified "
            f"({variant.origin}): fetch the file by other means, check it, and give it "
            "an entry of your own with the sha256 of what you checked"
        )
    kept = find_original(variant, cache)
    if kept is not None:
        try:
            source = Source(url=kept.path.as_uri(), sha256=kept.sha256)
            return _consume_file(kept.path, source, variant, consume, action, progress)
        except FetchError:
            kept.discard()  # somebody has changed it; the sources have it
    failures: list[tuple[Source, FetchError]] = []
    for source in variant.sources:
        try:
            path = locate_file(source, cache, variant.name, progress)
            return _consume_file(path, source, variant, consume, action, progress)
        except FetchError as failure:
            failures.append((source, failure))
    raise _sum_up(variant, failures)


def _consume_file(
    path: Path,
    source: Source,
    variant: Variant,
    consume: Callable[[VerifiedStream, Source], T],
    action: str,
    progress: bool | None,
) -> T:
    member = variant.member
    try:
        with (
            open_content(path, member.name) as content,
            open_bar(f"{action} {variant.name}", member.bytes, progress) as bar,
        ):
            shown = member.name or path.name
            return consume(VerifiedStream(content, member, shown, bar.update), source)
    except ChecksumError as error:
        if source.sha256 is None:
            _discard(path, source)
            raise
        raise ChecksumError(
            f"{error}; the archive around it is the right one, so that the registry "
            f"must be wrong about the member ({variant.origin}): please report it"
        ) from error
    except FormatError as error:
        if source.sha256 is None:
            # Nobody has verified these bytes: damage is the source's fault.
            _discard(path, source)
            raise FetchError(str(error)) from error
        raise FormatError(f"{variant.reference} ({path}): {error}") from error


def _discard(path: Path, source: Source) -> None:
    """Remove a download that turned out wrong; a file of the user's own stays."""
    if not source.url.startswith(("file:", "package:")):
        path.unlink(missing_ok=True)


def _sum_up(variant: Variant, failures: list[tuple[Source, FetchError]]) -> FetchError:
    """Make the one final error out of the reasons of each source."""
    reasons = "\n".join(f"  {source.url}: {failure}" for source, failure in failures)
    if all(isinstance(failure, ChecksumError) for _, failure in failures):
        return ChecksumError(
            f"{variant.reference} was refused: what arrived is not what the registry "
            f"promises ({variant.origin}), and was not kept\n{reasons}\n"
            "Either the file has changed or the entry is wrong: compare with what the "
            "file's authors publish"
        )
    return FetchError(
        f"{variant.reference} could not be fetched: no source had it\n{reasons}\n"
        "Check the connection and try again, or give the variant another source in a "
        "registry file of your own"
    )
