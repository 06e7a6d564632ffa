"""The form of a registry file as a JSON Schema, by which editors check and complete."""

from typing import Any

from .fields import MAX_ITEMS, MAX_TEXT, SHA256_OF_NOTHING
from .form import FILE, GROUP, GROUP_REVISION, MEMBER, REVISION, VARIANT, Kind, Table
from .names import NAME_PATTERN
from .schemes import SCHEMES
from .variant import FORMATS

_TEXT = {"type": "string", "pattern": r"\S", "maxLength": MAX_TEXT}

_VALUES: dict[Kind, dict[str, Any]] = {
    "text": _TEXT,
    "texts": {
        "type": "array",
        "minItems": 1,
        "maxItems": MAX_ITEMS,
        "items": _TEXT,
    },
    "name": {"$ref": "#/$defs/name"},
    "count": {"type": "integer", "minimum": 1},
    "rows": {"anyOf": [{"type": "integer", "minimum": 1}, {"const": "any"}]},
    "flag": {"type": "boolean"},
    "format": {"enum": list(FORMATS)},
    "sha256": {
        "type": "string",
        "pattern": "^[0-9a-fA-F]{64}$",
        "not": {"const": SHA256_OF_NOTHING},
    },
    "url": {"type": "string", "pattern": rf"^({'|'.join(SCHEMES)}):\S+$"},
    "sources": {
        "type": "array",
        "minItems": 1,
        "maxItems": MAX_ITEMS,
        "items": {"$ref": "#/$defs/source"},
    },
    "member": {"anyOf": [_TEXT, {"$ref": "#/$defs/member"}]},
    "revisions": {"$ref": "#/$defs/revisions"},
    "group revisions": {"$ref": "#/$defs/groupRevisions"},
}


def make_json_schema() -> dict[str, Any]:
    """Give the schema (draft 2020-12) as values that JSON can hold.

    It holds a file against all that a schema can say; what fields mean together, such
    as a group that is not there, is seen by glove_registry alone.
    """
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "A registry of glove_registry",
        "type": "object",
        "properties": {
            "variants": _by_name({"$ref": "#/$defs/variant"}),
            "groups": _by_name({"$ref": "#/$defs/group"}),
        },
        "required": ["variants"],
        "additionalProperties": False,
        "$defs": {
            "name": {"type": "string", "pattern": f"^{NAME_PATTERN}$"},
            "variant": {
                **_table(VARIANT),
                "anyOf": [
                    {"required": [place]}
                    for place in ("url", "sources", "revisions", "group")
                ],
            },
            "group": _table(GROUP),
            "source": {**_table(FILE), "required": ["url"]},
            "member": _table(MEMBER),
            "revisions": _by_name(_table(REVISION)),
            "groupRevisions": _by_name(_table(GROUP_REVISION)),
        },
    }


def _table(table: Table) -> dict[str, Any]:
    schema: dict[str, Any] = {
        "type": "object",
        "properties": {
            field.name: {"description": field.meaning, **_VALUES[field.kind]}
            for field in table
        },
        "additionalProperties": False,
    }
    if any(field.name == "sources" for field in table):
        schema["not"] = {"required": ["url", "sources"]}
    return schema


def _by_name(value: dict[str, Any]) -> dict[str, Any]:
    return {
        "type": "object",
        "minProperties": 1,
        "propertyNames": {"$ref": "#/$defs/name"},
        "additionalProperties": value,
    }
