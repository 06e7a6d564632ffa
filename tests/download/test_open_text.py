"""Opening one source: downloads that others can see are warned of."""

from pathlib import Path

import pytest
from entries import SMALL, sha256, write_registry
from fault_server import FaultServer

import glove_registry


def test_a_download_without_tls_is_warned_of(
    server: FaultServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """http: to another machine warns at the caller's line; loopback does not."""
    url = server.url("v.txt", SMALL)
    registry = write_registry(tmp_path, "v", url=url, sha256=sha256(SMALL))
    glove_registry.load("v", registry=registry)
    monkeypatch.setattr("glove_registry.download.open_text._LOOPBACK", set())
    with pytest.warns(UserWarning, match="fetched without TLS") as caught:
        glove_registry.load("v", registry=registry, cache_dir=tmp_path / "other")
    assert [warning.filename for warning in caught] == [__file__]
