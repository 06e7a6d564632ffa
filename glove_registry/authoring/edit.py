"""New entries in the text of a registry file, of which every byte stays as it is.

Where they belong is found with a YAML parser. That they are read as they were meant,
and everything else as before, is seen to on the result.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import yaml

from ..errors import RegistryError
from ..registry import strict_yaml
from ..registry.reader import read_registry
from .entry import Fields, write_entry, write_registry

_Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

# Lines as a YAML 1.1 parser counts them.
_LINE = re.compile(r"[^\n\r\x85\u2028\u2029]*(?:\r\n|[\n\r\x85\u2028\u2029]|\Z)")

_LINE_END = re.compile(r"[\n\r\x85\u2028\u2029]\Z")

_STEP = 2


def add_entries(text: str, entries: Mapping[str, Fields], path: Path) -> str:
    """Add entries behind those that a registry file has.

    Parameters
    ----------
    text : str
        Of the file; it may be empty, or have nothing below ``variants:`` yet.
    entries : mapping of str to Fields
        By the names of the variants.
    path : Path
        The file: named in errors; relative ``file:`` URLs start beside it.

    Returns
    -------
    str
        The new text, which is a registry without a fault.

    Raises
    ------
    RegistryError
        The file has faults, or is written in a way in which nothing can be added to
        it, or the new entries have faults.
    """
    lines = [line for line in _LINE.findall(text) if line]
    before: Any = {}
    root = None
    if not all(_is_empty(line) or _is_comment(line) for line in lines):
        before = _read_meaning(text)
        if not isinstance(before, dict):
            read_registry(text, path)  # says what it is instead
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
        f"{path}: with an entry behind it, what is there would mean something else: "
        "end its last line, or add the entry by hand"
    )


def find_lines(text: str) -> dict[str, int]:
    """Find the line of each variant's name, in lower case, in a registry file."""
    try:
        root = strict_yaml.parse(text, strict_yaml.Faults())
    except strict_yaml.NotYAML:
        return {}
    variants = isinstance(root, strict_yaml.Mapping) and root.items.get("variants")
    if not isinstance(variants, strict_yaml.Mapping):
        return {}
    return {name.lower(): place.line for name, place in variants.keys.items()}


# -- what is there ------------------------------------------------------------------


def _compose(text: str, path: Path) -> yaml.MappingNode:
    """Read the table that a file is into nodes that know where they end."""
    root: Any = yaml.compose(text, _Loader)
    variants = _get_variants(root)
    for node in (root, variants):
        if isinstance(node, yaml.MappingNode) and node.flow_style:
            raise RegistryError(
                f"{path}:{node.start_mark.line + 1}: the entries stand in braces, and "
                "one more would be lines of its own: write the file without braces"
            )
    # What has no entry yet is no registry yet, and becomes one.
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
    """Read a text as a registry is read, without where things stand in it."""
    try:
        return _strip(strict_yaml.parse(text, strict_yaml.Faults()))
    except strict_yaml.NotYAML:
        return None


def _strip(node: strict_yaml.Node) -> Any:
    if isinstance(node, strict_yaml.Mapping):
        return {key: _strip(value) for key, value in node.items.items()}
    if isinstance(node, strict_yaml.Sequence):
        return [_strip(item) for item in node.items]
    return (node.text, node.plain) if node.text else None


# -- where an entry goes ------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Place:
    """Where entries go in a file, and how they look there.

    Attributes
    ----------
    line : int
        How many lines stand before them.
    indent, step : int
        Blanks before a name, and more of them before what is below it.
    top : list of str
        Lines above the first entry.
    gap : list of str
        Lines between two entries.
    """

    line: int
    indent: int
    step: int
    top: list[str]
    gap: list[str]

    def fill(self, lines: list[str], entries: Mapping[str, Fields]) -> str:
        """Put entries there."""
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
    """Find where entries can go, the place that looks best first."""
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
    # Empty lines behind a text in several lines can be a part of it, and would be.
    for line, above in ((behind_text, top), (end, top), (end, top[1:])):
        line = _skip_comments(lines, line, left if variants is None else indent)
        yield _Place(line, indent, step, above, gap)


def _measure_step(variants: yaml.MappingNode) -> int:
    """Say how much more than its name the fields of the last entry are indented."""
    name, fields = variants.value[-1]
    if not isinstance(fields, yaml.MappingNode) or fields.flow_style:
        return _STEP
    step: int = fields.start_mark.column - name.start_mark.column
    return step


def _find_end(node: yaml.Node) -> int:
    """Say how many lines there are up to the last one of a node."""
    while isinstance(node, yaml.CollectionNode) and not node.flow_style:
        last = node.value[-1]
        node = last[1] if isinstance(last, tuple) else last
    mark = node.end_mark
    # The text in several lines ends where the next line begins.
    end: int = mark.line + (mark.column > 0)
    return end


def _skip_comments(lines: list[str], line: int, indent: int) -> int:
    """Pass by comments that are indented as what is above them is."""
    for i in range(line, len(lines)):
        if _is_empty(lines[i]):
            continue
        if not _is_comment(lines[i]) or lines[i].index("#") < indent:
            break
        line = i + 1
    return line


def _get_line_above(lines: list[str], node: yaml.Node) -> str:
    """Give the line above a name and the comments that are on top of it."""
    i: int = node.start_mark.line - 1
    while _is_comment(lines[i]):
        i -= 1
    return lines[i]


def _is_empty(line: str) -> bool:
    return not line.strip("\ufeff").strip()


def _is_comment(line: str) -> bool:
    return line.strip("\ufeff").lstrip().startswith("#")
