"""Families: variants of a group whose names differ in one part, such as a language."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from .variant import Variant

# Fewer are read more easily one by one.
FEWEST = 5


@dataclass(frozen=True, slots=True)
class Family:
    """Variants of one group whose names differ in one of the parts between dots.

    Attributes
    ----------
    pattern : str
        A shell pattern that their names match, such as ``"fasttext.wiki.*.300d"``.
    variants : tuple of Variant
    """

    pattern: str
    variants: tuple[Variant, ...]

    @property
    def size(self) -> str:
        """How many languages they have, or variants if some have the same one."""
        languages = {variant.language for variant in self.variants}
        differ = len(languages) == len(self.variants)
        return f"{len(self.variants):,} {'languages' if differ else 'variants'}"


def fold_families(variants: Iterable[Variant]) -> list[Variant | Family]:
    """Return variants with each family in the place of its first variant.

    Families have at least five variants, and no variant is in two of them.
    """
    listed = list(variants)
    sizes = Counter(key for variant in listed for key in _list_keys(variant))
    families: dict[tuple[str, ...], list[Variant]] = {}
    keys = []
    for variant in listed:
        # Without a group, it has a family of its own.
        keys.append(
            max(_list_keys(variant), key=sizes.__getitem__, default=(variant.name,))
        )
        families.setdefault(keys[-1], []).append(variant)
    folded: list[Variant | Family] = []
    for variant, key in zip(listed, keys, strict=True):
        members = families[key]
        if len(members) < FEWEST:
            folded.append(variant)
        elif variant is members[0]:
            folded.append(Family(key[-1], tuple(members)))
    return folded


def _list_keys(variant: Variant) -> Iterator[tuple[str, ...]]:
    """Yield the families that a variant may be of: file, group and pattern."""
    if variant.group is None:
        return
    file = variant.origin.rpartition(":")[0]
    parts = variant.name.split(".")
    for i in range(len(parts)):
        yield file, variant.group, ".".join([*parts[:i], "*", *parts[i + 1 :]])
