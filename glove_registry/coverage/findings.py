"""The numbers of a coverage, before anything is printed or drawn of them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ..lookup.case import Case
from .rules import SMALL_VOCABULARY
from .shares import Cause, Share, count, format_share

_TOP = 20
# Part of the misses that a cause has to be, to be worth a hint.
_WORTH_A_HINT = 0.1
_MOST_HINTS = 2


@dataclass(frozen=True, slots=True, repr=False)
class Findings:
    """What `Coverage` is told by; its attributes are documented there."""

    vectors: str
    case: Case
    types: int
    tokens: int | None
    ways: Mapping[str, Share]
    found: Share
    missed: Share
    causes: tuple[Cause, ...]
    misses: Mapping[str, int | None]
    padding: int
    specials: int
    outside: int | None
    size: int | None = None

    @property
    def top_misses(self) -> list[tuple[str, int | None]]:
        """The first 20 of the misses."""
        return [item for item, _ in zip(self.misses.items(), range(_TOP), strict=False)]

    @property
    def hint(self) -> str:
        """What would mend most of the misses, in a sentence or two."""
        if not self.misses:
            return "Every word has a vector."
        enough = _WORTH_A_HINT * self.missed.weight
        weighty = [cause for cause in self.causes if cause.share.weight >= enough]
        known = [cause for cause in weighty if cause.remedy]
        of = "types" if self.tokens is None else "tokens"
        hints = [
            f"{cause.remedy} would mend {count(cause.share.types, 'miss', 'misses')}, "
            f"{format_share(cause.share.weight)} of all {of}."
            for cause in known[:_MOST_HINTS]
        ]
        if len(known) < len(weighty):
            if self.size is not None and self.size < SMALL_VOCABULARY:
                hints.append(
                    f"These vectors have {self.size:,} tokens alone: a larger release "
                    "knows more words, common ones among them."
                )
            elif not known:
                hints.append(
                    "Most of the misses are words that these vectors do not have in "
                    "any spelling, such as names: they get what the rule oov= says, "
                    "and a layer with trainable=True learns them."
                )
        return " ".join(hints)

    def to_dict(self) -> dict[str, Any]:
        """Give all of it but the long tail of misses, as values that JSON can hold."""
        return {
            "vectors": self.vectors,
            "case": self.case,
            "types": self.types,
            "tokens": self.tokens,
            "found": self.found.to_dict(),
            "missed": self.missed.to_dict(),
            "ways": {way: share.to_dict() for way, share in self.ways.items()},
            "causes": [
                {
                    "name": cause.name,
                    **cause.share.to_dict(),
                    "examples": list(cause.examples),
                }
                for cause in self.causes
            ],
            "top_misses": [{"word": w, "count": n} for w, n in self.top_misses],
            "padding": self.padding,
            "specials": self.specials,
            "outside": self.outside,
            "size": self.size,
            "hint": self.hint,
        }
