"""The exceptions of the room: what they show, and what they survive."""

import pickle
import time

import pytest

from glove_registry.download.http.errors import (
    BadArchive,
    RangesUnsupported,
    TransportError,
    WrongBytes,
)
from glove_registry.download.http.policy import Policy
from glove_registry.download.http.session import explain
from glove_registry.errors import FetchError, GloveRegistryError
from glove_registry.registry.urls import redact


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://h/p", "https://h/p"),
        ("https://u@h/p@1", "https://h/p@1"),
        ("https://u:p@h:8/p", "https://h:8/p"),
        ("https://u:p@q@h/p", "https://h/p"),
        ("https://u:p/q@h/p", "https://h/p"),
        ("https://h:8/p@1/x", "https://h:8/p@1/x"),
        ("https://h/?X-Amz-Signature=1&a=b", "https://h/?X-Amz-Signature=***&a=b"),
        ("https://h/?api_key=1#f", "https://h/?api_key=***#f"),
        ("https://h/?a=1?token=2", "https://h/?a=1?token=***"),
        ("https://h/?credentials=mine", "https://h/?credentials=***"),
        (
            "https://h/#sha256=1&credentials=environment",
            "https://h/#sha256=1&credentials=environment",
        ),
        ("from https://u:p@h/ to https://h/@", "from https://h/ to https://h/@"),
        ("not a url", "not a url"),
    ],
)
def test_redact(url: str, expected: str) -> None:
    """Users, passwords and tokens are removed, and nothing else."""
    assert redact(url) == expected


@pytest.mark.parametrize(
    "text",
    [
        "?key" * 2_000,
        "?key=" * 2_000,
        "?" * 8_000,
        "://a:b" * 2_000,
        "x@" + "://" * 3_000,
    ],
)
def test_a_long_text_is_redacted_at_once(text: str) -> None:
    """No text of a registry or a server takes more time than is in proportion to it."""
    begun = time.process_time()
    redact(f"https://h/{text}" * 5)
    redact(f"https://h/{text} @")
    assert time.process_time() - begun < 1


def test_errors_that_are_each_other_s_cause() -> None:
    """The cause of an interruption is found even if the causes go in a circle."""
    error = ValueError("outer")
    error.__context__ = middle = ConnectionResetError("inner")
    middle.__context__ = error
    assert explain(error, Policy(), "too late") == "the connection was reset"


@pytest.mark.parametrize(
    "error",
    [
        TransportError("http://h/f", "why"),
        RangesUnsupported("http://h/f", "why", 7),
        BadArchive("http://h/f", "why", "overlap"),
        WrongBytes("http://h/f", "the file", "7 bytes", "8 bytes"),
    ],
)
def test_errors_survive_pickling(error: TransportError) -> None:
    """An error from a worker process arrives whole, and is one of the package."""
    copy = pickle.loads(pickle.dumps(error))
    assert (str(copy), vars(copy)) == (str(error), vars(error))
    assert isinstance(copy, GloveRegistryError | FetchError | OSError)
