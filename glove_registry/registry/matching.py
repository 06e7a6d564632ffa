"""Variants found by words about them: their names, corpus, language, dimension."""

import fnmatch
import math
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, TypeAlias

from .languages import find_tags, has_tag, list_language_names
from .variant_list import VariantList
from .words import fold, split_words

if TYPE_CHECKING:
    from .variant import Variant

# How much a word counts in each kind of field: as a whole, and as the beginning of
# another word. What says which vectors these are counts most.
_Weights: TypeAlias = tuple[float, float]
_NAME, _FACT, _TEXT = (8.0, 4.0), (6.0, 3.0), (2.0, 1.0)

# What all variants are, so that a word of it in some descriptions tells nothing.
EMPTY_WORDS = frozenset(
    split_words(
        "the of for with word words vector vectors embedding embeddings pre-trained "
        "pretrained model models"
    )
)


class Index:
    """The words of variants, by which they are found.

    Parameters
    ----------
    variants : sequence of Variant
        In the order in which equally good ones are returned.
    """

    def __init__(self, variants: "Sequence[Variant]") -> None:
        self._variants = variants
        # The variants of a group have one description, which can be long.
        descriptions = {variant.description or "" for variant in variants}
        described = {
            text: dict.fromkeys(split_words(text), _TEXT) for text in descriptions
        }
        self._words = [
            (_collect_words(variant), described[variant.description or ""])
            for variant in variants
        ]
        self._languages = [
            [frozenset(split_words(name)) for name in _name_language(variant)]
            for variant in variants
        ]

    def search(self, text: str, *, every: bool = False) -> "list[Variant]":
        """Return the variants that have the most of a text's words, the best first.

        With `every`, only those that have every word. Those of a language that the text
        names come first. A word that few variants have counts more than one that most
        have. Words such as "vectors" only count if there are no others.
        """
        words = dict.fromkeys(split_words(text))
        wanted = [word for word in words if word not in EMPTY_WORDS] or [*words]
        weights = [[_weigh(word, words) for words in self._words] for word in wanted]
        total = [0.0] * len(self._variants)
        matched = Counter[int]()
        for of_word in weights:
            having = [place for place, weight in enumerate(of_word) if weight]
            rarity = math.log(1 + len(self._variants) / max(len(having), 1))
            for place in having:
                matched[place] += 1
                total[place] += rarity * of_word[place]
        named = {
            place
            for place, names in enumerate(self._languages)
            if any(name <= words.keys() for name in names)
        }
        most = max((matched[place] for place in named or matched), default=0)
        least = len(wanted) if every else most
        best = [place for place in matched if matched[place] >= least]
        return VariantList(
            self._variants[place]
            for place in sorted(
                best,
                key=lambda place: (
                    place not in named,
                    not is_loadable(self._variants[place]),
                    -round(total[place], 6),
                    measure(self._variants[place]),
                    place,
                ),
            )
        )


def _collect_words(variant: "Variant") -> dict[str, _Weights]:
    """Return the words of all fields but the description, with the most they count."""
    found: dict[str, _Weights] = {}
    for word, weights in _list_words(variant):
        found[word] = max(weights, found.get(word, weights))
    return found


def _list_words(variant: "Variant") -> Iterator[tuple[str, _Weights]]:
    texts = (variant.license, variant.format, variant.tokenizer)
    for text in (*texts, *variant.resembles):
        for word in split_words(text or ""):
            yield word, _TEXT
    for text in (variant.corpus, variant.tokens):
        for word in split_words(text or ""):
            yield word, _FACT
    for name in _name_language(variant):
        language = split_words(name)
        for word in language:
            # "German" is German rather than Swiss German.
            yield word, (_NAME[0] / len(language), _NAME[1] / len(language))
    if variant.cased is not None:
        yield "cased" if variant.cased else "uncased", _TEXT
    for text in (*variant.aliases, variant.name):
        for word in split_words(text):
            yield word, _NAME
    if variant.dimension:
        for word in (f"{variant.dimension}", f"{variant.dimension}d"):
            yield word, _NAME
    for word in split_words(variant.language or ""):
        yield word, (_NAME[0], 0.0)  # "de" does not begin "German"


def _weigh(word: str, fields: Iterable[Mapping[str, _Weights]]) -> float:
    """Return what a word counts among those of a variant; 0 if they lack it."""
    whole = max((words[word][0] for words in fields if word in words), default=0.0)
    if whole or len(word) == 1:
        return whole
    return max(
        (
            weights[1]
            for words in fields
            for each, weights in words.items()
            if each.startswith(word)
        ),
        default=0.0,
    )


def list_matching(
    variants: "Iterable[Variant]",
    pattern: str,
    dimension: int | None,
    language: str | None,
) -> "list[Variant]":
    """Return the variants that a pattern and filters leave, in their order."""
    if not isinstance(pattern, str):
        raise TypeError(
            f"pattern={pattern!r}: expected a part of a name, or a shell pattern such "
            "as 'glove.*.300d'"
        )
    if dimension is not None and type(dimension) is not int:
        raise TypeError(f"dimension={dimension!r}: expected a whole number")
    tags = None if language is None else find_tags(language)
    return VariantList(
        variant
        for variant in variants
        if dimension in (None, variant.dimension)
        and (tags is None or has_tag(variant.language, tags))
        and (pattern == "*" or _matches(variant, pattern))
    )


def _matches(variant: "Variant", pattern: str) -> bool:
    """Return whether a pattern, or a part of a text, is that of a variant."""
    folded = fold(pattern)
    return (
        any(matches_name(name, pattern) for name in (variant.name, *variant.aliases))
        or folded == fold(variant.language or "")
        or folded in fold(variant.corpus or "")
        or any(folded in fold(name) for name in _name_language(variant))
    )


def matches_name(name: str, pattern: str) -> bool:
    """Return whether a name matches a shell pattern, or contains another text.

    Examples
    --------
    >>> matches_name("glove.6B.50d", "*.50D"), matches_name("glove.6B.50d", "6b")
    (True, True)
    """
    if re.search(r"[*?[]", pattern):
        return fnmatch.fnmatchcase(fold(name), fold(pattern))
    return fold(pattern) in fold(name)


def _name_language(variant: "Variant") -> list[str]:
    return list_language_names(variant.language or "")


def is_loadable(variant: "Variant") -> bool:
    """Return whether `load` accepts a variant without further consent."""
    return variant.anchor is not None


def measure(variant: "Variant") -> float:
    """Return about how many bytes a variant's vectors take."""
    if variant.row_count and variant.dimension:
        return 4.0 * variant.row_count * variant.dimension
    size = variant.download.bytes
    return math.inf if size is None else size


def order_by_ease(variants: "Iterable[Variant]") -> "list[Variant]":
    """Return variants that can be loaded first, in the order of their size.

    What is included in a package is a sample, and comes after what it is one of.
    """
    return sorted(
        variants, key=lambda one: (not is_loadable(one), one.is_included, measure(one))
    )
