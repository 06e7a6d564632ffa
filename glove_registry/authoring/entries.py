"""Entries as text, and how they are added to a registry file.

Every byte of the file stays as it is. A YAML parser finds the place for the entries;
the result is parsed to check that they, and everything else, mean what they should.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias, cast

import yaml

from ..errors import RegistryError
from ..registry import strict_yaml
from ..registry.reader import read_registry
from .examine import Content, Examination

Fields: TypeAlias = "Mapping[str, str | int | bool | Fields]"
"""The fields of an entry in the order in which they are written."""

_Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

# Lines as a YAML 1.1 parser counts them.
_LINE = re.compile(r"[^\n\r\x85\u2028\u2029]*(?:\r\n|[\n\r\x85\u2028\u2029]|\Z)")

_LINE_END = re.compile(r"[\n\r\x85\u2028\u2029]\Z")

_STEP = 2


# -- entries as text ---------------------------------------------------------------


def make_fields(
    place: Mapping[str, str],
    examination: Examination,
    content: Content,
    *,
    prefix: str | None,
    override: bool,
) -> Fields:
    """Return the fields of an entry, which may `override` one of a lower registry.

    `place` has its url, and credentials if they are needed.
    """
    fields: dict[str, str | int | bool | Fields] = {}
    if override:
        fields["override"] = True
    fields |= {**place, "sha256": examination.sha256, "bytes": examination.bytes}
    if examination.container is not None:  # else the file is the text
        name = {} if content.member is None else {"name": content.member}
        fields["member"] = {
            **name,
            "sha256": content.sha256,
            "bytes": content.bytes,
        }
    fields |= {
        "dimension": content.dimension,
        **({"rows": content.rows, "cased": content.cased} if content.rows else {}),
        "format": content.format,
    }
    if content.tokenizer is not None:
        fields["tokenizer"] = content.tokenizer
    if prefix is not None:
        fields["prefix"] = prefix
    return fields


def write_registry(entries: Mapping[str, Fields]) -> str:
    """Return a registry file with some entries."""
    blocks = ["\n".join(write_entry(*entry)) + "\n" for entry in entries.items()]
    return "variants:\n" + "\n".join(blocks)


def write_entry(name: str, fields: Fields, indent: int = 2, step: int = 2) -> list[str]:
    """Return an entry as lines without their ends, its fields `step` spaces deeper."""
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
    # Quoted where any YAML parser would read something else; a member's name may hold
    # whatever a stranger wrote.
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


# -- adding entries ----------------------------------------------------------------


def add_entries(text: str, entries: Mapping[str, Fields], path: Path) -> str:
    """Return the text of a registry file with entries after those that it has.

    The text may be empty, or have nothing below ``variants:`` yet. Errors name `path`,
    beside which relative ``file:`` URLs start. Raises `RegistryError` if the file or
    the new entries have faults, or if nothing can be added to a file written in this
    way.
    """
    lines = [line for line in _LINE.findall(text) if line]
    before: Any = {}
    root = None
    if not all(_is_empty(line) or _is_comment(line) for line in lines):
        before = _read_meaning(text)
        if not isinstance(before, dict):
            read_registry(text, path)  # raises what is wrong with it
            raise RegistryError(f"{path}: expected `variants:`")
        root = _compose(text, path)
    new = _read_meaning(write_registry(entries))["variants"]
    after = {**before, "variants": {**(before.get("variants") or {}), **new}}
    for place in _find_places(lines, root):
        added = place.fill(lines, entries)
        if _read_meaning(added) == after:
            read_registry(added, path)
            return added
    raise RegistryError(
        f"{path}: an entry after its last line would change its meaning: end its last "
        "line, or add the entry by hand"
    )


def find_lines(text: str) -> dict[str, int]:
    """Return the line of each variant in a registry file, by its name in lower case."""
    try:
        root = strict_yaml.parse_yaml(text, strict_yaml.Document())
    except strict_yaml.NotYAML:
        return {}
    variants = isinstance(root, strict_yaml.Mapping) and root.items.get("variants")
    if not isinstance(variants, strict_yaml.Mapping):
        return {}
    return {name.lower(): place.line for name, place in variants.keys.items()}


def _compose(text: str, path: Path) -> yaml.MappingNode:
    """Parse a file into nodes that know where they end."""
    root: Any = yaml.compose(text, _Loader)
    variants = _get_variants(root)
    for node in (root, variants):
        if isinstance(node, yaml.MappingNode) and node.flow_style:
            raise RegistryError(
                f"{path}:{node.start_mark.line + 1}: the entries are in braces, to "
                "which no lines can be added: write the file without braces"
            )
    # Without an entry it is not a registry yet.
    if not _is_to_come(variants):
        read_registry(text, path)
    return cast(yaml.MappingNode, root)


def _get_variants(root: yaml.MappingNode) -> Any:
    return next((value for key, value in root.value if key.value == "variants"), None)


def _is_to_come(variants: yaml.Node | None) -> bool:
    if isinstance(variants, yaml.ScalarNode):
        return not variants.value and not variants.style
    return variants is None


def _read_meaning(text: str) -> Any:
    """Parse a text as a registry, without positions."""
    try:
        return _strip(strict_yaml.parse_yaml(text, strict_yaml.Document()))
    except strict_yaml.NotYAML:
        return None


def _strip(node: strict_yaml.Node) -> Any:
    if isinstance(node, strict_yaml.Mapping):
        return {key: _strip(value) for key, value in node.items.items()}
    if isinstance(node, strict_yaml.Sequence):
        return [_strip(item) for item in node.items]
    return (node.text, node.plain) if node.text else None


@dataclass(frozen=True, slots=True)
class _Place:
    """A place for entries in a file, and their layout there."""

    line: int  # number of lines before them
    indent: int  # spaces before a name
    step: int  # more of them before what is below it
    top: list[str]  # lines above the first entry
    gap: list[str]  # lines between two entries

    def fill(self, lines: list[str], entries: Mapping[str, Fields]) -> str:
        """Return the text with entries there."""
        end = "\r\n" if any(line.endswith("\r\n") for line in lines) else "\n"
        before, behind = lines[: self.line], lines[self.line :]
        if before and _LINE_END.search(before[-1]) is None:
            before[-1] += end
        new = list(self.top)
        if new[:1] == [""] and (not before or _is_empty(before[-1])):
            new.pop(0)
        for i, (name, fields) in enumerate(entries.items()):
            new += self.gap if i else []
            new += write_entry(name, fields, self.indent, self.step)
        return "".join([*before, *(line + end for line in new), *behind])


def _find_places(lines: list[str], root: yaml.MappingNode | None) -> Iterator[_Place]:
    """Find places for entries, the one that looks best first."""
    if root is None:
        yield _Place(len(lines), _STEP, _STEP, ["", "variants:"], [""])
        return
    variants = _get_variants(root)
    left: int = root.start_mark.column
    last: yaml.Node = root
    indent, step, top, gap = left + _STEP, _STEP, ["", " " * left + "variants:"], [""]
    if variants is not None:
        last, top = variants, []
    if isinstance(variants, yaml.MappingNode):
        names = [name for name, _ in variants.value]
        indent, step = names[0].start_mark.column, _measure_step(variants)
        if len(names) > 1 and not _is_empty(_get_line_above(lines, names[-1])):
            gap = []
        top = gap
    end = _find_end(last)
    behind_text = end
    while behind_text and _is_empty(lines[behind_text - 1]):
        behind_text -= 1
    # Empty lines after a text in several lines may be part of it.
    for line, above in ((behind_text, top), (end, top), (end, top[1:])):
        line = _skip_comments(lines, line, left if variants is None else indent)
        yield _Place(line, indent, step, above, gap)


def _measure_step(variants: yaml.MappingNode) -> int:
    """Return how much more than its name the fields of the last entry are indented."""
    name, fields = variants.value[-1]
    if not isinstance(fields, yaml.MappingNode) or fields.flow_style:
        return _STEP
    step: int = fields.start_mark.column - name.start_mark.column
    return step


def _find_end(node: yaml.Node) -> int:
    """Return the number of lines up to the last one of a node."""
    while isinstance(node, yaml.CollectionNode) and not node.flow_style:
        last = node.value[-1]
        node = last[1] if isinstance(last, tuple) else last
    mark = node.end_mark
    # A text in several lines ends where the next line begins.
    end: int = mark.line + (mark.column > 0)
    return end


def _skip_comments(lines: list[str], line: int, indent: int) -> int:
    """Return the line after comments that are indented like what is above them."""
    for i in range(line, len(lines)):
        if _is_empty(lines[i]):
            continue
        if not _is_comment(lines[i]) or lines[i].index("#") < indent:
            break
        line = i + 1
    return line


def _get_line_above(lines: list[str], node: yaml.Node) -> str:
    """Return the line above a name and its comments."""
    i: int = node.start_mark.line - 1
    while _is_comment(lines[i]):
        i -= 1
    return lines[i]


def _is_empty(line: str) -> bool:
    return not line.strip("\ufeff").strip()


def _is_comment(line: str) -> bool:
    return line.strip("\ufeff").lstrip().startswith("#")
