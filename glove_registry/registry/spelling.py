"""Texts that are spelled alike."""

from collections.abc import Iterable, Sequence

# Longer than any name: the time of a comparison grows with the square of the length.
LONGEST = 100
# Names compared for one error; among more, a chance likeness does not help.
_MOST_COMPARED = 1_000
# Names in one error.
MOST_SHOWN = 5
# Ratios of difflib: its own default, and that of one slip in a name of usual length.
ALIKE = 0.6
SLIP = 0.9


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """Return the end of a sentence about an unknown name: the nearest known one."""
    near = find_alike(name, list(known)[:_MOST_COMPARED])[:1]
    return f": did you mean {near[0]!r}?" if near else "."


def find_alike(name: str, known: Sequence[str], likeness: float = ALIKE) -> list[str]:
    """Return at most three known texts that are spelled like a name, nearest first."""
    # Imported here, as few registries have unknown names.
    import difflib

    if len(name) > LONGEST:
        return []
    return difflib.get_close_matches(name, known, n=3, cutoff=likeness)
