"""Compare the time and memory of making a layer with the Keras tutorial's way.

    python benchmarks/layer.py --text glove.6B.50d.txt

Each measurement is a separate process, in turn with the others (A B C A B C ...);
ratios are computed round by round. The time is that of the layer alone, after Keras and
its backend have started; memory is the peak of the whole process, minus that of one
that only starts Keras. Before that, untimed, all weights are compared with those that a
plain loop reads.
"""

import argparse
import hashlib
import json
import os
import platform
import shutil
import sys
import tempfile
from array import array
from collections.abc import Sequence
from dataclasses import dataclass, field
from hashlib import file_digest
from pathlib import Path
from statistics import median

from measure import Run, run
from texts import aside

# Share of the requested words that no release has.
UNKNOWN = 0.025


@dataclass
class Way:
    """One way to a layer, and what it took.

    Attributes
    ----------
    key, title, script : str
    fresh : bool
        Whether it starts without anything that an earlier run saved.
    runs : list of Run
    """

    key: str
    title: str
    script: str
    fresh: bool = False
    runs: list[Run] = field(default_factory=list)

    @property
    def seconds(self) -> list[float]:
        """Seconds of making the layer, round by round."""
        return [float(json.loads(done.output)) for done in self.runs]


@dataclass(frozen=True)
class Words:
    """A vocabulary, and the expected weights of its layer.

    Attributes
    ----------
    path : Path
        One word per line.
    count : int
    digest : str
        sha256 of the layer's matrix, float32, row 0 of zeros first.
    """

    path: Path
    count: int
    digest: str


def make_ways() -> list[Way]:
    """Return the ways, in the order in which they are run."""
    return [
        Way("floor", "Keras alone", "layer_floor.py"),
        Way("first", "**glove_registry**, first use", "layer_this.py", fresh=True),
        Way("later", "**glove_registry**, later uses", "layer_this.py"),
        Way("tutorial", "the Keras tutorial's way, each time", "layer_tutorial.py"),
    ]


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure, and print a table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    add = parser.add_argument
    add("--text", type=Path, required=True, help="a text of GloVe's")
    add("--words", default="20000,400000", help="sizes of vocabularies, by commas")
    add("--backend", default="tensorflow", choices=["tensorflow", "jax", "torch"])
    add("--rounds", type=int, default=5)
    add("--limit", type=float, default=600, help="seconds one process may take")
    add("--folder", type=Path, help="where files are written, and removed")
    options = parser.parse_args(arguments)
    os.environ["KERAS_BACKEND"] = options.backend
    text = options.text.absolute()
    print(f"{platform.python_version()}, {options.backend}, {os.cpu_count()} cores\n")
    for count in map(int, options.words.split(",")):
        with tempfile.TemporaryDirectory(dir=options.folder) as folder:
            words = aside(choose_words, text, count, Path(folder))
            ways = measure(text, words, options.rounds, options.limit, Path(folder))
        print(write_table(words.count, ways), flush=True)


def choose_words(text: Path, count: int, folder: Path) -> Words:
    """Choose words from all parts of a text, and write a registry with the text.

    Parameters
    ----------
    text : Path
        A GloVe text without spaces in tokens.
    count : int
        Number of words, some of them unknown; fewer if the text has fewer.
    folder : Path
        For the words, and for a registry that has the text as ``plain``.
    """
    digest = hashlib.sha256()
    with text.open("rb") as file:
        lines = 0
        for line in file:
            digest.update(line)
            lines += 1
        known = min(lines, count - int(count * UNKNOWN))
        stride = lines // known
        file.seek(0)
        chosen: dict[str, array[float]] = {}
        for number, line in enumerate(file):
            if number % stride == 0 and len(chosen) < known:
                token, *numbers = line.decode().rstrip("\n").split(" ")
                # array rounds each float64 to the nearest float32, as casts do.
                chosen[token] = array("f", map(float, numbers))
    zeros = array("f", [0.0] * len(next(iter(chosen.values())))).tobytes()
    unknown = [f"no-such-word-{i}" for i in range(count - known)]
    expected = hashlib.sha256(zeros)
    for vector in chosen.values():
        expected.update(vector.tobytes())
    expected.update(zeros * len(unknown))
    path = folder / "words.txt"
    path.write_text("\n".join([*chosen, *unknown]), encoding="utf-8", newline="\n")
    entry = {"url": text.as_uri(), "sha256": digest.hexdigest()}
    # JSON is YAML too.
    (folder / "registry.yaml").write_text(json.dumps({"variants": {"plain": entry}}))
    return Words(path, len(chosen) + len(unknown), expected.hexdigest())


def measure(
    text: Path, words: Words, rounds: int, limit: float, folder: Path
) -> list[Way]:
    """Check all, then measure all in turn."""
    ways = make_ways()
    for number in range(rounds + 1):
        for way in ways:
            # The first round compiles modules, and the store of later uses.
            result = folder / "result" if number == 0 else None
            done = start(way, text, words, result, limit, folder)
            if number:
                way.runs.append(done)
            elif way.key != "floor":
                check(way, words, folder / "result")
            print(f"  {words.count:,} {way.key}: {done.output}", file=sys.stderr)
    return ways


def start(
    way: Way, text: Path, words: Words, result: Path | None, limit: float, folder: Path
) -> Run:
    """Run a way to its end."""
    saved = folder / way.key
    if way.fresh:
        shutil.rmtree(saved, ignore_errors=True)
    saved.mkdir(exist_ok=True)
    shown = "" if result is None else str(result)
    arguments = ["later", str(text), str(saved), str(words.path), shown, "plain"]
    return run(way.script, arguments, saved, limit, folder / "bytecode")


def check(way: Way, words: Words, result: Path) -> None:
    """Compare a layer's weights with the text."""
    with result.open("rb") as file:
        digest = file_digest(file, "sha256").hexdigest()
    result.unlink()
    if digest != words.digest:
        raise SystemExit(f"{way.title}: other weights than those in the text")


def write_table(count: int, ways: Sequence[Way]) -> str:
    """Return the results as Markdown."""
    floor, *others = ways
    this = next(way for way in others if way.key == "later")
    lines = [
        f"| {count:,} words | the layer, s | x later uses | whole process, s "
        "| peak memory above Keras alone, MB | runs |",
        "|---|---|---|---|---|---|",
    ]
    for way in ways:
        whole = median(done.seconds for done in way.runs)
        if way is floor:
            alone = median(done.peak_mb for done in way.runs)
            lines.append(
                f"| {way.title} | | | {whole:.1f} | 0, of {alone:,.0f} "
                f"| {len(way.runs)} |"
            )
            continue
        ratios = [a / b for a, b in zip(way.seconds, this.seconds, strict=True)]
        own = median(
            done.peak_mb - bare.peak_mb
            for done, bare in zip(way.runs, floor.runs, strict=True)
        )
        lines.append(
            f"| {way.title} | {median(way.seconds):.2f} "
            f"| {median(ratios):.1f} ({min(ratios):.1f}-{max(ratios):.1f}) "
            f"| {whole:.1f} | {own:,.0f} | {len(way.runs)} |"
        )
    return "\n".join([*lines, ""])


if __name__ == "__main__":
    main()
