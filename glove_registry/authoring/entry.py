"""An entry as text: the one way in which this package writes what it has found out."""

from collections.abc import Mapping
from typing import TypeAlias

import yaml

from .examine import Content, Findings

Fields: TypeAlias = "Mapping[str, str | int | bool | Fields]"
"""The fields of an entry in the order in which they are written."""


def make_fields(
    url: str, findings: Findings, content: Content, *, override: bool
) -> Fields:
    """Say what was found out in the fields of an entry.

    Parameters
    ----------
    url : str
        Where the file is.
    findings : Findings
        About the file.
    content : Content
        About the vectors in it.
    override : bool
        Whether the entry is to replace one of a registry below.
    """
    fields: dict[str, str | int | bool | Fields] = {}
    if override:
        fields["override"] = True
    fields |= {"url": url, "sha256": findings.sha256, "bytes": findings.bytes}
    if findings.container is not None:
        # Of a plain file the text is the file itself: nothing is said twice.
        name = {} if content.member is None else {"name": content.member}
        fields["member"] = {
            **name,
            "sha256": content.sha256,
            "bytes": content.bytes,
        }
    fields |= {
        "dimension": content.dimension,
        "rows": content.rows,
        "cased": content.cased,
        "format": content.format,
    }
    return fields


def write_registry(entries: Mapping[str, Fields]) -> str:
    """Write a registry file of some entries."""
    blocks = ["\n".join(write_entry(*entry)) + "\n" for entry in entries.items()]
    return "variants:\n" + "\n".join(blocks)


def write_entry(name: str, fields: Fields, indent: int = 2, step: int = 2) -> list[str]:
    """Write an entry in lines without their ends.

    Parameters
    ----------
    name : str
        Of the variant.
    fields : Fields
    indent : int
        Blanks before the name.
    step : int
        Blanks more before what stands below.
    """
    lines = [f"{' ' * indent}{_write(name)}:"]
    for key, value in fields.items():
        if isinstance(value, Mapping):
            lines += write_entry(key, value, indent + step, step)
        else:
            lines.append(f"{' ' * (indent + step)}{key}: {_write(value)}")
    return lines


def _write(value: str | int | bool) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    # In quotes where YAML would read anything else than this text, also a YAML that
    # guesses types; a member's name can hold whatever a stranger wrote.
    for style in (None, '"'):
        written: str = yaml.safe_dump(
            value,
            default_style=style,
            allow_unicode=value.isprintable(),
            width=1 << 30,
        )
        written = written.removesuffix("\n").removesuffix("\n...")
        if "\n" not in written:
            break
    return written
