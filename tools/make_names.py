"""Write the names of the built-in variants as a type, by which editors complete them.

python tools/make_names.py
"""

from pathlib import Path

from glove_registry import Registry
from glove_registry.registry.files import builtin_path

MODULE = Path(__file__).parents[1] / "glove_registry/registry/variant_names.py"


def make_module() -> str:
    """Return the text of the module."""
    names = Registry.from_file(builtin_path())
    lines = "".join(f'    "{name}",\n' for name in names)
    return f'''"""Names of the built-in variants, written by ``tools/make_names.py``."""

from typing import Literal, TypeAlias

VariantName: TypeAlias = Literal[
{lines}]
"""A name that editors complete; any other one of a registry is a ``str``."""
'''


if __name__ == "__main__":
    MODULE.write_text(make_module(), encoding="utf-8")
