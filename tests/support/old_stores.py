"""Stores of format 1, written plainly from the layout that its last release described.

::

    manifest.json       format_version 1, rows, dimension, distinct, provenance, files
    vectors.npy         (rows, dimension) float32
    tokens.txt          the tokens, one per line, in row order
    token-offsets.npy   (rows + 1,) int64: where in tokens.txt each token begins
    index.marisa        not needed to read it
    index-rows.npy      not needed to read it
"""

import hashlib
import json
from pathlib import Path
from typing import Any

import numpy as np

NAMES = (
    *("vectors.npy", "tokens.txt", "token-offsets.npy"),
    *("index.marisa", "index-rows.npy"),
)


def write_old_store(
    stores: Path, text: bytes, *, name: str, key: str = "", **origin: Any
) -> Path:
    """Write the store of a text of plain rows, and return its folder."""
    rows = [line.split(b" ") for line in text.splitlines()]
    sha256 = hashlib.sha256(text).hexdigest()
    key = key or sha256
    folder = stores / f"{name}-{key[:12]}-v1"
    folder.mkdir(parents=True)
    vectors = np.array([[float(n) for n in row[1:]] for row in rows], "<f4")
    np.save(folder / "vectors.npy", vectors)
    lines = [row[0] + b"\n" for row in rows]
    (folder / "tokens.txt").write_bytes(b"".join(lines))
    offsets = [sum(map(len, lines[:i])) for i in range(len(lines) + 1)]
    np.save(folder / "token-offsets.npy", np.array(offsets, "<i8"))
    for index in NAMES[3:]:
        (folder / index).write_bytes(b"of a library that is not installed")
    contents = {file: (folder / file).read_bytes() for file in NAMES}
    manifest = {
        "format_version": 1,
        "rows": len(rows),
        "dimension": vectors.shape[1],
        "distinct": len(set(lines)),
        "provenance": {
            "sha256": sha256,
            "bytes": len(text),
            "format": None,
            "any_rows": False,
            "warnings": [],
            "url": "https://example.org/old",
            "url_sha256": sha256,
            "name": name,
            "revision": None,
            "key": key,
            "member": None,
            "registry": "registry.yaml:2",
            "license": None,
            "citation": None,
            "compiled_by": "glove_registry 0.1.0",
            **origin,
        },
        "files": {
            file: {"bytes": len(data), "sha256": hashlib.sha256(data).hexdigest()}
            for file, data in contents.items()
        },
    }
    (folder / "manifest.json").write_text(json.dumps(manifest, indent=2) + "\n")
    return folder
