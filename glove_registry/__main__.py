"""``python -m glove_registry`` is the same as ``glove-registry``."""

from .cli import main

if __name__ == "__main__":
    raise SystemExit(main())
