"""An entry goes into the text of a registry file, and nothing else there changes."""

from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from glove_registry.authoring.entries import add_entries, find_lines, write_entry
from glove_registry.errors import RegistryError
from glove_registry.registry.reader import read_registry

A = "a" * 64
PATH = Path("/somewhere/registry.yaml")
NEW: dict[str, Any] = {
    "url": "https://example.org/new.txt.gz",
    "sha256": "b" * 64,
    "bytes": 1234,
    "member": {"sha256": "c" * 64, "bytes": 4321},
    "dimension": 50,
    "rows": 400000,
    "cased": False,
    "format": "glove",
}
OLD = f"variants:\n  old:\n    url: https://example.org/old.txt\n    sha256: {A}\n"

# The text of a file before and after, where FIELDS stands for those of the new entry.
LAYOUTS = {
    "nothing": ("", "variants:\n  new:\nFIELDS"),
    "comments alone": ("# ours\n", "# ours\n\nvariants:\n  new:\nFIELDS"),
    "no line end": ("# ours", "# ours\n\nvariants:\n  new:\nFIELDS"),
    "variants to come": ("variants:\n", "variants:\n  new:\nFIELDS"),
    "variants to come, groups after": (
        "variants: # none yet\n  # for ours\n\ngroups:\n  g:\n    license: x\n",
        "variants: # none yet\n  # for ours\n  new:\nFIELDS\n"
        "groups:\n  g:\n    license: x\n",
    ),
    "groups alone": (
        "groups:\n  g:\n    license: x\n",
        "groups:\n  g:\n    license: x\n\nvariants:\n  new:\nFIELDS",
    ),
    "one entry": (OLD, OLD + "\n  new:\nFIELDS"),
    "no line end at the end": (OLD.removesuffix("\n"), OLD + "\n  new:\nFIELDS"),
    "empty lines at the end": (OLD + "\n\n", OLD + "\n  new:\nFIELDS\n\n"),
    "entries without empty lines": (
        OLD + OLD.removeprefix("variants:\n").replace("old", "older"),
        OLD
        + OLD.removeprefix("variants:\n").replace("old", "older")
        + "  new:\nFIELDS",
    ),
    "comments behind": (
        OLD + "    # checked by hand\n\n  # the next one\n# the end\n",
        OLD + "    # checked by hand\n\n  # the next one\n\n  new:\nFIELDS# the end\n",
    ),
    "groups behind": (
        OLD + "\n# shared\ngroups:\n  g:\n    license: x\n",
        OLD + "\n  new:\nFIELDS\n# shared\ngroups:\n  g:\n    license: x\n",
    ),
    "a text in lines at the end": (
        OLD + "    citation: |\n      # a\n\n      b\n\n# the end\n",
        OLD + "    citation: |\n      # a\n\n      b\n\n  new:\nFIELDS\n# the end\n",
    ),
    "a text that keeps its empty lines": (
        OLD + "    citation: |+\n      a\n\n\n# the end\n",
        OLD + "    citation: |+\n      a\n\n\n  new:\nFIELDS# the end\n",
    ),
    "marks of a document": (
        f"---\n{OLD}...\n# bye\n",
        f"---\n{OLD}\n  new:\nFIELDS...\n# bye\n",
    ),
    "an entry in braces": (
        "variants:\n  old: {url: 'https://e.org/a',\n    sha256: " + A + "} # x\n",
        "variants:\n  old: {url: 'https://e.org/a',\n    sha256: " + A + "} # x\n"
        "\n  new:\nFIELDS",
    ),
    "a byte-order mark": ("\ufeff" + OLD, "\ufeff" + OLD + "\n  new:\nFIELDS"),
    "other ends of lines": (
        "# a\u2028# b\x85" + OLD + "# c\u2029",
        "# a\u2028# b\x85" + OLD + "\n  new:\nFIELDS# c\u2029",
    ),
    "a byte-order mark alone": ("\ufeff", "\ufeff\nvariants:\n  new:\nFIELDS"),
    "a name in quotes": (
        OLD.replace("old:", '"old":').replace("variants:", "'variants':"),
        OLD.replace("old:", '"old":').replace("variants:", "'variants':")
        + "\n  new:\nFIELDS",
    ),
}


def fill(text: str, indent: int = 4, step: int = 2) -> str:
    """Put the lines of the new entry's fields where FIELDS stands."""
    lines = []
    for key, value in NEW.items():
        if isinstance(value, dict):
            lines.append(f"{' ' * indent}{key}:\n")
            lines += [f"{' ' * (indent + step)}{k}: {v}\n" for k, v in value.items()]
        else:
            shown = "false" if value is False else value
            lines.append(f"{' ' * indent}{key}: {shown}\n")
    return text.replace("FIELDS", "".join(lines))


