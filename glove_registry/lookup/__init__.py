"""Many words at once: the rule for case, the rule for misses, the matrix of both.

Takes `Rows` and words, gives numpy arrays; no framework takes part.
"""

from .case import CASE_RULES, EXACT, FALLBACK, Case, Matches, check_case, match
from .doubts import warn_of_doubts
from .matrix import EmbeddingPlan, find_dtype, look_up, plan_embedding
from .oov import OOV_RULES, OovRule, check_oov, is_oov_rule

__all__ = [
    "CASE_RULES",
    "EXACT",
    "FALLBACK",
    "OOV_RULES",
    "Case",
    "EmbeddingPlan",
    "Matches",
    "OovRule",
    "check_case",
    "check_oov",
    "find_dtype",
    "is_oov_rule",
    "look_up",
    "match",
    "plan_embedding",
    "warn_of_doubts",
]
