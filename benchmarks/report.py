"""Tables and verdicts in Markdown, from the numbers of a run."""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

from results import Results, Row, ShapeResult, middle, ratios

TITLES = {
    "real": "The real glove.6B.50d",
    "300d": "Synthetic, the shape of glove.6B.300d",
    "840B": "Synthetic, the shape of glove.840B.300d, with spaces in tokens",
    "small": "Synthetic, small",
}
FIRST = (
    "| who | seconds | x glove_registry | peak memory, MB | disk, MB | runs "
    "| text, MB/s |\n|---|---|---|---|---|---|---|"
)
LATER = (
    "| who | seconds | x glove_registry | peak memory, MB | disk, MB | runs |\n"
    "|---|---|---|---|---|---|"
)


@dataclass(frozen=True, slots=True)
class Bar:
    """A promised number, and the measured one.

    Attributes
    ----------
    what : str
    values : sequence of float
        Round by round; their median counts.
    bar, moonshot : float or None
    at_least : bool
        Whether larger values are better.
    unit : str
    worst : bool
        Whether the worst value counts instead, as for a limit that must always hold.
    """

    what: str
    values: Sequence[float]
    bar: float | None
    moonshot: float | None = None
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
        """Whether the bar is met."""
        if self.moonshot is not None and self._meets(self.moonshot):
            return "passes, moonshot too"
        if self.bar is None:
            return "falls short of the moonshot"
        return "passes" if self._meets(self.bar) else "**falls short**"

    def _meets(self, limit: float) -> bool:
        return self.value >= limit if self.at_least else self.value <= limit

    def write(self) -> str:
        """Return the row of the table."""
        limits = [
            "" if limit is None else f"{'≥' if self.at_least else '≤'} {limit:g}"
            for limit in (self.bar, self.moonshot)
        ]
        shown = f"{show(self.value)} {self.unit}"
        if len(self.values) > 1:
            shown += f" ({show(min(self.values))}-{show(max(self.values))})"
        return f"| {self.what} | {shown} | {limits[0]} | {limits[1]} | {self.verdict} |"


def write_report(results: Results) -> str:
    """Return the whole report as Markdown."""
    parts = [
        "# Benchmark",
        f"{results.date}, {results.cores} cores, {results.memory_gb:.0f} GB of memory, "
        f"Python {results.python}. Whole processes, from start to end, in turn with "
        "each other; medians, and ratios round by round with their spread (min-max). "
        "Files are in the page cache. MB are millions of bytes.",
        *[write_shape(shape) for shape in results.shapes],
        write_load(results),
        write_bars(list_bars(results)),
    ]
    if results.heavy:
        parts.append(f"`import glove_registry` imports {', '.join(results.heavy)}.")
    return "\n\n".join(part for part in parts if part) + "\n"


def write_shape(shape: ShapeResult) -> str:
    """Return the two tables of a shape."""
    this = shape.find("this")
    lines = [
        f"## {TITLES[shape.name]}: {shape.rows:,} x {shape.dimension}, "
        f"{shape.text_mb:,.0f} MB of text",
        "",
        "### First use: from the text to a saved form",
        "",
        FIRST,
    ]
    for row in shape.contenders:
        if row.key != "floor":
            speed = show(shape.text_mb / middle(row.first)) if row.first else ""
            lines.append(f"{write_row(row, this, later=False)} {speed} |")
    lines += ["", "### Later use: from there to the vectors of 20,000 words", "", LATER]
    for row in shape.contenders:
        # A failure at first use is in the table above, with its reason.
        if row.key != "zip" and (row.later or not row.failure):
            lines.append(write_row(row, this, later=True))
    if any(row.shared for row in shape.contenders):
        lines += ["", "\\* The runs of first use: it saves nothing and is slow."]
    return "\n".join(lines)


def write_row(row: Row, this: Row | None, *, later: bool) -> str:
    """Return the row of a contender."""
    runs = row.later if later else row.first
    if row.failure:
        return f"| {row.title} | fails: {row.failure.replace('|', '/')} | | | | |"
    if not runs:
        return f"| {row.title} | not run | | | | |"
    base = [] if this is None else this.later if later else this.first
    peak = max(run.peak_mb for run in runs)
    disk = f"{runs[-1].disk_mb:,.0f}" if row.keeps else ""
    mark = r"\*" if later and row.shared else ""
    return (
        f"| {row.title}{mark} | {show(middle(runs))} "
        f"| {show_spread(ratios(runs, base))} | {peak:,.0f} | {disk} | {len(runs)} |"
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
    """Return the bars with their verdicts."""
    if not bars:
        return ""
    lines = [
        "## The bars",
        "",
        "| what | measured | bar | moonshot | verdict |",
        "|---|---|---|---|---|",
    ]
    return "\n".join(lines + [bar.write() for bar in bars])


def list_bars(results: Results) -> list[Bar]:
    """Return each promised number that was measured."""
    bars: list[Bar] = []
    real = results.find("real")
    if real is not None:
        bars += _list_ratios(real)
    for shape in results.shapes:
        if shape.load_first:
            what = f"`load()`, first in a process, {shape.rows:,} x {shape.dimension}"
            bars.append(Bar(what, shape.load_first, 60, 15, unit="ms"))
    if results.link:
        alone = [run.seconds / results.link_seconds for run in results.link]
        what = "first use over 100 Mbit/s: ours / the transfer alone"
        bars.append(Bar(what, alone, 1.2, 1.05))
        what = "bytes moved over it / the member's compressed bytes"
        bars.append(Bar(what, results.link_moved, 1.01))
    runs = [
        run
        for shape in results.shapes
        for row in shape.contenders
        if row.key in ("this", "zip") and not row.failure
        for run in row.first
    ]
    peaks = [run.peak_mb for run in [*runs, *results.link]]
    if peaks:
        what = "peak memory of any first use"
        bars.append(Bar(what, peaks, 300, 200, unit="MB", worst=True))
    if runs:
        disk = [run.disk_peak_mb / run.disk_mb for run in runs]
        what = "disk at most while compiling a local file / the store"
        bars.append(Bar(what, disk, 1.01, worst=True))
    if results.imports:
        alone = ratios(results.imports["bare_import"], results.imports["bare"])
        bars.append(Bar("`import glove_registry` / bare python", alone, 1.1))
    return bars


def _list_ratios(shape: ShapeResult) -> list[Bar]:
    """Return the bars that are ratios of whole processes."""
    bars = []
    this, zipped, floor = shape.find("this"), shape.find("zip"), shape.find("floor")
    if this is not None and this.later:
        if floor is not None and floor.later:
            values = ratios(this.later, floor.later)
            bars.append(Bar("later use: ours / `import numpy` alone", values, 1.5, 1.3))
        for key, bar in (("gensim", 8), ("kerasglove", 20)):
            rival = shape.find(key)
            if rival is not None and rival.later:
                values = ratios(rival.later, this.later)
                bars.append(Bar(f"later use: {key} / ours", values, bar, None, True))
    if zipped is not None and zipped.first:
        promised = {
            "kerasglove": (2.5, None),
            "gensim": (10, None),
            "polars": (None, 1),
        }
        for key, (least, moonshot) in promised.items():
            rival = shape.find(key)
            if rival is not None and rival.first:
                what = f"first use: {key} from plain text / ours from a zip"
                values = ratios(rival.first, zipped.first)
                bars.append(Bar(what, values, least, moonshot, True))
    return bars


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