@pytest.mark.parametrize("layout", LAYOUTS)
def test_an_entry_looks_as_if_written_by_hand(layout: str) -> None:
    """It stands behind the last one, before what does not belong to that."""
    before, after = LAYOUTS[layout]
    assert add_entries(before, {"new": NEW}, PATH) == fill(after)


@pytest.mark.parametrize("layout", LAYOUTS)
def test_line_ends_stay_what_they_are(layout: str) -> None:
    """A file of CRLF lines gets an entry of CRLF lines."""
    before, after = (text.replace("\n", "\r\n") for text in LAYOUTS[layout])
    if "\r\n" in before:
        added = add_entries(before, {"new": NEW}, PATH)
        assert added == fill(after.replace("\r\n", "\n")).replace("\n", "\r\n")


def test_an_entry_is_indented_as_those_before_it() -> None:
    """Blanks are taken from the last entry, whatever their number."""
    before = (
        "   variants:\n"
        "        old:\n"
        "           url: https://example.org/old.txt\n"
        f"           sha256: {A}\n"
    )
    after = before + "\n        new:\nFIELDS"
    assert add_entries(before, {"new": NEW}, PATH) == fill(after, 11, 3)


def test_several_entries_go_in_together() -> None:
    """Entries of one call stand in their order, an empty line between them."""
    added = add_entries(OLD, {"new": NEW, "newer": NEW}, PATH)
    assert added == fill(OLD + "\n  new:\nFIELDS\n  newer:\nFIELDS")
    lines = find_lines(added)
    assert lines["newer"] == 1 + added.splitlines().index("  newer:")
    assert lines["new"] == 1 + added.splitlines().index("  new:")
    assert set(lines) == {"old", "new", "newer"}


