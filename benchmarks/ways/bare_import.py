"""Import this package and nothing else."""

import glove_registry  # noqa: F401 - to be imported is all that it is asked for
