"""What is probably not meant, said as a warning where the caller can see it."""

import sys
import warnings
from pathlib import Path

from ..vocabulary.specials import is_piece
from .matrix import EmbeddingPlan

_PACKAGE = str(Path(__file__).parent.parent)
_MANY_PIECES = 0.1


def warn_of_doubts(plan: EmbeddingPlan) -> None:
    """Warn of a vocabulary that hardly any of these vectors is for.

    Warns
    -----
    UserWarning
        None of the words has a vector, or many look like pieces of words.
    """
    words, name = plan.vocabulary.words, plan.rows.name
    pieces = [word for word in words if is_piece(word)]
    if len(pieces) > _MANY_PIECES * len(words):
        warn(
            f"{len(pieces):,} of {len(words):,} tokens look like pieces of words, as "
            f"sub-word tokenizers make them (such as {pieces[0]!r}): {name} has "
            "vectors of whole words; tokenize into words"
        )
    elif not plan.matches.found.any():
        in_lower_case = (plan.rows.rows(map(str.lower, words)) >= 0).any()
        hint = ": in lower case some would have, so say case='fallback'"
        warn(
            f"no word of the vocabulary has a vector in {name}"
            + (hint if in_lower_case else f", such as {words[0]!r}")
        )


def warn(sentence: str) -> None:
    """Warn with the line of the first caller that is not of this package."""
    level = 1
    frame = sys._getframe()
    while frame.f_back and frame.f_code.co_filename.startswith(_PACKAGE):
        frame = frame.f_back
        level += 1
    warnings.warn(sentence, stacklevel=level)
