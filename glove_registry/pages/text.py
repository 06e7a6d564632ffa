"""Text that a page can hold."""

import re

# What HTML cannot express: control characters and halves of surrogate pairs; what
# reorders, or breaks the line of, the text around it; and tags, which nobody sees.
_UNFIT = re.compile(
    "[^\t\n\x20-\x7e\xa0-\ud7ff\ue000-\U0010ffff]"
    "|[\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\U000e0000-\U000e007f]"
)


def clean(text: str) -> str:
    """Return a text in which each character that has no place in a page is U+FFFD."""
    return _UNFIT.sub("\ufffd", text)


def make_one_line(text: str | None) -> str:
    """Return a text on one line, as a page can hold it."""
    return clean(" ".join((text or "").split()))
