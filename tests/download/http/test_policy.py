"""How long a transfer is patient: its waits, and what counts against a server."""

from collections.abc import Callable
from dataclasses import replace
from email.utils import formatdate

import pytest

from glove_registry.download.http.errors import Interrupted, RetriesExhausted
from glove_registry.download.http.policy import Patience, Policy, read_http_date

NOW = 1_700_000_000.0


@pytest.fixture
def spend(policy: Policy) -> Callable[..., None]:
    """Fail once more, for some reason, and wait."""
    patience = Patience("http://h/f", policy)
    return lambda **details: patience.spend(Interrupted("broken", **details))


def test_waits_double_up_to_a_cap(
    spend: Callable[..., None], sleeps: list[float]
) -> None:
    """Waits double up to half a minute; the last one ends with the patience."""
    for _ in range(6):
        spend()
    assert sleeps == [1.0, 2.0, 4.0, 8.0, 16.0, 29.0]
    with pytest.raises(RetriesExhausted, match="broken; given up after 7 tries"):
        spend()


def test_a_wait_is_told_with_its_reason(
    policy: Policy, caplog: pytest.LogCaptureFixture
) -> None:
    """Before it, with the time of the next try and no secrets; a short one is not."""
    patience = Patience("http://me:secret@h/f", policy)
    for _ in range(3):
        patience.spend(Interrupted("broken"))
    assert caplog.messages == [
        "http://h/f: broken; trying again in 2 s",
        "http://h/f: broken; trying again in 4 s",
    ]


def test_no_wait_is_longer_than_the_cap(policy: Policy, sleeps: list[float]) -> None:
    """However patient a transfer is, it tries every half a minute."""
    patience = Patience("http://h/f", replace(policy, patience=1e6))
    for _ in range(40):
        patience.spend(Interrupted("broken"))
    assert sleeps[:6] == [1.0, 2.0, 4.0, 8.0, 16.0, 30.0]
    assert set(sleeps[6:]) == {30.0}


def test_time_in_failed_tries_counts(
    spend: Callable[..., None], sleeps: list[float]
) -> None:
    """Time that a try took without bringing anything is taken off the patience."""
    spend(lost=28.0)
    spend(lost=28.0)
    assert sleeps == [1.0, 2.0]
    with pytest.raises(RetriesExhausted, match="after 3 tries"):
        spend(lost=0.5)


def test_one_try_that_takes_all_the_time(
    spend: Callable[..., None], sleeps: list[float]
) -> None:
    """A try that leaves no time for another one is the only one."""
    with pytest.raises(RetriesExhausted, match="given up after one try"):
        spend(lost=59.5)
    assert sleeps == []


def test_time_for_one_more_try(spend: Callable[..., None], sleeps: list[float]) -> None:
    """As long as there is time for the first wait, there is another try."""
    spend(lost=59.0)
    assert sleeps == [1.0]
    with pytest.raises(RetriesExhausted, match="given up after 2 tries"):
        spend()


def test_the_server_may_ask_for_a_longer_wait(
    spend: Callable[..., None], sleeps: list[float]
) -> None:
    """A wait that the server asks for is kept if it is longer, and time is left."""
    spend(wait=20.0)
    spend(wait=0.5)
    spend(wait=50.0)
    assert sleeps == [20.0, 2.0, 38.0]


def test_bytes_make_up_for_lost_time(policy: Policy, sleeps: list[float]) -> None:
    """Bytes are worth the time that they may take; all of it begins anew."""
    patience = Patience("http://h/f", policy)
    rate = int(policy.floor_rate)
    patience.spend(Interrupted("broken", lost=39.0))
    patience.credit(10 * rate)
    # 30 seconds of 60 are lost now.
    patience.spend(Interrupted("broken", lost=27.0))
    assert sleeps == [1.0, 2.0]
    patience.credit(100 * rate)
    for _ in range(6):
        patience.spend(Interrupted("broken"))
    assert sleeps[2:] == [1.0, 2.0, 4.0, 8.0, 16.0, 29.0]
    with pytest.raises(RetriesExhausted, match="after 7 tries"):
        patience.spend(Interrupted("broken"))


@pytest.mark.parametrize(
    ("value", "date", "expected"),
    [
        (None, None, 0.0),
        ("7", None, 7.0),
        (" 7 ", None, 7.0),
        ("61", None, 60.0),
        ("9" * 5000, None, 60.0),
        ("-7", None, 0.0),
        ("soon", None, 0.0),
        (formatdate(NOW + 20, usegmt=True), None, 20.0),
        (formatdate(NOW - 20, usegmt=True), None, 0.0),
        (formatdate(NOW + 900, usegmt=True), None, 60.0),
        (
            formatdate(NOW + 900, usegmt=True),
            formatdate(NOW + 890, usegmt=True),
            10.0,
        ),
        (formatdate(NOW + 20, usegmt=True), "yesterday", 20.0),
        (formatdate(NOW + 20, usegmt=True), "", 20.0),
    ],
)
def test_what_a_server_asks_to_wait(
    policy: Policy, value: str | None, date: str | None, expected: float
) -> None:
    """Seconds or a date are read, by the server's clock if it shows one."""
    told = replace(policy, today=lambda: NOW).read_retry_after(value, date)
    assert told == pytest.approx(expected)


@pytest.mark.parametrize(
    "value",
    [
        "",
        "yesterday",
        "Tue, 99 Nov 2023 22:13:20 GMT",
        "Tue, 14 Nov 99999 22:13:20 GMT",
        "+1000000000000 Nov 1 00:00:00",
    ],
)
def test_a_date_that_is_none(value: str) -> None:
    """An invalid date is none, whatever the library makes of it."""
    assert read_http_date(value) is None
    assert read_http_date("Tue, 14 Nov 2023 22:13:20 GMT") == NOW
