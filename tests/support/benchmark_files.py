"""Files of benchmarks for tests: small ones, and the published ones from packages."""

import importlib.util
import json
from pathlib import Path

from entries import sha256

import glove_registry

ANALOGIES = b""": family
man king woman queen
boy man girl woman
man king woman Queen

: gram1-plural
film films car cars
film films book flimflams
"""
PAIRS = b"# word 1\tword 2\tscore\nfilm\tmovie\t9\nfilm\tbook\t5.5\n" + (
    b"king\tcar\t0.1\nParis\tfrance\t7\nflim\tbook\t5.5\nfilm\tfilm\t10\n"
)
SETS = {
    "math": ["math", "numbers", "equations", "flimflam"],
    "arts": ["poetry", "art", "dance", "symphony"],
    "male": ["man", "boy", "Brother", "he"],
    "female": ["woman", "girl", "sister", "she"],
}
TESTS = {"1": list(SETS), "2": ["male", "female", "math", "arts"]}

# Where packages that the tests install have the published files.
_PUBLISHED = {
    "google-analogies": ("gensim", "test/test_data/questions-words.txt"),
    "wordsim-353": ("gensim", "test/test_data/wordsim353.tsv"),
    "simlex-999": ("gensim", "test/test_data/simlex999.txt"),
    "weat": ("wefe", "datasets/data/WEAT.json"),
}


def find_published(name: str) -> Path | None:
    """Return the published file of a benchmark; None if its package is missing."""
    package, path = _PUBLISHED[name]
    # Found without being imported.
    spec = importlib.util.find_spec(package)
    return Path(spec.origin).parent / path if spec and spec.origin else None


def keep_published() -> None:
    """Put the published files into the cache, verified."""
    for name in _PUBLISHED:
        if path := find_published(name):
            glove_registry.fetch(name, from_file=path)


def write_benchmark(
    folder: Path, task: str, content: bytes, name: str = "b", **fields: object
) -> Path:
    """Write a benchmark's file and a registry with its entry."""
    file = folder / f"{name}.data"
    file.write_bytes(content)
    entry = {"url": file.as_uri(), "sha256": sha256(content), "task": task, **fields}
    registry = folder / f"{name}.yaml"
    registry.write_text(json.dumps({"benchmarks": {name: entry}}))
    return registry
