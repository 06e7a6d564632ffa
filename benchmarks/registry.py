"""Measure what a registry of thousands of entries costs, beside the built-in one.

    python benchmarks/registry.py

Each measurement is a separate process, in turn with the others, and counts the time of
the processor, which other processes on the machine hardly change. The first rows are of
a call within its process, after the imports; the others of a whole process. Memory is
the largest resident size of the process.
"""

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

SAMPLE = "glove.6B.50d-first10k"
LANGUAGES = ("ar", "de", "en", "es", "fr", "hi", "ja", "pt-BR", "ru", "zh")

# Prints the seconds of a statement.
TIMED = """
import time, glove_registry, numpy
start = time.process_time()
{}
print(time.process_time() - start)
"""
CALLS = {
    "`load`, warm": f"glove_registry.load('{SAMPLE}')",
    "`info`": f"glove_registry.info('{SAMPLE}')",
    "`list_variants`": "glove_registry.list_variants('wikipedia', dimension=300)",
    "`search`": "glove_registry.search('german wikipedia 300')",
}
COMMANDS = {
    "`glove-registry --version`": ["--version"],
    "`glove-registry info NAME`": ["info", SAMPLE],
    "`glove-registry list`": ["list"],
    "`glove-registry search ...`": ["search", "german", "wikipedia", "300"],
}
COMPLETION = "the tab key after `info glove.6`"


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure, and print a table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--entries", type=int, default=5_000)
    parser.add_argument("--rounds", type=int, default=15)
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as folder:
        large = Path(folder) / "large.yaml"
        large.write_text(make_registry(options.entries), encoding="utf-8")
        environment = dict(os.environ)
        found: dict[str, list[list[tuple[float, float]]]] = {}
        for _ in range(options.rounds + 1):
            for place, path in enumerate(("", str(large))):
                environment["GLOVE_REGISTRY_PATH"] = path
                # A cache keeps how a name was looked up last.
                environment["GLOVE_REGISTRY_CACHE"] = str(Path(folder, f"{place}"))
                for what, result in measure(environment):
                    found.setdefault(what, [[], []])[place].append(result)
    print(f"| | built-in | and {options.entries:,} more | memory | and more |")
    print("|---|---|---|---|---|")
    for what, both in found.items():
        # The first round fills the cache of the system, and compiles modules.
        seconds = [statistics.median(s for s, _ in runs[1:]) for runs in both]
        memory = [statistics.median(m for _, m in runs[1:]) for runs in both]
        times = " | ".join(f"{1000 * each:.1f} ms" for each in seconds)
        sizes = " | ".join(f"{each:.0f} MB" for each in memory)
        print(f"| {what} | {times} | {sizes} |")


def make_registry(count: int) -> str:
    """Return the text of a registry file with so many entries."""
    entries = "".join(
        f"  lab.wiki.{number:05}.300d:\n"
        f"    group: lab\n"
        f"    language: {LANGUAGES[number % len(LANGUAGES)]}\n"
        f"    aliases: [lab-wiki-{number}]\n"
        f"    url: https://example.org/wiki.{number}.vec\n"
        f"    bytes: {1_000_000 + number}\n"
        f"    sha256: {number + 1:064x}\n"
        for number in range(count)
    )
    return (
        "groups:\n  lab:\n    corpus: Wikipedia\n    license: CC-BY-SA-3.0\n"
        f"    dimension: 300\n    homepage: https://example.org\nvariants:\n{entries}"
    )


def measure(environment: dict[str, str]) -> list[tuple[str, tuple[float, float]]]:
    """Run everything once; return the seconds and megabytes of each."""
    results = []
    for what, call in CALLS.items():
        _, memory, output = run(["-c", TIMED.format(call)], environment)
        results.append((what, (float(output), memory)))
    for what, arguments in COMMANDS.items():
        seconds, memory, _ = run(["-m", "glove_registry", *arguments], environment)
        results.append((what, (seconds, memory)))
    line = "glove-registry info glove.6"
    asked = {"_ARGCOMPLETE": "1", "COMP_LINE": line, "COMP_POINT": str(len(line))}
    with tempfile.NamedTemporaryFile() as file:
        asked["_ARGCOMPLETE_STDOUT_FILENAME"] = file.name
        seconds, memory, _ = run(["-m", "glove_registry"], environment | asked)
        if b"glove.6B.50d" not in Path(file.name).read_bytes():
            raise SystemExit("the tab key found no name")
    results.append((COMPLETION, (seconds, memory)))
    return results


def run(
    arguments: Sequence[str], environment: dict[str, str]
) -> tuple[float, float, str]:
    """Run Python; return its seconds, its largest size in megabytes, its output."""
    with tempfile.TemporaryFile() as output:
        process = subprocess.Popen(
            [sys.executable, *arguments],
            env=environment,
            stdout=output,
            stderr=subprocess.DEVNULL,
        )
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            raise SystemExit(f"{arguments} failed with {process.returncode}")
        output.seek(0)
        # In kilobytes, but on macOS in bytes.
        unit = 1e6 if sys.platform == "darwin" else 1e3
        seconds = usage.ru_utime + usage.ru_stime
        return seconds, usage.ru_maxrss / unit, output.read().decode()


if __name__ == "__main__":
    main()
