"""Compare first use, later use, memory and disk with those of other libraries.

    pip install . -r benchmarks/requirements.txt
    python benchmarks/run.py --output results/benchmark

Each measurement is a separate process, in turn with the others (A B C A B C ...), so
that a machine whose speed varies slows all of them alike; ratios are computed round by
round. Each contender first reads a short text of the same kind, so that all modules are
compiled; one that cannot read it is excluded. All vectors are compared with those that
a plain loop reads. Writes tables, a plot and the raw numbers.

The parts are

    imports   `import glove_registry`, beside bare Python
    first     from the text to a saved form
    later     from there to the vectors of 20,000 words, with files in the page cache
    cold      the same after the saved files were removed from the page cache
    load      `load()` alone
    link      first use of an archive's member over 100 Mbit/s

`--only later,cold --shapes 840B` measures only these, and keeps the other numbers that
`--output` has. With `--folder`, large synthetic texts are kept for the next run.

Do not use an editable install (-e): it makes every process of that Python start more
slowly.
"""

import argparse
import json
import shutil
import sys
import tempfile
from collections.abc import Sequence
from contextlib import nullcontext
from hashlib import file_digest
from pathlib import Path
from statistics import median

import pagecache
from contenders import BARE_READ, CONTENDERS, FLOOR, THIS, ZIP, Contender
from link import Link
from measure import MB, ContenderFailed, Run, run
from results import LinkResult, Results, Row, ShapeResult
from texts import REAL, SHAPES, Shape, Text, aside, cut_trial, prepare, write_synthetic

PARTS = ("imports", "first", "later", "cold", "load", "link")
# Rounds of first use on the real text; on larger ones there are fewer.
FIRST_ROUNDS = 5
LARGE_ROUNDS = 2
COLD_ROUNDS = 3
LINK_ROUNDS = 3
LINK_BYTES_PER_SECOND = 100e6 / 8

