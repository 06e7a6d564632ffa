"""Write what the documentation says of a registry's fields, from their definition.

    python docs/make_reference.py

It makes registry.schema.json, and the table between the marks in registry.md.
"""

import json
from pathlib import Path

from glove_registry.registry import form
from glove_registry.registry.json_schema import make_json_schema

DOCS = Path(__file__).parent
SCHEMA = DOCS / "registry.schema.json"
PAGE = DOCS / "registry.md"
BEGIN, END = "<!-- fields -->\n", "<!-- end of fields -->"

_SHOWN: dict[str, str] = {
    "text": "text",
    "texts": "list of texts",
    "name": "a name",
    "count": "whole number",
    "rows": "whole number or `any`",
    "flag": "`true` or `false`",
    "format": "`glove`, `word2vec` or `word2vec-binary`",
    "sha256": "64 hexadecimal digits",
    "url": "URL",
    "sources": "list of tables",
    "member": "text or table",
    "revisions": "tables by name",
    "group revisions": "tables by name",
}


def make_schema() -> str:
    """Give the JSON Schema as text."""
    return json.dumps(make_json_schema(), indent=2) + "\n"


def make_page(page: str) -> str:
    """Give the page with its table of fields made anew."""
    before, _, rest = page.partition(BEGIN)
    _, _, after = rest.partition(END)
    tables = [
        ("An entry of `variants`", form.VARIANT),
        ("`member`", form.MEMBER),
    ]
    text = ""
    for title, table in tables:
        text += f"\n{title}:\n\n| field | value | meaning |\n|---|---|---|\n"
        for field in table:
            text += f"| `{field.name}` | {_SHOWN[field.kind]} | {field.meaning} |\n"
    return f"{before}{BEGIN}{text}\n{END}{after}"


if __name__ == "__main__":
    SCHEMA.write_text(make_schema(), encoding="utf-8")
    PAGE.write_text(make_page(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
