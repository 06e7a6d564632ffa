"""The results, as plain values that JSON can hold."""

import json
import platform
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
    first, later : list of Run
        Round by round; shorter if it takes no part in slow rounds.
    shared : bool
        Whether `later` are the runs of `first`: it saves nothing, and is slow.
    """

    key: str
    title: str
    keeps: bool
    failure: str = ""
    first: list[Run] = field(default_factory=list)
    later: list[Run] = field(default_factory=list)
    shared: bool = False


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
    """

    name: str
    rows: int
    dimension: int
    text_mb: float
    contenders: list[Row] = field(default_factory=list)
    load_first: list[float] = field(default_factory=list)
    load_again: list[float] = field(default_factory=list)

    def find(self, key: str) -> Row | None:
        """Return a contender that was run and did not fail."""
        for row in self.contenders:
            if row.key == key and not row.failure:
                return row
        return None


@dataclass
class Results:
    """The results of one run of the benchmark.

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
    link : list of Run
        First uses over the throttled link.
    link_seconds : float
        What the transfer of the bytes alone takes.
    link_moved : list of float
        Bytes that were sent, relative to those of the compressed text.
    """

    date: str = ""
    python: str = ""
    cores: int = 0
    memory_gb: float = 0.0
    shapes: list[ShapeResult] = field(default_factory=list)
    imports: dict[str, list[Run]] = field(default_factory=dict)
    heavy: list[str] = field(default_factory=list)
    link: list[Run] = field(default_factory=list)
    link_seconds: float = 0.0
    link_moved: list[float] = field(default_factory=list)

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
                row["first"] = [Run(**run) for run in row["first"]]
                row["later"] = [Run(**run) for run in row["later"]]
            shape["contenders"] = [Row(**row) for row in shape["contenders"]]
        given["shapes"] = [ShapeResult(**shape) for shape in given["shapes"]]
        given["imports"] = {
            name: [Run(**run) for run in runs]
            for name, runs in given["imports"].items()
        }
        given["link"] = [Run(**run) for run in given["link"]]
        return cls(**given)


def ratios(runs: list[Run], base: list[Run]) -> list[float]:
    """Return the ratios of seconds, for each round that both took part in."""
    return [a.seconds / b.seconds for a, b in zip(runs, base, strict=False)]


def middle(runs: list[Run]) -> float:
    """Return the median of the seconds."""
    return median(run.seconds for run in runs)
