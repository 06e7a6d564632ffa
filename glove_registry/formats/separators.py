"""What separates the fields of a line, where it is not one blank.

Rows are read by one rule, a token and numbers with one blank between them. What is
here finds numbers that this rule would leave inside a token, and names the cause.
"""

import re

NUMBER = re.compile(rb"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")

# White space as bytes of UTF-8, what stands between the fields of a table, and marks
# that only a decimal follows: "12:30" is a word.
_SPACES = (
    rb"[\x00-\x09\x0b-\x20\x7f]|\xc2[\x85\xa0]|\xe1\x9a\x80|\xef\xbb\xbf"
    rb"|\xe2\x80[\x80-\x8b\xa8\xa9\xaf]|\xe2\x81\x9f|\xe3\x80\x80|\xef\xbc\x8c"
)
_SEPARATOR = re.compile(_SPACES + rb"|[,;|]|[:=](?=[+-]?[0-9]*\.[0-9])")

# What stands beside a number, in the order in which it is worth saying.
_CAUSES: tuple[tuple[re.Pattern[bytes], str], ...] = tuple(
    (re.compile(pattern), cause)
    for pattern, cause in (
        (rb"\x00", "it holds zero bytes, as binary files and UTF-16 do"),
        (rb"[\"'][+-]?[0-9]*\.?[0-9]+[\"']", "numbers stand in quotes"),
        (rb"\t", "fields are separated by a tab"),
        (rb"\r.", "a carriage return stands inside the line"),
        (
            rb"[0-9],[0-9]{3}\.[0-9]|[0-9]\.[0-9]{3},[0-9]",
            "numbers have a mark for thousands",
        ),
        (
            rb"(?:^|[\s;])[+-]?[0-9]+,[0-9]+(?:[\s;]|$)",
            "numbers have a comma for a decimal point",
        ),
        (rb",", "fields are separated by a comma"),
        (rb";", "fields are separated by a semicolon"),
        (rb"\|", "fields are separated by a vertical bar"),
        (rb"[:=][+-]?[0-9]*\.[0-9]", "a colon or = stands before a number"),
        (rb"  ", "several blanks stand between fields"),
        (
            rb"\xc2[\x85\xa0]|\xe2\x80[\x80-\x8b\xa8\xa9\xaf]|\xe3\x80\x80",
            "fields are separated by white space that is no ASCII blank",
        ),
        (rb"[\f\v\x1c-\x1f]", "fields are separated by a control character"),
        (
            rb"(?i)[ +-](?:nan|inf|infinity|null|none|na)(?: |$)",
            "a number is NaN, infinite or missing",
        ),
        (rb"\xe2\x88\x92", "numbers have a minus sign that is not the ASCII hyphen"),
    )
)


def count_numbers(row: bytes) -> int:
    """Return how many fields at the end of a row are numbers, its first left aside."""
    fields = row.rstrip(b" \r").split(b" ")[1:]
    count = 0
    while count < len(fields) and NUMBER.fullmatch(fields[-1 - count]):
        count += 1
    return count


def holds_numbers(token: bytes, dimension: int) -> bool:
    """Say whether a token ends in a number, or holds all but one of those of a row.

    Fewer numbers at another place are a part of many names: ``windows 95 user``.

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
    """Return what is wrong with the separators or numbers of a line, to end a sentence.

    Returns
    -------
    str
        Such as ``": fields are separated by a tab"``; empty where nothing is seen.
    """
    line = line.rstrip(b"\r\n")
    for pattern, cause in _CAUSES:
        if pattern.search(line):
            return f": {cause}"
    return ""
