"""What is probably not meant, said as a warning where the caller can see it."""

from ..messages.caller import warn_caller
from .matrix import EmbeddingPlan
from .specials import is_piece

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
        warn_caller(
            f"{len(pieces):,} of {len(words):,} tokens look like pieces of words, as "
            f"sub-word tokenizers make them (such as {pieces[0]!r}): {name} has "
            "vectors of whole words; tokenize into words"
        )
    elif not plan.matches.found.any():
        in_lower_case = (plan.rows.rows(map(str.lower, words)) >= 0).any()
        hint = ": in lower case some would have, so say case='fallback'"
        warn_caller(
            f"no word of the vocabulary has a vector in {name}"
            + (hint if in_lower_case else f", such as {words[0]!r}")
        )
