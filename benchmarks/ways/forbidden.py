"""Print the heavy modules that `import glove_registry` imports, as JSON."""

import json
import sys

import glove_registry  # noqa: F401 - looked at by what it leaves behind

HEAVY = ("numpy", "keras", "tensorflow", "pooch", "requests", "pyarrow")
print(json.dumps([name for name in HEAVY if name in sys.modules]))
