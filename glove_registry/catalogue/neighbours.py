"""Neighbours of a few words, from vectors that the cache has; nothing is fetched."""

import itertools
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..cache import Cache
from ..download.hashes import apply_trusted_hash
from ..errors import GloveRegistryError
from ..registry import Variant
from ..store.numbers import NUMBER_TYPES

if TYPE_CHECKING:
    from ..lookup.rows import Rows

# Releases are in the order of frequency. These are common words, but hardly "the": of
# the first 10,000 words, or of all if there are fewer.
_COMMON = 10_000
_PLACES = (0.15, 0.25, 0.35, 0.45)
# A search through all words of a large release takes seconds.
_SEARCHED = 50_000
_SHOWN = 5


@dataclass(frozen=True, slots=True)
class Sample:
    """Neighbours of a few words, computed from the vectors.

    Attributes
    ----------
    searched : int
        How many words were searched: the first ones of the release.
    neighbours : dict of str to list of tuple
        For each word the most similar ones and their cosines, as
        `Vectors.most_similar` returns them.
    """

    searched: int
    neighbours: dict[str, list[tuple[str, float]]]


def find_sample(variant: Variant, cache: Cache) -> Sample | None:
    """Return neighbours of some words; None if the cache does not have the vectors."""
    from ..analysis import most_similar

    # A store or record that is damaged is an error of a load, not of this page.
    with suppress(GloveRegistryError, OSError):
        rows = _open(variant, cache)
        if rows is None:
            return None
        searched = min(_SEARCHED, len(rows))
        found = {
            word: list(
                most_similar(rows, word, topn=_SHOWN, restrict=searched, case="exact")
            )
            for word in choose_words(rows.tokens)
        }
        return Sample(searched, found) if found else None
    return None


def choose_words(tokens: Sequence[str]) -> list[str]:
    """Return a few common words: at some places, the next one that is usual there.

    It has five letters or more, none of them upper case. Where there is none, as in
    languages of few letters, three are enough.
    """
    places = [int(share * min(_COMMON, len(tokens))) for share in _PLACES]
    for fewest in (5, 3):
        found = [_find_word(tokens, place, fewest) for place in places]
        if words := list(dict.fromkeys(filter(None, found))):
            return words
    return []


def _find_word(tokens: Sequence[str], place: int, fewest: int) -> str | None:
    # Some hundreds are enough, if the release has words of letters at all.
    for token in itertools.islice(tokens, place, place + 500):
        if len(token) >= fewest and token.isalpha() and token == token.lower():
            return token
    return None


def _open(variant: Variant, cache: Cache) -> "Rows | None":
    from ..lookup.rows import Rows
    from ..pipeline import load_variant
    from ..store.find import open_store

    if variant.is_included:
        return load_variant(variant, cache_dir=cache.root, offline=True, progress=False)
    if variant.anchor is None:
        variant = apply_trusted_hash(variant, cache)
    stores = (open_store(variant, cache, dtype) for dtype in NUMBER_TYPES)
    store = next(filter(None, stores), None)
    return Rows(store, variant.tokenizer) if store else None
