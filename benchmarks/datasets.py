"""Compare how fast datasets are read, and how fast TFDS prepares them.

    python benchmarks/datasets.py --text glove.6B.50d.txt

Each measurement is a separate process, in turn with the others (A B C A B C ...). Timed
is the work without imports: preparing, from the compiled store to the files of TFDS;
and iterating over the whole dataset, which has single rows in the row form and 1,024 of
them at a time otherwise, and over the row form in batches of 1,024, too. Then, untimed,
all words and numbers are compared with those of `glove_registry.load`.
"""

import argparse
import hashlib
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

BATCH = 1024
SAMPLE = "glove.6B.50d-first10k"
LABELS = {
    "to_tf_dataset": "`vectors.to_tf_dataset()`",
    "glove_registry_blocks": "TFDS, block form",
    "glove_registry": "TFDS, row form",
}
STEPS = {"prepare": "prepare", "read": "read", "batched": "read in batches"}


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure, and print a table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    add = parser.add_argument
    add("--text", type=Path, required=True, help="a text of GloVe's")
    add("--rounds", type=int, default=3)
    add("--folder", type=Path, help="where files are written, and removed")
    add("--output", type=Path, help="where the numbers go, as JSON")
    add("--way", help=argparse.SUPPRESS)
    options = parser.parse_args(arguments)
    if options.way:
        print(json.dumps(measure(options.way, options.folder)))
        return
    with tempfile.TemporaryDirectory(dir=options.folder) as folder:
        found = run_rounds(options.text, options.rounds, Path(folder))
    print(make_table(found))
    if options.output:
        options.output.write_text(json.dumps(found, indent=1) + "\n")


def run_rounds(
    text: Path, rounds: int, folder: Path
) -> dict[str, list[dict[str, float]]]:
    """Measure all in turn; a first process compiles the store."""
    with text.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    entry = {"text": {"url": text.absolute().as_uri(), "sha256": digest}}
    with text.open("rb") as file:
        entry["text"]["dimension"] = len(file.readline().split()) - 1
    # JSON is YAML too.
    (folder / "registry.yaml").write_text(json.dumps({"variants": entry}))
    expected = run("load", folder)["digest"]
    found: dict[str, list[dict[str, float]]] = {way: [] for way in LABELS}
    for _ in range(rounds):
        for way, taken in found.items():
            result = run(way, folder)
            if result.pop("digest") != expected:
                raise SystemExit(f"{way} has other words or numbers than load()")
            taken.append(result)
    return found


def run(way: str, folder: Path) -> dict[str, Any]:
    """Measure in a separate process."""
    environment = os.environ | {
        "GLOVE_REGISTRY_PATH": str(folder / "registry.yaml"),
        "GLOVE_REGISTRY_CACHE": str(folder / "cache"),
        "TF_CPP_MIN_LOG_LEVEL": "3",
    }
    command = [sys.executable, __file__, "--way", way, "--folder", str(folder)]
    done = subprocess.run(
        [*command, "--text", "-"],
        env=environment,
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    return json.loads(done.stdout.splitlines()[-1])


def measure(way: str, folder: Path) -> dict[str, Any]:
    """Run one way; print its seconds and a hash of what it read."""
    import glove_registry

    vectors = glove_registry.load("text")
    if way == "load":
        words = "".join(f"{token}\n" for token in vectors.tokens)
        encoded = words.encode("utf-8", "surrogateescape")
        return {"digest": hash_all(encoded, vectors.matrix)}
    if way == "to_tf_dataset":
        dataset = vectors.to_tf_dataset(batch_size=BATCH)
        return {"read": clock(dataset), "digest": hash_dataset(dataset)}

    import tensorflow_datasets as tfds

    import glove_registry.tfds

    tfds.disable_progress_bar()
    with tempfile.TemporaryDirectory(dir=folder) as data_dir:
        # TFDS imports most of its modules at first use.
        for _ in tfds.load(f"{way}/{SAMPLE}", split="train", data_dir=data_dir).take(1):
            pass
        builder = tfds.builder(f"{way}/text", data_dir=data_dir)
        start = time.perf_counter()
        builder.download_and_prepare()
        taken = {"prepare": time.perf_counter() - start}
        # TFDS would otherwise keep a copy in memory after the first reading.
        config = tfds.ReadConfig(try_autocache=False)
        dataset = builder.as_dataset(split="train", read_config=config)
        taken["read"] = clock(dataset)
        if way == "glove_registry":
            dataset = dataset.batch(BATCH)
            taken["batched"] = clock(dataset)
        return {**taken, "digest": hash_dataset(dataset)}


def clock(dataset: Any) -> float:
    """Return the seconds that iterating over a dataset takes."""
    start = time.perf_counter()
    for _ in dataset:
        pass
    return time.perf_counter() - start


def hash_dataset(dataset: Any) -> str:
    """Return a hash of all words and numbers of a dataset of batches."""
    words, numbers = [], []
    for batch in dataset.as_numpy_iterator():
        words += [word + b"\n" for word in batch["word"]]
        numbers.append(batch["vector"].tobytes())
    return hash_all(b"".join(words), b"".join(numbers))


def hash_all(words: bytes, numbers: Any) -> str:
    """Return a hash of words, one per line, and numbers."""
    return hashlib.sha256(words + hashlib.sha256(numbers).digest()).hexdigest()


def make_table(found: dict[str, list[dict[str, float]]]) -> str:
    """Return a table of medians."""
    lines = [f"| | {' | '.join(STEPS.values())} |", "|---|---|---|---|"]
    for way, rounds in found.items():
        cells = [
            f"{statistics.median(taken[step] for taken in rounds):.2f} s"
            if step in rounds[0]
            else ""
            for step in STEPS
        ]
        lines.append(f"| {LABELS[way]} | {' | '.join(cells)} |")
    return "\n".join(lines)


if __name__ == "__main__":
    main()
