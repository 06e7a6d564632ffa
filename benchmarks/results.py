"""The results, as plain values that JSON can hold."""

import json
import platform
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from os import cpu_count, sysconf
from pathlib import Path
from statistics import median

from measure import Run


@dataclass
class Row:
    """One contender on one shape.

    Attributes
    ----------
    key, title : str
    keeps : bool
        Whether the first use saves something for later ones.
    failure : str
        Why it was excluded; empty if it was not.
    first, later, cold : list of Run
        Round by round; shorter if it takes no part in slow rounds. `cold` are later
        uses whose saved files were not in the page cache.
    cached : list of float
        Share of these files that was in the page cache nevertheless.
    shared : bool
        Whether `later` are the runs of `first`: it saves nothing, and is slow.
    """

    key: str
    title: str
    keeps: bool
    failure: str = ""
    first: list[Run] = field(default_factory=list)
    later: list[Run] = field(default_factory=list)
    cold: list[Run] = field(default_factory=list)
    cached: list[float] = field(default_factory=list)
    shared: bool = False


@dataclass
class LinkResult:
    """First uses of an archive's member over a throttled link.

    Attributes
    ----------
    runs : list of Run
    seconds : float
        What the transfer of the member's compressed bytes takes alone.
    moved : list of float
        Bytes that were sent, relative to those.
    """

    runs: list[Run] = field(default_factory=list)
    seconds: float = 0.0
    moved: list[float] = field(default_factory=list)


@dataclass
class ShapeResult:
    """All contenders on one shape.

    Attributes
    ----------
    name : str
    rows, dimension : int
    text_mb : float
    contenders : list of Row
    load_first, load_again : list of float
        Milliseconds of `load()`: the first in a process that has imported numpy, with
        all imports of its own; and the median of ten more.
    link : LinkResult
    """

    name: str
    rows: int
    dimension: int
    text_mb: float
    contenders: list[Row] = field(default_factory=list)
    load_first: list[float] = field(default_factory=list)
    load_again: list[float] = field(default_factory=list)
    link: LinkResult = field(default_factory=LinkResult)

    def find(self, key: str) -> Row | None:
        """Return a contender that was run and did not fail."""
        for row in self.contenders:
            if row.key == key and not row.failure:
                return row
        return None

    def runs(self, key: str, part: str) -> list[Run]:
        """Return the runs of a contender in a part; none if it was not run or fails."""
        row = self.find(key)
        return [] if row is None else list(getattr(row, part))


@dataclass
class Results:
    """The results of one or several runs of the benchmark.

    Attributes
    ----------
    date, python : str
    cores : int
    memory_gb : float
    shapes : list of ShapeResult
    imports : dict of str to list of Run
        Bare python, and with `import glove_registry`.
    heavy : list of str
        Heavy modules that this imports.
    """

    date: str = ""
    python: str = ""
    cores: int = 0
    memory_gb: float = 0.0
    shapes: list[ShapeResult] = field(default_factory=list)
    imports: dict[str, list[Run]] = field(default_factory=dict)
    heavy: list[str] = field(default_factory=list)

    @classmethod
    def here_and_now(cls) -> "Results":
        """Return empty results for this machine."""
        return cls(
            date=datetime.now(UTC).date().isoformat(),
            python=platform.python_version(),
            cores=cpu_count() or 0,
            memory_gb=sysconf("SC_PAGE_SIZE") * sysconf("SC_PHYS_PAGES") / 1e9,
        )

    def find(self, name: str) -> ShapeResult | None:
        """Return the results on a shape, if it was measured."""
        return next((shape for shape in self.shapes if shape.name == name), None)

    def write(self, path: Path) -> None:
        """Write everything as JSON."""
        path.write_text(json.dumps(asdict(self), indent=1), encoding="utf-8")

    @classmethod
    def read(cls, path: Path) -> "Results":
        """Read what `write` wrote."""
        given = json.loads(path.read_text(encoding="utf-8"))
        for shape in given["shapes"]:
            for row in shape["contenders"]:
                for part in ("first", "later", "cold"):
                    row[part] = _read_runs(row[part])
            shape["contenders"] = [Row(**row) for row in shape["contenders"]]
            link = shape["link"]
            shape["link"] = LinkResult(**{**link, "runs": _read_runs(link["runs"])})
        given["shapes"] = [ShapeResult(**shape) for shape in given["shapes"]]
        given["imports"] = {
            name: _read_runs(runs) for name, runs in given["imports"].items()
        }
        return cls(**given)


def _read_runs(given: Sequence[dict[str, float]]) -> list[Run]:
    return [Run(**run) for run in given]  # type: ignore[arg-type]


def ratios(runs: Sequence[Run], base: Sequence[Run]) -> list[float]:
    """Return the ratios of seconds, for each round that both took part in."""
    return [a.seconds / b.seconds for a, b in zip(runs, base, strict=False)]


def middle(runs: Sequence[Run]) -> float:
    """Return the median of the seconds."""
    return median(run.seconds for run in runs)
