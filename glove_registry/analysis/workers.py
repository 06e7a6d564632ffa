"""Call a function for many numbers, on all cores of the processor."""

import os
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import TypeAlias

# Calls a function with each of some numbers, and returns when all are done.
RunAll: TypeAlias = Callable[[Callable[[int], None], Iterable[int]], None]


@contextmanager
def start_workers(count: int) -> Iterator[RunAll]:
    """Start threads for at most `count` calls at a time; one call needs no thread.

    Meanwhile each product of matrices is computed on one core. On several, its threads
    wait for each other at every product, and what is done between the products is done
    on one core.
    """
    if count == 1:
        yield _run_here
        return
    from threadpoolctl import threadpool_limits

    with (
        threadpool_limits(1, "blas"),
        ThreadPoolExecutor(min(count, os.cpu_count() or 1)) as pool,
    ):

        def run(call: Callable[[int], None], numbers: Iterable[int]) -> None:
            for _ in pool.map(call, numbers):
                pass

        yield run


def _run_here(call: Callable[[int], None], numbers: Iterable[int]) -> None:
    for number in numbers:
        call(number)
