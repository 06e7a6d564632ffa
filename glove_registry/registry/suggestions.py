"""Existing names to suggest in place of an unknown one."""

import re
from collections.abc import Iterable, Mapping, Sequence

# Longer than any name: the time of a comparison grows with the square of the length.
_LONGEST = 100
# Names compared for one error; among more, a chance likeness does not help.
_MOST_COMPARED = 1_000
# Shortest names that count when one contains the other.
_SHORTEST_WANTED = 2
_SHORTEST_PART = 4
MOST_SHOWN = 5
# Ratios of difflib: its own default, and that of one slip in a name of usual length.
_ALIKE = 0.6
_SLIP = 0.9

_ENDINGS = re.compile(r"(?:\.(?:txt|vec|bin|zip|gz|bz2|xz|zst|tar|tgz))+$", re.ASCII)


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """Return the end of a sentence about an unknown name: the nearest known one."""
    near = _find_alike(name, list(known)[:_MOST_COMPARED])[:1]
    return f": did you mean {near[0]!r}?" if near else "."


def find_near(name: str, aliases: Mapping[str, Sequence[str]]) -> list[str]:
    """Return the variants that an unknown name may mean, at most five, likeliest first.

    The name is that of another tool, of a file, or a part of one; `aliases` has, for
    each variant, the names that other tools use. Returned are those that differ only in
    punctuation, case and a file's ending; else those that contain the name; else the
    one with a slip of spelling and those contained in the name; else those with a
    similar spelling.
    """
    if len(name) > _LONGEST:
        return []
    wanted = _fold(name)
    folded = [
        (_fold(called), variant)
        for variant, others in aliases.items()
        for called in (variant, *others)
    ]
    same = [variant for called, variant in folded if called == wanted]
    whole = [
        variant
        for called, variant in folded
        if len(wanted) >= _SHORTEST_WANTED and wanted in called
    ]
    parts = [
        variant
        for called, variant in folded
        if len(called) >= _SHORTEST_PART and called in wanted
    ]
    found = same or whole
    if not found:
        by_called = dict(folded)
        likeness = _SLIP if parts else _ALIKE
        alike = _find_alike(wanted, list(by_called), likeness)
        found = [*(by_called[called] for called in alike), *parts]
    return list(dict.fromkeys(found))[:MOST_SHOWN]


def _fold(name: str) -> str:
    """Return a name without what tools write differently.

    >>> _fold("stanfordnlp/GloVe_6B_100d.txt")
    'glove6b100d'
    """
    base = name.lower().rpartition("/")[2]
    return re.sub(r"[\W_]", "", _ENDINGS.sub("", base))


def _find_alike(name: str, known: Sequence[str], likeness: float = _ALIKE) -> list[str]:
    # Here, as few registries have unknown names.
    import difflib

    if len(name) > _LONGEST:
        return []
    return difflib.get_close_matches(name, known, n=3, cutoff=likeness)
