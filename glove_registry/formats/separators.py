"""What separates the fields of a line, where it is not one space.

Rows are read by one rule: a token and numbers, separated by single spaces. This module
finds numbers that the rule would leave inside a token, and names the cause.
"""

import re

NUMBER = re.compile(rb"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")

# White space in UTF-8, separators of tables, and marks that separate only if a decimal
# follows: "12:30" is a word.
_SPACES = (
    rb"[\x00-\x09\x0b-\x20\x7f]|\xc2[\x85\xa0]|\xe1\x9a\x80|\xef\xbb\xbf"
    rb"|\xe2\x80[\x80-\x8b\xa8\xa9\xaf]|\xe2\x81\x9f|\xe3\x80\x80|\xef\xbc\x8c"
)
_SEPARATOR = re.compile(_SPACES + rb"|[,;|]|[:=](?=[+-]?[0-9]*\.[0-9])")

# What can be wrong beside a number; the first that is found is the most helpful.
_CAUSES: tuple[tuple[bytes, str], ...] = (
    (rb"\x00", "it contains zero bytes, as binary files and UTF-16 do"),
    (rb"[\"'][+-]?[0-9]*\.?[0-9]+[\"']", "numbers are in quotes"),
    (rb"\t", "fields are separated by a tab"),
    (rb"\r.", "there is a carriage return inside the line"),
    (
        rb"[0-9],[0-9]{3}\.[0-9]|[0-9]\.[0-9]{3},[0-9]",
        "numbers have a separator for thousands",
    ),
    (
        rb"(?:^|[\s;])[+-]?[0-9]+,[0-9]+(?:[\s;]|$)",
        "numbers have a comma for a decimal point",
    ),
    (rb",", "fields are separated by a comma"),
    (rb";", "fields are separated by a semicolon"),
    (rb"\|", "fields are separated by a vertical bar"),
    (rb"[:=][+-]?[0-9]*\.[0-9]", "there is a colon or = before a number"),
    (rb"  ", "fields are separated by several spaces"),
    (
        rb"\xc2[\x85\xa0]|\xe2\x80[\x80-\x8b\xa8\xa9\xaf]|\xe3\x80\x80",
        "fields are separated by white space that is not the ASCII space",
    ),
    (rb"[\f\v\x1c-\x1f]", "fields are separated by a control character"),
    (
        rb"(?i)[ +-](?:nan|inf|infinity|null|none|na)(?: |$)",
        "a number is NaN, infinite or missing",
    ),
    (rb"\xe2\x88\x92", "numbers have a minus sign that is not the ASCII hyphen"),
)


def count_numbers(row: bytes) -> int:
    """Return how many fields at the end of a row are numbers; the first is a token."""
    fields = row.rstrip(b" \r").split(b" ")[1:]
    count = 0
    while count < len(fields) and NUMBER.fullmatch(fields[-1 - count]):
        count += 1
    return count


def holds_numbers(token: bytes, dimension: int) -> bool:
    """Return whether a token probably contains numbers of its row.

    It does if it ends in a number, or contains nearly as many in a row as `dimension`.
    Fewer, at another place, are part of many names: ``windows 95 user``.

    Examples
    --------
    >>> holds_numbers(b"the 0.1,", 3), holds_numbers(b"7", 3)
    (True, False)
    >>> holds_numbers(b"top 10 list", 3), holds_numbers(b"a 1 2 3 b", 3)
    (False, True)
    """
    fields = [field for field in _SEPARATOR.split(token) if field]
    if len(fields) < 2 and not _SEPARATOR.match(token):
        return False
    run = 0
    for field in fields:
        run = run + 1 if NUMBER.fullmatch(field) else 0
        if run >= max(dimension - 1, 1):
            return True
    return run > 0


def explain_separators(line: bytes) -> str:
    """Return what is wrong with the separators or numbers of a line.

    Returns
    -------
    str
        The end of a sentence, such as ``": fields are separated by a tab"``; empty if
        nothing is found.
    """
    line = line.rstrip(b"\r\n")
    for pattern, cause in _CAUSES:
        if re.search(pattern, line):
            return f": {cause}"
    return ""
