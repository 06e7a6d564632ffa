"""One kind of progress bar, drawn on a terminal and nowhere else."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tqdm import tqdm


def open_bar(action: str, progress: bool | None) -> "tqdm[Any]":
    """Open a progress bar that counts bytes.

    Parameters
    ----------
    action : str
        What is going on, such as ``"compile glove.6B.50d"``.
    progress : bool or None
        Whether to draw it; None: on a terminal only.
    """
    # Only cold loads draw anything; the warm path does not pay for the import.
    from tqdm import tqdm

    bar: tqdm[Any] = tqdm(
        desc=action,
        unit="B",
        unit_scale=True,
        disable=None if progress is None else not progress,
        dynamic_ncols=True,
    )
    return bar