REFUSED = {
    "braces around all": ("{variants: {a: {url: 'https://e.org/a'}}}", ":1: .*braces"),
    "braces around the entries": (
        f"variants: {{a: {{url: 'https://e.org/a', sha256: {A}}}}}\n",
        ":1: .*braces",
    ),
    "empty braces": ("groups:\n  g: {cased: true}\nvariants: {}\n", ":3: .*braces"),
    "a text in lines without a line end": (
        OLD + "    citation: |\n      a",
        "end its last line",
    ),
    "tabs": (OLD.replace("    url", "\turl"), ":3:1: .*tab"),
    "a list": ("- a\n", ":1:1: expected a table"),
    "a word": ("hello\n", ":1:1: .*found 'hello'"),
    "only a mark": ("---\n", "found nothing"),
    "variants a word": ("variants: none\n", ":1:11: .*found 'none'"),
    "variants a list": ("variants: []\n", ":1:11: .*found a list"),
    "variants nothing in quotes": ("variants: ''\n", ":1:11: .*found nothing"),
    "two documents": (OLD + "---\n" + OLD, "second document"),
    "too deep": ("variants: " + "[" * 5000, "nested deeper than"),
    "too deep, and closed": ("variants: " + "[{" * 900 + "}]" * 900, "nested deeper"),
    "too deep, by lines": ("variants:\n" + " [\n" * 5000, "nested deeper than"),
    "an anchor where there is no entry": ("groups: &g\n  g: {cased: true}\n", "anchor"),
    "an anchor": (OLD.replace("old:\n", "old: &a\n"), "an anchor"),
    "a fault of its own": (OLD + "    dimension: many\n", ":5:16: dimension"),
    "a fault below groups alone": (
        "groups:\n  g:\n    x: 1\n",
        ":3:5: unknown field 'x'",
    ),
    "a name of its own twice": (OLD + OLD.removeprefix("variants:\n"), "duplicate key"),
    "a name that differs in case": (OLD.replace("old:", "NEW:"), "differ only in case"),
    "a control character": (OLD + "# \x07\n", "not valid YAML"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_cannot_be_edited_is_refused(case: str) -> None:
    """The sentence names the file, and the line where there is one."""
    text, sentence = REFUSED[case]
    with pytest.raises(RegistryError, match=sentence) as caught:
        add_entries(text, {"new": NEW}, PATH)
    assert str(PATH) in str(caught.value)


NASTY = [
    "plain.txt",
    "with blank.txt",
    "- # & * ! | > ' \" % @ ` { } [ ] ,: ?.txt",
    "ends with a colon:",
    " blanks around ",
    "null",
    "~",
    "true",
    "0x1F",
    "2024-01-01",
    "1e3",
    "é 漢 🙂.txt",
    "\x00\x07\x1b[31m\x7f\x85\u2028\ufeff",
    "two\nlines",
    "two\nlines\r\n",
    "a" * 5000 + " " + "b" * 5000,
]


@pytest.mark.parametrize("name", NASTY, ids=range(len(NASTY)))
def test_a_strangers_text_is_read_as_it_was(name: str) -> None:
    """Whatever a member is called, two readers find that name in one line."""
    fields = {**NEW, "member": {"name": name, "bytes": 5}}
    added = add_entries(OLD, {"new": fields}, PATH)
    assert read_registry(added, PATH)["new"].variants[0].member.name == name
    assert yaml.safe_load(added)["variants"]["new"] == fields
    assert not any("\n" in line for line in write_entry("new", fields))


# -- any file -----------------------------------------------------------------------

# Without what PyYAML takes for a number or a date and then cannot read, such as 0x_.
NAMES = st.from_regex(r"[a-z][a-z0-9_-]{0,8}|[0-9]{1,4}", fullmatch=True).filter(
    lambda name: name not in ("new", "con", "prn", "aux", "nul")
)
COMMENT = st.text("ab #:-|'\"{}\té", max_size=12).map(lambda text: f"#{text}")
LINES = st.lists(
    st.text("ab #:-|'\"{}é", min_size=1, max_size=9), min_size=1, max_size=3
)


@st.composite
def scalars(draw: st.DrawFn, indent: int) -> str:
    """Write a text of one or several lines in one of the ways there are."""
    way = draw(st.sampled_from(["plain", "'", '"', "|", "|-", "|+", ">"]))
    if way == "plain":
        return draw(st.sampled_from(["MIT", "a b", "a:b", "a #b"]))
    lines = draw(LINES)
    if way in "'\"":
        text = " ".join(lines).replace("\\", "")
        return way + text.replace(way, "''" if way == "'" else '\\"') + "x" + way
    empty = draw(st.integers(0, 2)) * "\n"
    return f"{way}\n" + "\n".join(f"{' ' * indent}x{line}" for line in lines) + empty


@st.composite
def registries(draw: st.DrawFn) -> str:
    """Write a registry file in one of the ways people write them."""
    step = draw(st.integers(1, 4))
    names = draw(st.lists(NAMES, min_size=1, max_size=4, unique=True))

    def between() -> list[str]:
        """Draw comments and empty lines, indented in any way."""
        return draw(
            st.lists(
                st.one_of(
                    st.sampled_from(["", "  "]),
                    st.tuples(st.integers(0, 9), COMMENT).map(
                        lambda pair: " " * pair[0] + pair[1]
                    ),
                ),
                max_size=3,
            )
        )

    def entry(name: str) -> list[str]:
        if draw(st.booleans()) and draw(st.booleans()):
            return [f"{' ' * step}{name}: {{url: 'https://e.org/{name}', sha256: {A}}}"]
        pad = " " * 2 * step
        lines = [f"{' ' * step}{name}:", f"{pad}url: https://e.org/{name} # x"]
        lines += [*between(), f"{pad}sha256: {A}"]
        for field in ("license", "citation"):
            if draw(st.booleans()):
                lines.append(f"{pad}{field}: {draw(scalars(3 * step))}")
        return lines

    def variants() -> list[str]:
        return [
            "variants:",
            *(line for name in names for line in [*between(), *entry(name)]),
            *between(),
        ]

    parts = [variants()]
    if draw(st.booleans()):
        groups = ["groups:", "  g:", f"    corpus: {draw(scalars(6))}", *between()]
        parts.insert(draw(st.integers(0, 1)), groups)
    lines = [*between(), *(line for part in parts for line in part)]
    text = "\n".join(lines) + draw(st.sampled_from(["", "\n", "\n\n"]))
    if draw(st.booleans()) and draw(st.booleans()) and text.endswith("\n"):
        text = "---\n" + text + "...\n"
    if draw(st.booleans()):
        text = text.replace("\n", "\r\n")
    return draw(st.sampled_from(["", "", "\ufeff"])) + text


@given(registries(), st.integers(1, 3))
@settings(max_examples=70, deadline=None, database=None)
def test_any_registry_takes_an_entry(text: str, count: int) -> None:
    """Every old line and meaning stays, in order; the new entries are as given."""
    known = list(read_registry(text, PATH))
    before = yaml.safe_load(text)
    new: dict[str, Any] = {f"new.{i}": NEW for i in range(count)}
    is_cut = not text.rstrip(" ").endswith("\n")
    is_last = text.find("groups:") < text.find("variants:")
    if is_cut and is_last and yaml.safe_load(text + "\n") != before:
        # The file ends in a text in several lines, to which a line end would belong.
        with pytest.raises(RegistryError, match="end its last line"):
            add_entries(text, new, PATH)
        return

    added = add_entries(text, new, PATH)
    after = yaml.safe_load(added)
    assert list(after["variants"]) == [*before["variants"], *new]
    assert {name: after["variants"].pop(name) for name in new} == new
    assert after == before
    # The old text stands around the new one, in two pieces.
    pairs = enumerate(zip(text, added, strict=False))
    shared = next((i for i, (old, new) in pairs if old != new), len(text))
    assert added.endswith(text[shared:])
    assert list(read_registry(added, PATH)) == [*known, *new]
