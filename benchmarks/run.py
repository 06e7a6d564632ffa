"""Compare first use, later use, memory and disk with those of other libraries.

    pip install . -r benchmarks/requirements.txt
    python benchmarks/run.py --output results/benchmark

Each measurement is a separate process, in turn with the others (A B C A B C ...), so
that a machine whose speed varies slows all of them alike; ratios are computed round by
round. Each contender first reads a short text of the same kind, so that all modules are
compiled; one that cannot read it is excluded. All vectors are compared with those that
a plain loop reads. Writes tables, a plot and the raw numbers.

Do not use an editable install (-e): it makes every process of that Python start more
slowly.
"""

import argparse
import json
import shutil
import statistics
import sys
import tempfile
from collections.abc import Sequence
from hashlib import file_digest
from pathlib import Path

from contenders import CONTENDERS, FLOOR, THIS, Contender
from link import Link
from measure import MB, ContenderFailed, Run, run
from results import Results, Row, ShapeResult
from texts import REAL, SHAPES, Shape, Text, aside, cut_trial, prepare, write_synthetic

# Full rounds of first use on the real text; on larger ones there is one.
FIRST_ROUNDS = 3
LINK_BYTES_PER_SECOND = 100e6 / 8
ZIP = Contender("zip", "**glove_registry**, from a zip", THIS.script)


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, and write the results."""
    options = _parse(arguments)
    options.output.mkdir(parents=True, exist_ok=True)
    raw = options.output / "results.json"
    if not options.redraw:
        with tempfile.TemporaryDirectory(dir=options.folder) as folder:
            Bench(options, Path(folder)).measure().write(raw)
    # Imported here, as the measuring process must be small.
    from report import write_report

    results = Results.read(raw)
    report = write_report(results)
    (options.output / "benchmark.md").write_text(report, encoding="utf-8")
    print(report)
    if options.plot:
        from plot import draw

        draw(results, options.output / "benchmark.png")
    return 0


def _parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    add = parser.add_argument
    add("--text", type=Path, help="the real text; rebuilt if not given")
    add("--rounds", type=int, default=7, help="rounds of later use")
    add("--shapes", default="real,300d,840B", help="which texts, by commas")
    add("--output", type=Path, default=Path("results/benchmark"))
    add("--folder", type=Path, help="where large files are written, and removed")
    add("--only", help="keys of the contenders, by commas; all if not given")
    add("--limit", type=float, default=600, help="seconds one process may take")
    add(
        "--patience",
        type=float,
        default=60,
        help="seconds of one contender's runs after which it sits out further rounds",
    )
    add("--no-plot", dest="plot", action="store_false")
    add("--redraw", action="store_true", help="from the numbers in --output")
    options = parser.parse_args(arguments)
    options.shapes = options.shapes.split(",")
    if unknown := set(options.shapes) - set(SHAPES):
        parser.error(f"unknown shapes {unknown}: there are {', '.join(SHAPES)}")
    known = {contender.key for contender in CONTENDERS}
    if unknown := set(options.only.split(",") if options.only else ()) - known:
        parser.error(f"unknown contenders {unknown}: there are {', '.join(known)}")
    return options


class Bench:
    """One run of the benchmark in its own folder.

    Parameters
    ----------
    options : argparse.Namespace
    folder : Path
        For everything that is written meanwhile.
    """

    def __init__(self, options: argparse.Namespace, folder: Path) -> None:
        self._options = options
        self._folder = folder
        keys = options.only.split(",") if options.only else None
        self._contenders = [c for c in CONTENDERS if keys is None or c.key in keys]

    def measure(self) -> Results:
        """Measure everything that was requested."""
        results = Results.here_and_now()
        self._measure_import(results)
        for name in self._options.shapes:
            results.shapes.append(self._measure_shape(SHAPES[name], results))
            # The next shape may take long, and may be interrupted.
            results.write(self._options.output / "results.json")
        return results

    def _measure_import(self, results: Results) -> None:
        for number in range(4 * self._options.rounds + 1):
            for script in ("bare.py", "bare_import.py"):
                done = self._start(script, [], self._folder)
                # The first round compiles modules.
                if number:
                    results.imports.setdefault(script[:-3], []).append(done)
        printed = self._start("forbidden.py", [], self._folder).output
        results.heavy = json.loads(printed)

    def _measure_shape(self, shape: Shape, results: Results) -> ShapeResult:
        folder = self._folder / shape.name
        trial_folder = folder / "trial"
        trial_folder.mkdir(parents=True)
        self._say(f"{shape.name}: making the text ready")
        path = self._find_real() if shape is REAL else write_synthetic(shape, folder)
        trial_path = cut_trial(path, trial_folder / path.name)
        trial = aside(prepare, trial_path, trial_folder, in_zip=shape is REAL)
        text = aside(prepare, path, folder, in_zip=shape is REAL)
        found = ShapeResult(
            shape.name, text.rows, text.dimension, path.stat().st_size / MB
        )
        racers = list(self._contenders)
        if shape is REAL and THIS in racers:
            racers.insert(racers.index(THIS) + 1, ZIP)
        for contender in racers:
            row = Row(contender.key, contender.title, contender.keeps)
            found.contenders.append(row)
            self._try(contender, row, trial)
        pairs = list(zip(racers, found.contenders, strict=True))
        self._measure_first(pairs, text, FIRST_ROUNDS if shape is REAL else 1)
        self._measure_later(pairs, text)
        if found.find(THIS.key) is not None:
            self._measure_load(text, found)
            if shape is REAL:
                try:
                    self._measure_link(text, results)
                except ContenderFailed as failure:
                    self._say(f"  over a line: fails: {failure}")
        shutil.rmtree(folder)
        return found

    def _try(self, contender: Contender, row: Row, text: Text) -> None:
        """Check with a short text that a contender reads the right vectors."""
        try:
            if contender.keeps:
                self._use_first(contender, text)
            self._check(contender, text)
        except ContenderFailed as failure:
            row.failure = str(failure)
            self._say(f"  {contender.key} fails: {failure}")

    def _measure_first(
        self, pairs: list[tuple[Contender, Row]], text: Text, rounds: int
    ) -> None:
        for number in range(min(rounds, self._options.rounds)):
            for contender, row in pairs:
                if contender is FLOOR or self._sits_out(row, row.first):
                    continue
                try:
                    if contender.keeps:
                        done = self._use_first(contender, text)
                    else:
                        done = self._use_later(contender, text, check=not number)
                except ContenderFailed as failure:
                    row.failure = str(failure)
                    self._say(f"  {contender.key} fails: {failure}")
                    continue
                row.first.append(done)
                self._say(f"  first use, {contender.key}: {done.seconds:.2f} s")

    def _measure_later(self, pairs: list[tuple[Contender, Row]], text: Text) -> None:
        for contender, row in pairs:
            if row.failure or contender is ZIP:
                continue
            if not contender.keeps and _seconds(row.first) > self._options.patience / 2:
                row.later, row.shared = row.first, True
            elif contender.keeps:
                # Not timed; it also brings the files into memory for all.
                try:
                    self._check(contender, text)
                except ContenderFailed as failure:
                    row.failure = str(failure)
        for _ in range(self._options.rounds):
            for contender, row in pairs:
                if contender is ZIP or row.shared or self._sits_out(row, row.later):
                    continue
                try:
                    row.later.append(self._use_later(contender, text))
                except ContenderFailed as failure:
                    row.failure = str(failure)
        for contender, row in pairs:
            if row.later:
                self._say(
                    f"  later use, {contender.key}: "
                    f"{statistics.median(r.seconds for r in row.later):.2f} s"
                )

    def _measure_load(self, text: Text, found: ShapeResult) -> None:
        for _ in range(self._options.rounds):
            arguments = self._arguments("load", THIS, text)
            first, *again = json.loads(
                self._start("load_warm.py", arguments, text.folder).output
            )
            found.load_first.append(first)
            found.load_again.append(statistics.median(again))

    def _measure_link(self, text: Text, results: Results) -> None:
        """Measure the first use of an archive's member over a link of 100 Mbit/s."""
        archive = text.folder / "archive.zip"
        registry = text.folder / "registry.yaml"
        before = registry.read_text()
        variants = json.loads(before)["variants"]
        contender = Contender("link", "", THIS.script)
        packed = aside(_measure_member, archive, text.path.name)
        results.link_seconds = packed / LINK_BYTES_PER_SECOND
        for number in range(min(FIRST_ROUNDS, self._options.rounds) + 1):
            with Link(archive, LINK_BYTES_PER_SECOND) as link:
                variants["link"] = {**variants["zip"], "url": link.url}
                registry.write_text(json.dumps({"variants": variants}))
                done = self._use_first(contender, text)
                # The first round compiles modules.
                if number:
                    results.link.append(done)
                    results.link_moved.append(link.bytes_sent / packed)
            self._say(f"  over a line: {done.seconds:.2f} s")
        registry.write_text(before)

    def _use_first(self, contender: Contender, text: Text) -> Run:
        saved = text.folder / contender.key
        shutil.rmtree(saved, ignore_errors=True)
        saved.mkdir()
        return self._start(
            contender.script, self._arguments("first", contender, text), saved
        )

    def _use_later(
        self, contender: Contender, text: Text, *, check: bool = False
    ) -> Run:
        saved = text.folder / contender.key
        saved.mkdir(exist_ok=True)
        arguments = self._arguments("later", contender, text)
        result = text.folder / "result"
        if check:
            arguments[4] = str(result)
        done = self._start(contender.script, arguments, saved)
        if check:
            with result.open("rb") as file:
                digest = file_digest(file, "sha256").hexdigest()
            result.unlink()
            if digest != text.digest:
                raise ContenderFailed("other vectors than those in the text")
        return done

    def _check(self, contender: Contender, text: Text) -> None:
        """Compare a contender's vectors with those of the text."""
        self._use_later(contender, text, check=contender is not FLOOR)

    def _arguments(self, task: str, contender: Contender, text: Text) -> list[str]:
        saved = text.folder / contender.key
        entry = contender.key if contender.key in ("zip", "link") else "plain"
        return [task, str(text.path), str(saved), str(text.words), "", entry]

    def _start(self, script: str, arguments: list[str], folder: Path) -> Run:
        bytecode = self._folder / "bytecode"
        return run(script, arguments, folder, self._options.limit, bytecode)

    def _sits_out(self, row: Row, runs: list[Run]) -> bool:
        return bool(row.failure) or _seconds(runs) > self._options.patience

    def _find_real(self) -> Path:
        if self._options.text is not None:
            return Path(self._options.text).absolute()
        return aside(_rebuild_real, self._folder / "glove.6B.50d.txt")

    def _say(self, what: str) -> None:
        print(what, file=sys.stderr, flush=True)


def _seconds(runs: list[Run]) -> float:
    return sum(done.seconds for done in runs)


def _rebuild_real(target: Path) -> Path:
    """Write the official text, with the help of the tests."""
    sys.path.append(str(Path(__file__).parents[1] / "tests" / "support"))
    import real_release

    return real_release.rebuild(target)


def _measure_member(archive: Path, name: str) -> int:
    """Return the compressed size of a member."""
    import zipfile

    with zipfile.ZipFile(archive) as opened:
        return opened.getinfo(name).compress_size


if __name__ == "__main__":
    raise SystemExit(main())
