"""How much of a vocabulary has a vector, why the rest has none, and what would help.

Takes `Rows` and a vocabulary or a text, gives a frozen `Coverage`; matplotlib takes
part only where a picture is asked for.
"""

from .counts import Counted, count_words, read_counted
from .report import Coverage, find_coverage
from .shares import Cause, Share

__all__ = [
    "Cause",
    "Counted",
    "Coverage",
    "Share",
    "count_words",
    "find_coverage",
    "read_counted",
]
