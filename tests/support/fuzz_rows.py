"""Read damaged lines by a compiled parser, and compare all rows with a plain loop.

This runs as a separate process, in which a sanitizer can watch the parser: ``python
fuzz_rows.py _rows.so 0 300`` reads the lines of the seeds 0 to 299. The first failure
ends the process.
"""

import ctypes
import sys
from importlib.machinery import ExtensionFileLoader
from importlib.util import module_from_spec, spec_from_file_location
from random import Random
from types import ModuleType

from plain_parser import make_lines, parse_line


def load_module(path: str) -> ModuleType:
    """Import a compiled parser from anywhere."""
    spec = spec_from_file_location("_rows", path)
    assert spec is not None and isinstance(spec.loader, ExtensionFileLoader)
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def check(module: ModuleType, lines: bytes, dimension: int, guessed: bool) -> int:
    """Return how many rows were read; fail if one differs from the plain loop's."""
    # Bytes have a zero byte behind them; this has nothing, so that reading on is seen.
    buffer = (ctypes.c_char * len(lines)).from_buffer_copy(lines)
    tokens, numbers, left = module.read_rows(buffer, dimension, guessed)
    rows = [parse_line(line, dimension) for line in lines.split(b"\n")[:-1]]
    assert len(tokens) == len(rows) or (
        left[-1] == len(tokens) - 1 and not rows[left[-1]]
    )
    read = sorted({*range(len(tokens))}.difference(left))
    for i in read:
        begin = 4 * dimension * i
        found = tokens[i], bytes(numbers[begin : begin + 4 * dimension])
        assert found == rows[i], (lines, i, found, rows[i])
    return len(read)


def main(path: str, first: int, count: int) -> None:
    """Check the lines of some seeds; print how many rows were read."""
    module = load_module(path)
    read = 0
    for seed in range(first, first + count):
        random = Random(seed)
        dimension = random.randint(1, 5)
        lines = make_lines(random, dimension)
        # Of another dimension, too: a row then begins and ends at other places.
        for numbers in (dimension, max(dimension + random.choice([-1, 1]), 1)):
            read += check(module, lines, numbers, random.random() < 0.5)
    print(read)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))
