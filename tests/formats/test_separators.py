"""Which fields of a line are numbers, and which numbers are left in a token."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from glove_registry.formats.separators import (
    count_numbers,
    explain_separators,
    holds_numbers,
)


@given(
    st.lists(st.sampled_from([b"1", b"-.5", b"2.", b"x", b"", b"nan", b"1e3"])),
    st.sampled_from([b"", b" ", b"  ", b"\r", b" \r "]),
)
def test_numbers_are_counted_from_the_right(fields: list[bytes], end: bytes) -> None:
    """Numbers are counted from the right; the first field is always the token.

    Spaces and carriage returns at the end of a line are not fields.
    """
    numbers = {b"1", b"-.5", b"2.", b"1e3"}
    left = [*fields]
    while left and not left[-1]:
        left.pop()
    expected = 0
    for field in left[:0:-1]:
        if field not in numbers:
            break
        expected += 1
    assert count_numbers(b" ".join(fields) + end) == expected


@pytest.mark.parametrize(
    ("token", "dimension", "expected"),
    [
        # A number at its end.
        (b"the 0.1", 50, True),
        (b"the 0.1,", 50, True),
        (b"the\t7", 50, True),
        (b"the,7", 50, True),
        (b"the 7 x", 50, False),
        (b"windows 95 user", 50, False),
        # One less than a row has, anywhere.
        (b"a 1 2 3 b", 3, True),
        (b"a 1 2 b", 3, True),
        (b"a 1 b", 3, False),
        (b"a 1 x 2 b", 3, False),
        (b"1 2 b", 3, True),
        (b"a 1 b", 2, True),
        (b"a 1 b", 1, True),
        (b"a b", 1, False),
        # A number alone is a word, unless it follows a separator.
        (b"7", 3, False),
        (b"7,", 3, False),
        (b"-1.5", 1, False),
        (b",7", 3, True),
        (b" 7", 3, True),
        (b"", 1, False),
        (b" ", 1, False),
        (b"12:30", 1, False),
        (b"a:0.5", 3, True),
        (b"a=.5", 3, True),
    ],
)
def test_tokens_that_hold_numbers(token: bytes, dimension: int, expected: bool) -> None:
    """A token should not contain a number at its end, or nearly a row of numbers."""
    assert holds_numbers(token, dimension) is expected


@pytest.mark.parametrize(
    ("line", "cause"),
    [
        (b"the 1 2", ""),
        (b"the 1 2\r\n", ""),
        (b"the\t1\t2", "a tab"),
        (b"the,1,2", "a comma"),
        (b"the 0,5 1,5", "a comma for a decimal point"),
        (b"the;0,5;1,5", "a comma for a decimal point"),
        (b"the;1;2", "a semicolon"),
        (b"the  1 2", "several spaces"),
        (b"the 1 nan", "NaN"),
        (b"a\r1 2", "a carriage return"),
    ],
)
def test_the_cause_is_named(line: bytes, cause: str) -> None:
    """The separator of a wrong line is named, and nothing for a correct one."""
    found = explain_separators(line)
    assert cause in found
    assert bool(found) == bool(cause)
