"""Ctrl-C during long work: one line in place of a traceback, if nobody catches it."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from types import TracebackType

_SENTENCE = "_glove_registry_sentence"


@contextmanager
def explaining_interrupts(action: str) -> Iterator[None]:
    """Let an interrupt in the block end a script with the line that it was interrupted.

    Callers see the `KeyboardInterrupt` itself, and an excepthook that somebody has set
    stays.
    """
    try:
        yield
    except KeyboardInterrupt as error:
        setattr(error, _SENTENCE, f"glove_registry: {action}: interrupted")
        if sys.excepthook is sys.__excepthook__:
            sys.excepthook = _show
        raise


def _show(
    kind: type[BaseException], error: BaseException, trace: TracebackType | None
) -> None:
    """Show an exception that ends the process, as Python calls its excepthook."""
    sentence = getattr(error, _SENTENCE, None)
    if sentence is None:
        sys.__excepthook__(kind, error, trace)
    elif sys.stderr is not None:
        print(sentence, file=sys.stderr)
