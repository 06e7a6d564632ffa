import numpy as np
from numpy.typing import NDArray

def read_rows(
    lines: bytes, dimension: int, guessed: bool
) -> tuple[list[bytes], bytearray | NDArray[np.float32], list[int]]: ...
