"""Existing names to suggest in place of an unknown one."""

import os
import re
import shlex
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from ..messages.printable import shorten
from .matching import Index, is_loadable, matches_name, order_by_ease
from .spelling import ALIKE, LONGEST, MOST_SHOWN, SLIP, find_alike
from .words import split_words

if TYPE_CHECKING:
    from .variant import Variant

# Shortest names that count when one contains the other.
_SHORTEST_WANTED = 2
_SHORTEST_PART = 4
# Characters of an unknown name in an error.
_LONGEST_SHOWN = 120

# What says the format and the packing of a file.
_ENDINGS = re.compile(
    r"(?:\.(?:txt|vec|bin|ftz|floret|tsv|csv|npy|npz|safetensors|parquet|model|kv"
    r"|zip|gz|bz2|xz|zst|tar|tgz))+$",
    re.ASCII | re.IGNORECASE,
)


def explain_unknown(
    name: str,
    variants: "Sequence[Variant]",
    others: Iterable[str] = (),
    is_benchmark: bool = False,
) -> str:
    """Return that a name is unknown, and what may be meant, also among `others`."""
    hint = "`glove-registry list` shows all names"
    if near := find_near(name, variants) or find_near_name(name, others):
        *first, last = map(repr, near)
        hint = f"did you mean {', '.join(first)}{' or ' * bool(first)}{last}?"
    if is_benchmark:
        hint = (
            "it is a benchmark, for `vectors.evaluate`; "
            f"`Registry.default().find_benchmark({name!r})` describes it"
        )
    elif matching := _count_matches(name, variants):
        hint = (
            f"it stands for a family of {matching:,} variants, which "
            f"`glove-registry list {shorten(repr(name), _LONGEST_SHOWN)}` shows"
        )
    elif "://" in name:
        hint = "write an entry for this URL, for example by `glove-registry add`"
    elif os.path.isfile(name):
        hint = "there is a file of that name, which open_file() opens" + _OR_ADD
        if near:
            hint += (
                f". If it is the file of {near[0]}: `glove-registry fetch {near[0]} "
                f"--from {shlex.quote(name)}`, then load({near[0]!r})"
            )
    elif is_path(name):
        own = f"a file of your own is opened by open_file(){_OR_ADD}"
        hint = f"{hint} {own[:1].upper()}{own[1:]}" if near else own
    what = "variant or benchmark" if others else "variant"
    return f"no {what} is called {shorten(repr(name), _LONGEST_SHOWN)}: {hint}"


_OR_ADD = "; for commands, `glove-registry add` makes an entry of it"


def explain_unknown_benchmark(name: str, known: Iterable[str]) -> str:
    """Return that no benchmark has a name, which one may be meant, and which exist."""
    near = find_near_name(name, known)
    names = ", ".join(map(repr, list(known)[:MOST_SHOWN])) or "none"
    return (
        f"no benchmark is called {shorten(repr(name), _LONGEST_SHOWN)}: "
        + (f"did you mean {near[0]!r}? " if near else "")
        + f"The registry has {names}"
    )


def _count_matches(pattern: str, variants: "Iterable[Variant]") -> int:
    """Return how many variants a shell pattern stands for; 0 if it is none."""
    if "*" not in pattern:
        return 0
    return sum(matches_name(variant.name, pattern) for variant in variants)


def is_path(name: str) -> bool:
    """Return whether a name is that of a file rather than of a variant."""
    return bool(_ENDINGS.search(name)) or name.startswith(("/", "./", "../", "~"))


def strip_endings(name: str) -> str:
    """Return the name of a file without what says its format and its packing.

    Examples
    --------
    >>> strip_endings("my.vectors.vec.tar.gz")
    'my.vectors'
    """
    return _ENDINGS.sub("", name)


def find_near(name: str, variants: "Sequence[Variant]") -> list[str]:
    """Return the variants that an unknown name may mean, at most five, likeliest first.

    The name is that of another tool, of a file, or a part of one. Returned are the
    variants with a name that differs only in punctuation, case and a file's ending;
    else those with a name that contains it; else those that have all of its words; else
    the one with a slip of spelling and those whose name it contains; else those with a
    similar spelling in each word. Among them, those that can be loaded come first, the
    smallest before larger ones, and after them those included in a package: samples.
    """
    if is_path(name):
        name = os.path.basename(name)
    if len(name) > LONGEST:
        return []
    wanted = _fold(name)
    variants = order_by_ease(variants)
    named = [
        (_fold(called), variant)
        for variant in variants
        for called in (variant.name, *variant.aliases, *variant.resembles)
    ]
    found = [variant for called, variant in named if called == wanted]
    if not found and len(wanted) >= _SHORTEST_WANTED:
        found = [variant for called, variant in named if wanted in called]
    if not found and len(re.findall(r"[^\W_]{2,}", name)) > 1:
        found = Index(variants).search(name, every=True)
    if not found:
        parts = [
            (called, variant)
            for called, variant in named
            if len(called) >= _SHORTEST_PART and called in wanted
        ]
        # The longest says the most.
        parts.sort(key=lambda part: -len(part[0]))
        by_called = dict(reversed(named))
        alike = find_alike(wanted, list(by_called), SLIP if parts else ALIKE)
        found = sorted(
            (
                by_called[called]
                for called in alike
                if _has_words_like(by_called[called], name)
            ),
            key=lambda variant: not is_loadable(variant),
        )
        found += [variant for _, variant in parts]
    return list(dict.fromkeys(variant.name for variant in found))[:MOST_SHOWN]


def _has_words_like(variant: "Variant", name: str) -> bool:
    """Return whether a variant has a word like each that tells names apart.

    "word2vec-ruscorpora-300" is spelled much like gensim's name of GoogleNews.
    """
    called = (variant.name, *variant.aliases, *variant.resembles)
    words = [*split_words(" ".join(called)), *map(_fold, called)]
    return all(
        find_alike(word, words)
        for word in split_words(strip_endings(name))
        if len(word) >= _SHORTEST_PART
    )


def find_near_name(name: str, known: Iterable[str]) -> list[str]:
    """Return the known names that an unknown one may mean, likeliest first."""
    folded = {_fold(each): each for each in known}
    wanted = _fold(name)
    parts = [each for each in folded if len(wanted) >= _SHORTEST_WANTED <= len(each)]
    found = [each for each in parts if wanted in each]
    return [folded[each] for each in found or find_alike(wanted, list(folded))]


def _fold(name: str) -> str:
    """Return a name without what tools write differently.

    >>> _fold("stanfordnlp/GloVe_6B_100d.txt")
    'glove6b100d'
    """
    base = name.lower().rpartition("/")[2]
    return re.sub(r"[\W_]", "", strip_endings(base))
