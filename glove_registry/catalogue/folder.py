"""The folder of the catalogue: which files it has, and which of them are its own."""

import os
import re
from collections.abc import Collection
from contextlib import suppress
from pathlib import Path

from ..cache import Cache
from ..cache.outputs import as_path
from ..errors import CacheError, OutputError
from ..pages import write_page, write_pages
from ..registries import Registry
from .entries import collect_entries, make_cards
from .page import make_page_renderer, render_index, render_variant

INDEX = "index.html"
VARIANTS = "variants"

# Every page of the catalogue begins so, in every release, and nothing else does. A page
# that quotes the mark of this one is a page of somebody else.
_BEGINNING = re.compile(
    rb'<!DOCTYPE html>\s+<html lang="en">\s+<head>\s+(?:<meta [^<>]*>\s+)*'
    b'<meta name="generator" content="glove_registry catalogue [^<>]*>'
)
_HEAD = 4096


def write_catalogue(
    registry: Registry,
    folder: str | os.PathLike[str],
    *,
    cache_dir: str | os.PathLike[str] | None = None,
) -> Path:
    """Write static pages of all variants of a registry, and return that of all.

    This is ``index.html`` in the folder; each variant has a page
    ``variants/NAME.html``. The same registry and cache give the same pages, byte for
    byte. Pages of variants that no longer exist are removed; a file that this function
    has not written is neither replaced nor removed.

    Parameters
    ----------
    registry : Registry
    folder : str or path-like
        Created if it does not exist.
    cache_dir : str or path-like, optional
        The cache, from whose vectors neighbours of some words are computed. By default,
        as for `glove_registry.load`. Nothing is fetched.

    Raises
    ------
    OutputError
        The folder cannot be created or written to, or has a file of the user's under
        the name of a page.
    """
    folder = as_path(folder)
    entries = collect_entries(registry, _locate(cache_dir))
    cards = make_cards(entries)
    render = make_page_renderer()
    pages = {
        f"{entry.name}.html": render_variant(render, entry, card)
        for card in cards
        for entry in card.entries
    }
    index, variants = folder / INDEX, folder / VARIANTS
    if os.path.islink(variants):
        raise OutputError(
            f"cannot write {variants}: it is a link to another place, whose files are "
            "left alone; remove the link, or name another folder"
        )
    for path in (index, *(variants / name for name in pages)):
        if os.path.lexists(path) and not _is_own(path):
            raise OutputError(
                f"cannot write {path}: what is there was not written by this command; "
                "move it away, or name another folder"
            )
    write_pages(variants, pages)
    # When all that it links to is there.
    write_page(index, render_index(render, cards))
    _remove_others(variants, pages)
    return index


def _remove_others(folder: Path, names: Collection[str]) -> None:
    """Remove the pages of variants that no longer exist, and nothing else."""
    for path in sorted(folder.glob("*.html")):
        if path.name not in names and _is_own(path):
            try:
                path.unlink()
            except OSError as error:
                raise OutputError(
                    f"cannot remove {path} ({error.strerror or error}), the page of a "
                    "variant that no longer exists: remove it"
                ) from error


def _locate(cache_dir: str | os.PathLike[str] | None) -> Cache | None:
    with suppress(CacheError):
        return Cache.locate(cache_dir)
    return None


def _is_own(path: Path) -> bool:
    if os.path.islink(path) or not os.path.isfile(path):
        return False
    with suppress(OSError), path.open("rb") as file:
        return _BEGINNING.match(file.read(_HEAD)) is not None
    return False
