"""What the tests of transfers share: a server, an archive, a policy without waits."""

import random
from collections.abc import Iterator

import pytest
from fault_server import FaultServer
from transfers import Archive
from zips import make_zip

from glove_registry.download.http import Client, Policy


@pytest.fixture(scope="session")
def archive() -> Archive:
    """Three members, the middle one of some megabytes."""
    generator = random.Random(6)
    texts = {
        f"words.{name}.txt": generator.randbytes(size).hex().encode() + b"\n"
        for name, size in [("10d", 100_000), ("50d", 7_400_000), ("100d", 200_000)]
    }
    return Archive(make_zip(texts, level=1), texts)


@pytest.fixture
def server() -> Iterator[FaultServer]:
    """A server for one test."""
    with FaultServer() as running:
        yield running


@pytest.fixture
def sleeps() -> list[float]:
    """What `policy` would have slept."""
    return []


@pytest.fixture
def policy(sleeps: list[float]) -> Policy:
    """The usual patience, but on another time scale."""
    return Policy(
        read_timeout=1.0,
        connect_timeout=2.0,
        floor_window=0.3,
        sleep=sleeps.append,
        jitter=lambda: 0.0,
    )


@pytest.fixture
def client(policy: Policy) -> Iterator[Client]:
    """A client with that policy."""
    with Client(policy) as made:
        yield made
