"""Python and numpy alone: no way to a numpy matrix is faster."""

import numpy  # noqa: F401 - to be imported is all that it is asked for
