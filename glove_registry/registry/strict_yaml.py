"""A small strict subset of YAML in which every value knows its line and column.

There are mappings, sequences and text, but no tags, anchors, aliases, second documents
or duplicate keys. Types are not guessed, so a country code ``no`` stays text and a
checksum of only digits stays a checksum: the kind of the field decides.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeAlias

import yaml

from ..messages.printable import shorten

# libyaml where the wheel has it: the same events several times faster.
_Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

# A registry is a table of entries. Anything that nests deeper or is larger could make
# the parser run out of stack or memory. 4 MB hold 20,000 entries of 15 events, read in
# 3 s; without a limit, events of two characters each would take five times as long.
MAX_DEPTH = 12
MAX_CHARACTERS = 4_000_000
MAX_EVENTS = 500_000

# What the parser takes for the beginning of a line. It compares each of these
# directives with all before it, which takes seconds for some ten thousands.
_TAG_DIRECTIVE = re.compile(r"(?:\A|[\n\r\x85\u2028\u2029])\ufeff*(%TAG)")

# Nobody corrects more at a time, and a sentence may quote a value of any size.
MAX_FAULTS = 50
MAX_SENTENCE = 500


@dataclass(frozen=True, slots=True, order=True)
class Position:
    """Where a value stands in its file; both count from 1."""

    line: int
    column: int

    def __str__(self) -> str:
        return f"{self.line}:{self.column}"


@dataclass(frozen=True, slots=True)
class Fault:
    """One error in a file, and its position."""

    position: Position
    sentence: str


@dataclass(frozen=True, slots=True)
class Scalar:
    """Text as written; `plain` if it stood without quotes."""

    position: Position
    text: str
    plain: bool


@dataclass(frozen=True, slots=True)
class Sequence:
    """A list of values."""

    position: Position
    items: tuple["Node", ...]


@dataclass(frozen=True, slots=True)
class Mapping:
    """Values by key, in the file's order; `keys` has the positions of the keys."""

    position: Position
    items: dict[str, "Node"] = field(default_factory=dict)
    keys: dict[str, Position] = field(default_factory=dict)


Node: TypeAlias = Scalar | Sequence | Mapping


class NotYAML(Exception):
    """Reading stopped here; carries the fault that stopped it."""

    def __init__(self, position: Position, sentence: str) -> None:
        super().__init__(sentence)
        self.fault = Fault(position, shorten(sentence, MAX_SENTENCE))


class Document:
    """A registry file that is being read, with the faults found so far.

    `place` is its path, or its URL if it was named by one. Relative URLs start beside
    it; without a place, they are faults.
    """

    def __init__(self, place: Path | str | None = None) -> None:
        self.place = place
        self.faults: list[Fault] = []

    def add_fault(self, position: Position, sentence: str) -> None:
        """Add a fault, or raise `NotYAML` if there are too many."""
        if len(self.faults) == MAX_FAULTS:
            raise NotYAML(
                position,
                f"reading stopped after {MAX_FAULTS} faults: correct these first",
            )
        self.faults.append(Fault(position, shorten(sentence, MAX_SENTENCE)))


def parse_yaml(text: str, document: Document) -> Node:
    """Parse `text` into nodes.

    Duplicate keys are faults of `document` and reading goes on, so that one run shows
    all of them. Raises `NotYAML` at a syntax error, at a part of YAML that is refused
    here, and if there are too many faults.
    """
    if len(text) > MAX_CHARACTERS:
        raise NotYAML(
            Position(1, 1),
            f"the file has {len(text):,} characters; a registry has at most "
            f"{MAX_CHARACTERS:,}: split it",
        )
    if directive := _TAG_DIRECTIVE.search(text):
        raise NotYAML(
            _end(text[: directive.start(1)]),
            "a directive (%TAG): remove it, values are plain text",
        )
    return _Builder(text, document).document()


