"""Change the code in one small way at a time, and see whether a test fails.

``python tests/support/mutants.py lookup store`` mutates two rooms and prints what
survived; ``--only 'matrix.py:.* _fill'`` does so with the mutants whose line matches,
``--sample 250`` with so many of each room, chosen at random but always the same.

The changes are those of cosmic-ray, and one more that removes statements. Its own
runner starts Python and pytest for each of them. Here each is a fork of a process that
has imported all but the package, its module is changed in memory alone, and it runs
only the tests that reach the changed line.
"""

import argparse
import ast
import difflib
import gc
import hashlib
import importlib.util
import json
import os
import re
import resource
import signal
import sys
import tempfile
import threading
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from functools import cached_property, partial
from importlib.machinery import ModuleSpec, SourceFileLoader
from itertools import chain, repeat
from pathlib import Path
from typing import Any

import hypothesis
import parso
import pytest
from cosmic_ray.ast import ast_nodes, get_ast
from cosmic_ray.mutating import mutate_code
from cosmic_ray.operators.operator import Operator
from cosmic_ray.operators.provider import OperatorProvider

CHECKOUT = Path(__file__).resolve().parents[2]
PACKAGE = CHECKOUT / "glove_registry"

# What is mutated, and the tests that see it in one process.
ROOMS = {
    "formats": (
        "formats/*.py",
        [
            "formats",
            "test_open_file.py",
            "test_subwords.py",
            "test_prefix.py",
            "text/test_tokenizer_of_a_release.py",
        ],
    ),
    "archives": (
        "download/archives/*.py",
        [
            "download/archives",
            "download/http/test_remote_zip.py",
            "formats/test_damaged_tars.py",
            "formats/test_odd_files.py",
        ],
    ),
    "lookup": (
        "lookup/*.py",
        [
            "lookup",
            "analysis/test_similar.py",
            "frameworks/keras/test_misses.py",
            "test_combine.py",
            "test_subwords.py",
            "test_vectors.py",
            "text/test_weights.py",
        ],
    ),
    "store": (
        "store/*.py",
        [
            "store",
            "cache",
            # Not test_number_types.py, which imports Keras.
            "cli/test_cli.py",
            "test_combine.py",
            "test_embedder.py",
            "test_load.py",
            "test_open_file.py",
            "test_subwords.py",
            "test_vectors.py",
            "download/test_offline.py",
            "formats/test_fasttext.py",
            "formats/test_floret.py",
        ],
    ),
    "verified": ("download/verified.py", ["download/test_verified.py"]),
    "download": (
        "download/*.py",
        [
            "download/test_*.py",
            "authoring/test_add_url.py",
            "formats/test_damaged_files.py",
            "formats/test_odd_files.py",
            "registry/test_named_by_url.py",
            "store/test_prune.py",
            "store/test_whole_digest.py",
            "test_open_file.py",
        ],
    ),
    "http": (
        "download/http/*.py",
        [
            "download/http",
            "download/test_answers.py",
            "download/test_credentials.py",
            "download/test_next_run.py",
            "download/test_progress_of_downloads.py",
        ],
    ),
}

# Tests that need them are left out: importing these takes longer than all the others.
FRAMEWORKS = {"tensorflow", "keras", "torch", "jax"}
# But not where vocabularies are read, as most of them are those of frameworks.
WITH_FRAMEWORKS = {"lookup"}

# Of cosmic-ray's operators those that a slip can be. The others of their kind (+ turned
# into >>, < into `is`) nearly all fail at once, and would only swell the score.
OPERATORS = re.compile(
    "AddNot|Replace(True|False|And|Or|Break|Continue)With.*|NumberReplacer"
    "|ExceptionReplacer|ZeroIterationForLoop|ReplaceUnaryOperator_(Delete_.*|USub_UAdd)"
    "|ReplaceBinaryOperator_(Add_Sub|Sub_Add|Mul_FloorDiv|FloorDiv_Mul|Mod_Mul|Pow_Mul"
    "|LShift_RShift|RShift_LShift|BitAnd_BitOr|BitOr_BitAnd)"
    "|ReplaceComparisonOperator_(Lt_LtE|LtE_Lt|Gt_GtE|GtE_Gt|Lt_GtE|GtE_Lt|Gt_LtE|LtE_Gt"
    "|Eq_NotEq|NotEq_Eq|Is_IsNot|IsNot_Is)"
)

