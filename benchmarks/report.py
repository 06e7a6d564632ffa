"""Tables and verdicts in Markdown, from the numbers of a run."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from statistics import median

from measure import Run
from results import Results, Row, ShapeResult, middle, ratios
from texts import WORDS

TITLES = {
    "real": "The real glove.6B.50d",
    "300d": "Synthetic, the shape of glove.6B.300d",
    "840B": "Synthetic, the shape of glove.840B.300d, with spaces in tokens",
    "small": "Synthetic, small",
}
PARTS = {
    "first": "First use: from the text to a saved form",
    "later": "Later use: from there to the vectors of 20,000 words",
    "cold": "The same, with an empty page cache",
}
# Less than this share of a file in the page cache counts as none.
EMPTY = 0.01


@dataclass(frozen=True, slots=True)
class Bar:
    """A measured number, and the limit that it must keep.

    Attributes
    ----------
    what : str
    values : sequence of float
        Round by round; their median counts.
    limit : float or None
        None if the number is only shown.
    at_least : bool
        Whether larger values are better.
    unit : str
    worst : bool
        Whether the worst value counts instead, as for a limit that must always hold.
    """

    what: str
    values: Sequence[float]
    limit: float | None = None
    at_least: bool = False
    unit: str = "x"
    worst: bool = False

    @property
    def value(self) -> float:
        """The value that counts."""
        if self.worst:
            return min(self.values) if self.at_least else max(self.values)
        return median(self.values)

    @property
    def verdict(self) -> str:
        """Whether the limit is kept."""
        if self.limit is None:
            return ""
        kept = self.value >= self.limit if self.at_least else self.value <= self.limit
        return "met" if kept else "**missed**"

    def write(self) -> str:
        """Return the row of the table."""
        sign = "≥" if self.at_least else "≤"
        limit = "" if self.limit is None else f"{sign} {self.limit:g}"
        shown = f"{show(self.value)} {self.unit}"
        if len(self.values) > 1:
            shown += f" ({show(min(self.values))}-{show(max(self.values))})"
        return f"| {self.what} | {shown} | {limit} | {self.verdict} |"


def write_report(results: Results) -> str:
    """Return the whole report as Markdown."""
    parts = [
        "# Benchmark",
        f"{results.date}, {results.cores} cores, {results.memory_gb:.0f} GB of memory, "
        f"Python {results.python}. Whole processes, from start to end, in turn with "
        "each other; medians, and ratios round by round with their spread (min-max). "
        "MB are millions of bytes.",
        write_bars(list_bars(results)),
        *[write_summary(shape) for shape in results.shapes],
        *[write_shape(shape) for shape in results.shapes],
        write_load(results),
    ]
    if results.heavy:
        parts.append(f"`import glove_registry` imports {', '.join(results.heavy)}.")
    return "\n\n".join(part for part in parts if part) + "\n"


def write_summary(shape: ShapeResult) -> str:
    """Return the table of a shape for the README."""
    head = (
        f"| {TITLES[shape.name]}, {shape.rows:,} x {shape.dimension} | first use "
        "| later use | page cache empty | peak memory, first use | later use |"
    )
    lines = [head, "|---|---|---|---|---|---|"]
    for row in shape.contenders:
        if row.failure:
            lines.append(f"| {row.title} | cannot read it | | | | |")
            continue
        cells = [_show_seconds(runs) for runs in (row.first, row.later, row.cold)]
        if row.cold and not _is_emptied(row):
            cells[2] = "could not be emptied"
        elif row.cold:
            cells[2] += f", {median(run.read_mb for run in row.cold):,.0f} MB read"
        cells += [_show_peak(runs) for runs in (row.first, row.later)]
        lines.append(f"| {row.title} | {' | '.join(cells)} |")
    return "\n".join(lines)


def write_shape(shape: ShapeResult) -> str:
    """Return the tables of a shape."""
    lines = [
        f"## {TITLES[shape.name]}: {shape.rows:,} x {shape.dimension}, "
        f"{shape.text_mb:,.0f} MB of text"
    ]
    for part, title in PARTS.items():
        rows = list(_write_rows(shape, part))
        if rows:
            lines += [
                "",
                f"### {title}",
                "",
                "| who | seconds | x glove_registry | peak memory, MB | disk, MB "
                "| read from disk, MB | runs |",
                "|---|---|---|---|---|---|---|",
                *rows,
            ]
    if any(row.shared for row in shape.contenders):
        lines += ["", "\\* The runs of first use: it saves nothing and is slow."]
    return "\n".join(lines)


def _write_rows(shape: ShapeResult, part: str) -> Iterator[str]:
    base = shape.runs("this", part)
    for row in shape.contenders:
        runs: list[Run] = getattr(row, part)
        if row.failure:
            # In the first table alone.
            if part == "first":
                reason = row.failure.replace("|", "/")
                yield f"| {row.title} | fails: {reason} | | | | | |"
        elif runs:
            mark = r"\*" if part == "later" and row.shared else ""
            mark += ", not emptied" if part == "cold" and not _is_emptied(row) else ""
            disk = f"{runs[-1].disk_mb:,.0f}" if row.keeps else ""
            yield (
                f"| {row.title}{mark} | {show(middle(runs))} "
                f"| {show_spread(ratios(runs, base))} "
                f"| {max(run.peak_mb for run in runs):,.0f} | {disk} "
                f"| {median(run.read_mb for run in runs):,.0f} | {len(runs)} |"
            )


def write_load(results: Results) -> str:
    """Return what `load()` itself takes."""
    shapes = [shape for shape in results.shapes if shape.load_first]
    if not shapes:
        return ""
    lines = [
        "## `load()` itself, compiled before, in a process that has imported numpy",
        "",
        "| words | first call, with this package's imports, ms | later calls, ms |",
        "|---|---|---|",
    ]
    for shape in shapes:
        first, again = show_spread(shape.load_first), show_spread(shape.load_again)
        lines.append(f"| {shape.rows:,} x {shape.dimension} | {first} | {again} |")
    return "\n".join(lines)


def write_bars(bars: Sequence[Bar]) -> str:
    """Return the limits with their verdicts."""
    if not bars:
        return ""
    lines = ["| what | measured | limit | verdict |", "|---|---|---|---|"]
    return "\n".join(lines + [bar.write() for bar in bars])


def list_bars(results: Results) -> list[Bar]:
    """Return each number with a limit that was measured, shape by shape."""
    bars = [bar for shape in results.shapes for bar in _list_shape_bars(shape)]
    if results.imports:
        alone = ratios(results.imports["bare_import"], results.imports["bare"])
        bars.append(Bar("`import glove_registry` / bare python", alone, 1.1))
    # What was not measured, or not by both, has no values.
    return [bar for bar in bars if bar.values]


def _list_shape_bars(shape: ShapeResult) -> Iterator[Bar]:
    def compare(part: str, one: str, other: str) -> list[float]:
        return ratios(shape.runs(one, part), shape.runs(other, part))

    name = shape.name
    later = compare("later", "this", "floor")
    yield Bar(f"{name}: later use / `import numpy` alone", later, 1.35)
    for key, limit in (("gensim", 8), ("kerasglove", 20)):
        later = compare("later", key, "this")
        yield Bar(f"{name}: later use: {key} / ours", later, limit, at_least=True)
    first = compare("first", "this", "polars-read")
    yield Bar(f"{name}: first use from text / polars' read of it alone", first, 1)
    for key, limit in (("kerasglove", 3), ("gensim", 10)):
        first = compare("first", key, "zip")
        what = f"{name}: first use: {key} from text / ours from a zip"
        yield Bar(what, first, limit, at_least=True)
    ours = [*shape.runs("this", "first"), *shape.runs("zip", "first")]
    large = name == "840B"
    peaks = [run.peak_mb for run in ours]
    yield Bar(
        f"{name}: peak of first use", peaks, 170 if large else None, False, "MB", True
    )
    peaks = [run.peak_mb for run in shape.runs("this", "later")]
    yield Bar(
        f"{name}: peak of later use", peaks, 200 if large else None, False, "MB", True
    )
    disk = [run.disk_peak_mb / run.disk_mb for run in ours]
    yield Bar(
        f"{name}: disk at most while compiling / the store", disk, 1.01, worst=True
    )
    this = shape.find("this")
    if this is not None and this.cold and _is_emptied(this):
        cold = compare("cold", "gensim", "this")
        yield Bar(f"{name}: page cache empty: gensim / ours", cold)
        wanted = WORDS * shape.dimension * 4 / 1e6
        read = [run.read_mb / wanted for run in this.cold]
        yield Bar(f"{name}: page cache empty: bytes read / those of the vectors", read)
    elif this is not None and this.cold:
        yield Bar(f"{name}: the page cache could not be emptied; in it", this.cached)
    yield Bar(f"{name}: `load()`, first in a process", shape.load_first, 60, unit="ms")
    alone = [run.seconds / shape.link.seconds for run in shape.link.runs]
    yield Bar(f"{name}: first use over 100 Mbit/s / the bytes alone", alone, 1.08)
    yield Bar(f"{name}: bytes moved / the member's compressed", shape.link.moved, 1.01)


def _is_emptied(row: Row) -> bool:
    return max(row.cached) <= EMPTY


def _show_seconds(runs: Sequence[Run]) -> str:
    return f"{show(middle(runs))} s" if runs else ""


def _show_peak(runs: Sequence[Run]) -> str:
    return f"{max(run.peak_mb for run in runs):,.0f} MB" if runs else ""


def show(value: float) -> str:
    """Return a number with its significant digits."""
    if value >= 100:
        return f"{value:,.0f}"
    return f"{value:.1f}" if value >= 10 else f"{value:.2f}"


def show_spread(values: Sequence[float]) -> str:
    """Return a median with its spread."""
    if not values:
        return ""
    if len(values) == 1:
        return show(values[0])
    return f"{show(median(values))} ({show(min(values))}-{show(max(values))})"