Racers = list[tuple[Contender, Row]]


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, and write the results."""
    options = _parse(arguments)
    options.output.mkdir(parents=True, exist_ok=True)
    raw = options.output / "results.json"
    if not options.redraw:
        results = Results.read(raw) if raw.exists() else Results()
        if options.folder:
            options.folder.mkdir(parents=True, exist_ok=True)
        with (
            nullcontext(options.folder.absolute())
            if options.folder
            else tempfile.TemporaryDirectory()
        ) as folder:
            Bench(options, Path(folder), results).measure()
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
    known = [contender.key for contender in CONTENDERS]

    def choose_from(names: Sequence[str]) -> dict[str, object]:
        def read(given: str) -> list[str]:
            chosen = given.split(",")
            if unknown := set(chosen) - set(names):
                raise argparse.ArgumentTypeError(
                    f"{', '.join(unknown)}: expected some of {', '.join(names)}"
                )
            return chosen

        return {"type": read, "default": list(names), "help": ", ".join(names)}

    add = parser.add_argument
    add("--only", **choose_from(PARTS))
    add("--shapes", **{**choose_from(list(SHAPES)), "default": list(SHAPES)[:3]})
    add("--contenders", **choose_from(known))
    add("--text", type=Path, help="the real text; rebuilt if not given")
    add("--rounds", type=int, default=7, help="rounds of later use")
    add("--output", type=Path, default=Path("results/benchmark"))
    add("--folder", type=Path, help="where texts are written, and kept")
    add("--limit", type=float, default=600, help="seconds one process may take")
    add(
        "--patience",
        type=float,
        default=30,
        help="seconds of one contender's runs after which it sits out further rounds",
    )
    add("--no-plot", dest="plot", action="store_false")
    add("--redraw", action="store_true", help="from the numbers in --output")
    return parser.parse_args(arguments)


class Bench:
    """One run of the benchmark in its own folder.

    Parameters
    ----------
    options : argparse.Namespace
    folder : Path
        For everything that is written meanwhile.
    results : Results
        Of earlier runs; what is measured now replaces the same parts.
    """

    def __init__(
        self, options: argparse.Namespace, folder: Path, results: Results
    ) -> None:
        self._options = options
        self._folder = folder
        self._results = results

    def measure(self) -> None:
        """Measure everything that was requested, and write it."""
        vars(self._results).update(
            {k: v for k, v in vars(Results.here_and_now()).items() if v}
        )
        if "imports" in self._options.only:
            self._measure_imports()
        for name in self._options.shapes:
            self._measure_shape(SHAPES[name])

    def _measure_imports(self) -> None:
        scripts = {"bare.py": [], "bare_import.py": []}
        for number in range(4 * self._options.rounds + 1):
            for script, runs in scripts.items():
                done = self._start(script, [], self._folder)
                # The first round compiles modules.
                if number:
                    runs.append(done)
        self._results.imports = {s.removesuffix(".py"): r for s, r in scripts.items()}
        printed = self._start("forbidden.py", [], self._folder).output
        self._results.heavy = json.loads(printed)
        self._write()

    def _measure_shape(self, shape: Shape) -> None:
        folder = self._folder / shape.name
        trial_folder = folder / "trial"
        trial_folder.mkdir(parents=True, exist_ok=True)
        self._say(f"{shape.name}: making the text ready")
        path = self._find_real() if shape is REAL else write_synthetic(shape, folder)
        trial_path = cut_trial(path, trial_folder / path.name)
        trial = aside(prepare, trial_path, trial_folder, in_zip=shape is REAL)
        text = aside(prepare, path, folder, in_zip=shape is REAL)
        found = self._results.find(shape.name)
        if found is None:
            size = path.stat().st_size / MB
            found = ShapeResult(shape.name, text.rows, text.dimension, size)
            self._results.shapes.append(found)
            self._results.shapes.sort(key=lambda one: list(SHAPES).index(one.name))
        racers = self._enter(shape, found)
        for contender, row in racers:
            self._try(contender, row, trial)
        if "first" in self._options.only:
            self._measure_first(
                racers, text, FIRST_ROUNDS if shape is REAL else LARGE_ROUNDS
            )
        if "later" in self._options.only:
            self._measure_later(racers, text)
        if "cold" in self._options.only:
            self._measure_cold(racers, text)
        if "load" in self._options.only and found.find(THIS.key):
            self._measure_load(text, found)
        if "link" in self._options.only and shape is REAL:
            self._measure_link(text, found)
        self._write()
        for contender, _ in racers:
            shutil.rmtree(folder / contender.key, ignore_errors=True)
        shutil.rmtree(trial_folder)

    def _enter(self, shape: Shape, found: ShapeResult) -> Racers:
        """Return the contenders that take part, each with its row."""
        rows = {row.key: row for row in found.contenders}
        racers = []
        for contender in CONTENDERS:
            if contender is ZIP and shape is not REAL:
                continue
            chosen = contender.key in self._options.contenders
            if chosen and set(contender.parts) & {*self._options.only}:
                row = rows.setdefault(
                    contender.key, Row(contender.key, contender.title, contender.keeps)
                )
                row.failure = ""
                racers.append((contender, row))
        order = [contender.key for contender in CONTENDERS]
        found.contenders = sorted(rows.values(), key=lambda row: order.index(row.key))
        return racers

    def _try(self, contender: Contender, row: Row, text: Text) -> None:
        """Check with a short text that a contender reads the right vectors."""
        try:
            if contender.keeps:
                self._use_first(contender, text)
            self._check(contender, text)
        except ContenderFailed as failure:
            self._exclude(row, failure)

    def _measure_first(self, racers: Racers, text: Text, rounds: int) -> None:
        taking_part = self._start_part("first", racers)
        for _ in range(min(rounds, self._options.rounds)):
            for contender, row in taking_part:
                if self._sits_out(row, row.first):
                    continue
                use = self._use_first if contender.keeps else self._use_later
                try:
                    row.first.append(use(contender, text))
                except ContenderFailed as failure:
                    self._exclude(row, failure)
        self._say_medians("first", taking_part)

    def _measure_later(self, racers: Racers, text: Text) -> None:
        taking_part = self._start_part("later", racers)
        for contender, row in taking_part:
            row.shared = (
                not contender.keeps and _seconds(row.first) > self._options.patience / 2
            )
            if row.shared:
                row.later = list(row.first)
            elif not row.failure:
                # Not timed; it also brings the files into memory for all.
                try:
                    self._prepare_later(contender, text)
                    self._check(contender, text)
                except ContenderFailed as failure:
                    self._exclude(row, failure)
        for _ in range(self._options.rounds):
            for contender, row in taking_part:
                if row.shared or self._sits_out(row, row.later):
                    continue
                try:
                    row.later.append(self._use_later(contender, text))
                except ContenderFailed as failure:
                    self._exclude(row, failure)
        self._say_medians("later", taking_part)

    def _measure_cold(self, racers: Racers, text: Text) -> None:
        taking_part = self._start_part("cold", racers)
        for _, row in taking_part:
            row.cached = []
        for _ in range(min(COLD_ROUNDS, self._options.rounds)):
            for contender, row in taking_part:
                if row.failure:
                    continue
                try:
                    self._prepare_later(contender, text)
                    cached = aside(pagecache.drop, text.folder / contender.key)
                    row.cold.append(self._use_later(contender, text))
                    row.cached.append(cached)
                except ContenderFailed as failure:
                    self._exclude(row, failure)
        self._say_medians("cold", taking_part)

    def _measure_load(self, text: Text, found: ShapeResult) -> None:
        self._prepare_later(THIS, text)
        found.load_first, found.load_again = [], []
        for _ in range(self._options.rounds):
            arguments = self._arguments("load", THIS, text)
            first, *again = json.loads(
                self._start("load_warm.py", arguments, text.folder).output
            )
            found.load_first.append(first)
            found.load_again.append(median(again))

    def _measure_link(self, text: Text, found: ShapeResult) -> None:
        """Measure the first use of an archive's member over a link of 100 Mbit/s."""
        archive = text.folder / "archive.zip"
        registry = text.folder / "registry.yaml"
        before = registry.read_text()
        variants = json.loads(before)["variants"]
        contender = Contender("link", "", THIS.script)
        packed = aside(_measure_member, archive, text.path.name)
        found.link = LinkResult(seconds=packed / LINK_BYTES_PER_SECOND)
        for number in range(min(LINK_ROUNDS, self._options.rounds) + 1):
            with Link(archive, LINK_BYTES_PER_SECOND) as link:
                variants["link"] = {**variants["zip"], "url": link.url}
                registry.write_text(json.dumps({"variants": variants}))
                try:
                    done = self._use_first(contender, text)
                except ContenderFailed as failure:
                    self._say(f"  over a link: fails: {failure}")
                    break
                # The first round compiles modules.
                if number:
                    found.link.runs.append(done)
                    found.link.moved.append(link.bytes_sent / packed)
            self._say(f"  over a link: {done.seconds:.2f} s")
        registry.write_text(before)
        shutil.rmtree(text.folder / contender.key, ignore_errors=True)

    def _start_part(self, part: str, racers: Racers) -> Racers:
        """Return those that take part, without their earlier runs."""
        taking_part = [pair for pair in racers if part in pair[0].parts]
        for _, row in taking_part:
            setattr(row, part, [])
        return taking_part

    def _prepare_later(self, contender: Contender, text: Text) -> None:
        """Make what later uses need, unless a first use has made it."""
        saved = text.folder / contender.key
        if contender.keeps and not (saved.is_dir() and any(saved.iterdir())):
            self._use_first(contender, text)

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
        """Compare a contender's vectors, if it returns any, with those of the text."""
        self._use_later(contender, text, check=contender not in (FLOOR, BARE_READ))

    def _arguments(self, task: str, contender: Contender, text: Text) -> list[str]:
        saved = text.folder / contender.key
        entry = contender.key if contender.key in ("zip", "link") else "plain"
        return [task, str(text.path), str(saved), str(text.words), "", entry]

    def _start(self, script: str, arguments: list[str], folder: Path) -> Run:
        bytecode = self._folder / "bytecode"
        return run(script, arguments, folder, self._options.limit, bytecode)

    def _sits_out(self, row: Row, runs: list[Run]) -> bool:
        return bool(row.failure) or _seconds(runs) > self._options.patience

    def _exclude(self, row: Row, failure: ContenderFailed) -> None:
        row.failure = str(failure)
        self._say(f"  {row.key} fails: {failure}")

    def _find_real(self) -> Path:
        if self._options.text is not None:
            return Path(self._options.text).absolute()
        target = self._folder / REAL.name / "glove.6B.50d.txt"
        return target if target.exists() else aside(_rebuild_real, target)

    def _write(self) -> None:
        # What comes next may take long, and may be interrupted.
        self._results.write(self._options.output / "results.json")

    def _say_medians(self, part: str, racers: Racers) -> None:
        for _, row in racers:
            if runs := getattr(row, part):
                middle = median(done.seconds for done in runs)
                self._say(f"  {part}, {row.key}: {middle:.2f} s")

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