class _Builder:
    """Turns the parser's events into nodes."""

    def __init__(self, text: str, document: Document) -> None:
        self._events = _events(text)
        self._document = document

    def document(self) -> Node:
        next(self._events)  # the stream starts
        start = next(self._events)
        if isinstance(start, yaml.StreamEndEvent):
            raise NotYAML(Position(1, 1), "the file is empty: expected `variants:`")
        root = self._node(next(self._events), depth=1)
        next(self._events)  # the document ends
        following = next(self._events)
        if not isinstance(following, yaml.StreamEndEvent):
            raise NotYAML(
                _position(following), "a second document starts here; expected one"
            )
        return root

    def _node(self, event: yaml.Event, depth: int) -> Node:
        position = _position(event)
        if isinstance(event, yaml.AliasEvent):
            raise NotYAML(position, "an alias (*): write out the value instead")
        if getattr(event, "anchor", None):
            raise NotYAML(position, "an anchor (&): write shared fields in a group")
        if tag := getattr(event, "tag", None):
            raise NotYAML(position, f"a tag ({tag}): remove it, values are plain text")
        if depth > MAX_DEPTH:
            raise _too_deep(position)
        if isinstance(event, yaml.ScalarEvent):
            return Scalar(position, event.value, plain=not event.style)
        if isinstance(event, yaml.SequenceStartEvent):
            return Sequence(position, tuple(self._items(depth)))
        return self._mapping(position, depth)

    def _items(self, depth: int) -> Iterator[Node]:
        while not isinstance(event := next(self._events), yaml.SequenceEndEvent):
            yield self._node(event, depth + 1)

    def _mapping(self, position: Position, depth: int) -> Mapping:
        mapping = Mapping(position)
        while not isinstance(event := next(self._events), yaml.MappingEndEvent):
            key = self._node(event, depth + 1)
            if not isinstance(key, Scalar):
                raise NotYAML(
                    key.position, "a key must be one word of text, not a list or table"
                )
            value = self._node(next(self._events), depth + 1)
            if key.text in mapping.keys:
                first = mapping.keys[key.text]
                self._document.add_fault(
                    key.position,
                    f"duplicate key {key.text!r}, first on line {first.line}: "
                    "remove one",
                )
                continue
            mapping.keys[key.text] = key.position
            mapping.items[key.text] = value
        return mapping


def _events(text: str) -> Iterator[yaml.Event]:
    try:
        for count, event in enumerate(yaml.parse(text, Loader=_Loader)):
            if count == MAX_EVENTS:
                raise NotYAML(
                    _position(event),
                    f"more than {MAX_EVENTS:,} keys, values, lists and tables in one "
                    "file: split it",
                )
            yield event
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        if mark and (deep := _find_too_deep(text[: mark.index])):
            raise _too_deep(deep) from None
        sentence = f"not valid YAML: {error.problem or error.context}"
        position = Position(mark.line + 1, mark.column + 1) if mark else Position(1, 1)
        lines = text.splitlines()
        if mark and mark.line < len(lines) and "\t" in lines[mark.line]:
            sentence += ": this line contains a tab, replace it by spaces"
        raise NotYAML(position, sentence) from None
    except yaml.YAMLError as error:
        # A character that YAML forbids: the error has an offset, or only a text.
        offset = getattr(error, "position", None)
        before = text[:offset] if isinstance(offset, int) else ""
        reason = str(error).splitlines()[0]
        raise NotYAML(_end(before), f"not valid YAML: {reason}") from None


def _too_deep(position: Position) -> NotYAML:
    return NotYAML(
        position, f"nested deeper than {MAX_DEPTH} levels: a registry has fewer"
    )


def _find_too_deep(text: str) -> Position | None:
    """Return where the open brackets of `text` nest too deep, if they do.

    The parser looks up to 1,024 characters ahead for the colon that makes a list a key.
    Newer releases refuse what nests deep there, before `_Builder` sees those events and
    counts their depth.
    """
    depth = 0
    for bracket in re.finditer(r"[][{}]", text):
        depth = depth + 1 if bracket[0] in "[{" else max(depth - 1, 0)
        if depth > MAX_DEPTH:
            return _end(text[: bracket.start()])
    return None


def _end(text: str) -> Position:
    """Return the position after `text`."""
    return Position(text.count("\n") + 1, len(text) - text.rfind("\n"))


def _position(event: yaml.Event) -> Position:
    mark = event.start_mark
    return Position(mark.line + 1, mark.column + 1) if mark else Position(1, 1)