# Lines that no test of behaviour can tell from others.
IGNORED = re.compile(
    # What types and dataclasses are made of: read by type checkers, or at import.
    r"@|if TYPE_CHECKING|(from|import) |def .*: \.\.\.$"
    # How much is worked on at a time: any number gives the same result, and tests of
    # the borders set it themselves.
    r"|(_PIECE|_LARGE_PIECE|CHUNK|_STEP|_?BLOCK_BYTES|READ_SIZE|_WORKERS|_THREADS"
    r"|_HEAD_BYTES|_MOST_CODES|_MAPPED|_IN_MEMORY|_FLUSHED|AHEAD|(self\._)?step"
    r"|_FEW_ROWS, _MANY_ROWS) = |return max\(1, _BLOCK_BYTES|self, step: "
    # What the system is told to read soon: pages come earlier or later, with the same
    # bytes.
    r"|self\._announce"
    # What nothing but a mistake in the code itself would raise.
    r"|raise AssertionError"
)

SECONDS = 5  # for a test of a mutant, beyond what it takes without
MEMORY = 8 << 30


class RemoveStatement(Operator):  # type: ignore[misc]
    """Put ``pass`` in the place of a statement.

    But not of an assignment to a plain name, without which nothing goes on, nor of a
    last `return None`, which Python would do by itself.
    """

    _kept = re.compile(r"(import|pass|break|continue|global|nonlocal)_?|strings?$")
    _assigned = re.compile(r"[\w, ]+(: [^=]+)? = ")

    def mutation_positions(self, node: Any) -> Iterator[tuple[Any, Any]]:
        """Yield the place of a statement."""
        if node.type == "simple_stmt":
            code = node.get_code(include_prefix=False)
            kept = self._kept.match(node.children[0].type) or self._kept.match(code)
            if not (kept or self._assigned.match(code) or self._ends(node, code)):
                yield node.start_pos, node.end_pos

    @staticmethod
    def _ends(node: Any, code: str) -> bool:
        if code.strip() != "return None" or node.get_next_sibling():
            return False
        return bool(node.parent.parent.type == "funcdef")

    def mutate(self, node: Any, index: int) -> Any:
        """Return what stands there now."""
        return parso.parse(f"{node.get_first_leaf().prefix}pass\n").children[0]

    @classmethod
    def examples(cls) -> tuple[()]:
        """Return none."""
        return ()


@dataclass(frozen=True)
class Mutant:
    """One change of one module."""

    path: Path
    operator: str
    occurrence: int
    line: int
    nth: int  # of its operator in the line

    @property
    def module(self) -> str:
        """Name of the module."""
        name = ".".join(self.path.relative_to(CHECKOUT).with_suffix("").parts)
        return name.removesuffix(".__init__")

    @property
    def lot(self) -> str:
        """Its place in the order of samples, whatever changes elsewhere."""
        line = self.path.read_text(encoding="utf-8").splitlines()[self.line - 1]
        nth = f"{self.operator} {self.nth} {line}"
        return hashlib.sha256(f"{self.module} {nth}".encode()).hexdigest()

    @cached_property
    def source(self) -> str:
        """The module with the change."""
        code = self.path.read_text(encoding="utf-8")
        changed: str = mutate_code(code, make_operator(self.operator), self.occurrence)
        return changed

    def describe(self) -> str:
        """Return the lines that differ, for people."""
        lines = self.path.read_text(encoding="utf-8").splitlines()
        changes = difflib.unified_diff(
            lines, self.source.splitlines(), n=0, lineterm=""
        )
        return "\n".join(f"  {line}" for line in [*changes][3:])


def make_operator(name: str) -> Operator:
    """Make one of cosmic-ray's operators, or the one from here."""
    own = name == RemoveStatement.__name__
    return RemoveStatement() if own else OperatorProvider()[name]()


