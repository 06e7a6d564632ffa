"""Write the reference of a registry's fields from their definition.

    python docs/make_reference.py

It writes registry.schema.json, and the tables between the comments in registry.md.
"""

import json
from pathlib import Path

from glove_registry.registry import fields

DOCS = Path(__file__).parent
SCHEMA = DOCS / "registry.schema.json"
PAGE = DOCS / "registry.md"
BEGIN, END = "<!-- fields -->\n", "<!-- end of fields -->"


def make_schema() -> str:
    """Return the JSON Schema as text."""
    return json.dumps(fields.make_json_schema(), indent=2) + "\n"


def make_page(page: str) -> str:
    """Return the page with new tables of fields."""
    before, _, rest = page.partition(BEGIN)
    _, _, after = rest.partition(END)
    tables = [
        ("An entry of `variants`", fields.VARIANT),
        ("`member`", fields.MEMBER),
        ("An entry of `benchmarks`", fields.BENCHMARK),
        ("`published`", fields.PUBLISHED),
    ]
    text = ""
    for title, table in tables:
        text += f"\n{title}:\n\n| field | value | meaning |\n|---|---|---|\n"
        for name, field in table.items():
            text += f"| `{name}` | {field.kind.label} | {field.meaning} |\n"
    return f"{before}{BEGIN}{text}\n{END}{after}"


if __name__ == "__main__":
    SCHEMA.write_text(make_schema(), encoding="utf-8")
    PAGE.write_text(make_page(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
