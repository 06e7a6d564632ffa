"""What a transfer is in the tests: two files, and ways to take them."""

import io
import random
import zipfile
from dataclasses import dataclass
from pathlib import Path

from glove_registry.download.http.client import Client
from glove_registry.download.http.part import Part
from glove_registry.download.http.policy import Policy

DATA = random.Random(1).randbytes(3_000_000)
OTHER = random.Random(2).randbytes(3_000_000)
OLD = "Wed, 21 Oct 2015 07:28:00 GMT"
SOON = "Thu, 31 Dec 2099 23:59:59 GMT"


@dataclass(frozen=True)
class Archive:
    """A zip archive made by the standard library, and the texts in it."""

    data: bytes
    texts: dict[str, bytes]

    def measure(self, name: str) -> int:
        """Return the compressed size of a member."""
        with zipfile.ZipFile(io.BytesIO(self.data)) as archive:
            return archive.getinfo(name).compress_size


def take(url: str, folder: Path, policy: Policy, size: int | None = None) -> bytes:
    """Take a whole file to its end, and leave its part behind."""
    with Client(policy) as client, Part(folder, url) as part:
        return b"".join(client.stream(url, part, size=size))


def leave_half(url: str, folder: Path, policy: Policy) -> int:
    """Take about half of a file, and stop as a killed process would."""
    with Client(policy) as client, Part(folder, url) as part:
        for _ in client.stream(url, part):
            if part.size > len(DATA) // 2:
                break
        return part.size