class Outline:
    """Which lines of a module make a statement, and in which function.

    Attributes
    ----------
    lines : dict of int to range
        Of each line in a function, the lines of its statement; of one that holds
        others, those before them.
    functions : dict of int to str
    types : list of tuple
        Where annotations begin and end.
    """

    def __init__(self, source: str) -> None:
        self.lines: dict[int, range] = {}
        self.functions: dict[int, str] = {}
        self.types: list[tuple[tuple[int, int], tuple[int, int]]] = []
        self._walk(ast.parse(source), "")

    def _walk(self, node: ast.AST, function: str) -> None:
        for field in ("annotation", "returns"):
            if (of := getattr(node, field, None)) is not None:
                end = of.end_lineno, of.end_col_offset
                self.types.append(((of.lineno, of.col_offset), end))
        for child in ast.iter_child_nodes(node):
            inner = function
            if isinstance(child, ast.FunctionDef):
                inner = f"{function}.{child.name}".lstrip(".")
            elif function and isinstance(child, ast.stmt | ast.ExceptHandler):
                below = [
                    one.lineno
                    for one in ast.iter_child_nodes(child)
                    if isinstance(one, ast.stmt | ast.ExceptHandler)
                ]
                last = min(below, default=(child.end_lineno or 0) + 1)
                header = range(child.lineno, max(last, child.lineno + 1))
                self.lines.update(dict.fromkeys(header, header))
                self.functions.update(dict.fromkeys(header, function))
            self._walk(child, inner)

    def holds_type(self, place: tuple[int, int]) -> bool:
        """Return whether a place is in an annotation."""
        return any(begin <= place < end for begin, end in self.types)


def list_mutants(path: Path, outline: Outline) -> Iterator[Mutant]:
    """List the mutants of a module."""
    source = path.read_text(encoding="utf-8")
    lines = source.splitlines()
    nodes = [*ast_nodes(get_ast(source))]
    names = [name for name in OperatorProvider() if OPERATORS.fullmatch(name)]
    for name in [*names, RemoveStatement.__name__]:
        operator = make_operator(name)
        places = (at for node in nodes for at, _ in operator.mutation_positions(node))
        in_line = Counter[int]()
        for occurrence, (line, column) in enumerate(places):
            in_line[line] += 1
            ignored = IGNORED.match(lines[line - 1].strip())
            if not ignored and not outline.holds_type((line, column)):
                yield Mutant(path, name, occurrence, line, in_line[line])


# -- in a process of its own --------------------------------------------------------


class NoFrameworks:
    """Refuses to import the frameworks, as if they were not installed.

    None in `sys.modules` would do so, too, but scipy takes what is there for a module.
    """

    @staticmethod
    def find_spec(name: str, *_: object) -> None:
        """Raise ImportError for a framework, and leave all else to other finders."""
        if name in FRAMEWORKS:
            raise ModuleNotFoundError(f"{name} is left out")


class Mutated(SourceFileLoader):
    """Finds one module, changed."""

    def __init__(self, mutant: Mutant) -> None:
        super().__init__(mutant.module, str(mutant.path))
        self._code = compile(mutant.source, mutant.path, "exec")

    def find_spec(
        self, name: str, path: object, target: object = None, /
    ) -> ModuleSpec | None:
        """Return the spec of this module, and of no other."""
        if name != self.name:
            return None
        return importlib.util.spec_from_file_location(name, self.path, loader=self)

    def get_code(self, _: str) -> Any:
        """Return the changed code."""
        return self._code


class Tracer:
    """Sees which lines of some files each test reaches, and how long it takes."""

    def __init__(self, files: Iterable[Path]) -> None:
        self._files = set(map(str, files))
        self._seen: set[tuple[str, int]] = set()
        self.tests: dict[str, tuple[float, list[tuple[str, int]]]] = {}
        self.failed: set[str] = set()

    def _enter(self, frame: Any, event: str, arg: object) -> Any:
        return self._step if frame.f_code.co_filename in self._files else None

    def _step(self, frame: Any, event: str, arg: object) -> Any:
        self._seen.add((frame.f_code.co_filename, frame.f_lineno))
        return self._step

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Iterator[None]:
        """Follow a test with its fixtures."""
        self._seen = set()
        begin = time.monotonic()
        threading.settrace(self._enter)
        sys.settrace(self._enter)
        try:
            return (yield)
        finally:
            sys.settrace(None)
            threading.settrace(None)
            self.tests[item.nodeid] = time.monotonic() - begin, sorted(self._seen)

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        """Note which modules of tests cannot be imported."""
        if report.failed:
            self.failed.add(report.nodeid)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Note which tests do not pass."""
        if report.failed:
            self.failed.add(report.nodeid)


class Selection:
    """Leaves some tests only, in the order given; one that fails ends the process.

    At once, as Python would take longer to end than most tests take. One that hangs
    does the same.
    """

    def __init__(self, seconds: dict[str, float], killer: Path) -> None:
        self._seconds = seconds
        self._order = {name: i for i, name in enumerate(seconds)}
        self._killer = killer

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        """Choose and sort."""
        chosen = [item for item in items if item.nodeid in self._order]
        items[:] = sorted(chosen, key=lambda item: self._order[item.nodeid])

    def pytest_runtest_logstart(self, nodeid: str) -> None:
        """Have a signal come if the test takes many times what it usually does."""
        self._killer.write_text(nodeid, encoding="utf-8")
        signal.setitimer(signal.ITIMER_REAL, SECONDS + 5 * self._seconds[nodeid])

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """End at the first test that fails."""
        if report.failed:
            os._exit(1)

    def pytest_sessionfinish(self, exitstatus: int) -> None:
        """End where all tests pass, or cannot even be collected."""
        os._exit(exitstatus)


def run_pytest(arguments: Iterable[str], *plugins: object) -> int:
    """Run quick tests in this process."""
    options = ["-q", "-m", "not slow", "--tb", "no", "-p", "no:cacheprovider"]
    options += ["--rootdir", str(CHECKOUT), "--hypothesis-profile", "mutants"]
    # hypothesis is imported here before pytest could rewrite it.
    options += ["-W", "ignore::pytest.PytestAssertRewriteWarning"]
    return int(pytest.main([*options, *arguments], plugins=[*plugins]))


def trace(files: list[Path], paths: list[str], report: Path) -> int:
    """Run all tests, and write down which lines those that pass reach."""
    tracer = Tracer(files)
    run_pytest([*paths, "--continue-on-collection-errors"], tracer)
    passed = {k: v for k, v in tracer.tests.items() if k not in tracer.failed}
    report.write_text(json.dumps([passed, sorted(tracer.failed)]), encoding="utf-8")
    return 0


def run_mutant(mutant: Mutant, seconds: dict[str, float], killer: Path) -> int:
    """Run tests with a changed module, up to the first that fails."""
    signal.alarm(60)  # until the first one begins
    sys.meta_path.insert(0, Mutated(mutant))
    files = dict.fromkeys(test.partition("::")[0] for test in seconds)
    return run_pytest(files, Selection(seconds, killer))


def fork(work: Callable[[], int]) -> int:
    """Do some work in a fork of this process, and return its exit code."""
    child = os.fork()
    if not child:
        code = 1
        try:
            resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
            nothing = os.open(os.devnull, os.O_RDWR)
            os.dup2(nothing, 1)
            os.dup2(nothing, 2)
            code = work()
        finally:
            os._exit(code)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


# -- all of it ----------------------------------------------------------------------


def import_all_but_the_package(paths: list[str]) -> None:
    """Import what the tests need, and forget what is of this project."""
    hypothesis.settings.register_profile(
        "mutants",
        database=None,
        deadline=None,
        derandomize=True,
        max_examples=30,
        phases=[hypothesis.Phase.explicit, hypothesis.Phase.generate],
        suppress_health_check=[*hypothesis.HealthCheck],
    )
    with (
        Path(os.devnull).open("w", encoding="utf-8") as nothing,
        redirect_stdout(nothing),
        redirect_stderr(nothing),
    ):
        run_pytest([*paths, "--collect-only", "--continue-on-collection-errors"])
    for name, module in [*sys.modules.items()]:
        file = getattr(module, "__file__", None) or ""
        if name != "__main__" and Path(file).is_relative_to(CHECKOUT):
            del sys.modules[name]
    gc.freeze()  # what is here already need not be gone through in each fork


class Tests:
    """The tests of a room: which lines each reaches, how long it takes, what it kills.

    Parameters
    ----------
    files : list of Path
        What is mutated.
    paths : list of str
        Where the tests are.
    folder : Path
        For what forks have to tell.
    """

    def __init__(self, files: list[Path], paths: list[str], folder: Path) -> None:
        report = folder / "report"
        if fork(partial(trace, files, paths, report)) != 0:
            sys.exit("the tests end the process without any change")
        tests, failed = json.loads(report.read_text(encoding="utf-8"))
        for one in failed:
            print(f"left out, as it fails without any change: {one}")
        self.seconds: dict[str, float] = {one: took for one, (took, _) in tests.items()}
        self._killed = Counter[str]()
        self._killer = folder / "killer"
        self._reached: dict[str, dict[int, set[str]]] = {
            str(path): defaultdict(set) for path in files
        }
        for one, (_, places) in tests.items():
            for name, line in places:
                self._reached[name][line].add(one)

    def choose(self, path: Path, lines: range) -> dict[str, float]:
        """Return the tests that reach some lines: all tests if there are none.

        What is in no function is done at import. The likeliest killers come first:
        those that are quick and have killed many.
        """
        reached = self._reached[str(path)]
        chosen = set[str]().union(*map(reached.get, lines, repeat(())))
        if not lines:
            chosen = {*self.seconds}
        order = sorted(
            chosen, key=lambda one: self.seconds[one] / (1 + self._killed[one])
        )
        return {one: self.seconds[one] for one in order}

    def kill(self, mutant: Mutant, chosen: dict[str, float]) -> bool:
        """Return whether any of some tests fails with a change."""
        self._killer.write_text("", encoding="utf-8")
        if not chosen or fork(partial(run_mutant, mutant, chosen, self._killer)) == 0:
            return False
        self._killed[self._killer.read_text(encoding="utf-8")] += 1
        return True


def mutate_room(room: str, only: re.Pattern[str], sample: int | None) -> None:
    """Mutate a room, and print what survived."""
    pattern, names = ROOMS[room]
    files = sorted(PACKAGE.glob(pattern))
    found = chain.from_iterable(map(CHECKOUT.joinpath("tests").glob, names))
    paths = sorted(str(path.relative_to(CHECKOUT)) for path in found)
    if room not in WITH_FRAMEWORKS:
        sys.meta_path.insert(0, NoFrameworks())
    import_all_but_the_package(paths)
    begin = time.monotonic()
    outlines = {path: Outline(path.read_text(encoding="utf-8")) for path in files}

    def name(mutant: Mutant) -> str:
        function = outlines[mutant.path].functions.get(mutant.line, "-")
        return f"{mutant.path.relative_to(PACKAGE)}:{mutant.line} {function}"

    every = chain.from_iterable(list_mutants(*item) for item in outlines.items())
    mutants = [mutant for mutant in every if only.search(name(mutant))]
    mutants = sorted(mutants, key=lambda mutant: mutant.lot)[:sample]
    killed = 0
    with tempfile.TemporaryDirectory() as folder:
        tests = Tests(files, paths, Path(folder))
        print(f"{room}: {len(tests.seconds)} tests", flush=True)
        for mutant in sorted(mutants, key=lambda mutant: (mutant.path, mutant.line)):
            lines = outlines[mutant.path].lines.get(mutant.line, range(0))
            chosen = tests.choose(mutant.path, lines)
            if tests.kill(mutant, chosen):
                killed += 1
                continue
            print(f"{name(mutant)} survived {len(chosen)} tests ({mutant.operator})")
            print(mutant.describe(), flush=True)
    share = killed / max(len(mutants), 1)
    took = time.monotonic() - begin
    print(f"{room}: {killed} of {len(mutants)} killed ({share:.1%}) in {took:.0f} s")


def main() -> None:
    """Mutate the rooms that are named."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("rooms", nargs="+", choices=ROOMS)
    parser.add_argument("--only", default="", help="a regular expression of lines")
    parser.add_argument("--sample", type=int, help="how many of each room")
    options = parser.parse_args()
    os.chdir(CHECKOUT)
    sys.path[:0] = [str(CHECKOUT), str(CHECKOUT / "tests")]
    # Those first that import more: once frameworks are refused, they stay refused.
    for room in sorted(options.rooms, key=lambda room: room not in WITH_FRAMEWORKS):
        mutate_room(room, re.compile(options.only), options.sample)


if __name__ == "__main__":
    main()
