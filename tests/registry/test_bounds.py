"""A registry takes time and memory in proportion to its size, or is refused."""

import sys
import tracemalloc
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

from glove_registry import Registry, errors, info
from glove_registry.errors import RegistryError
from glove_registry.registry import files as registry_module
from glove_registry.registry import strict_yaml
from glove_registry.registry.groups import MAX_CHAIN, MAX_REVISIONS
from glove_registry.registry.kinds import MAX_ITEMS, MAX_TEXT, MAX_URL
from glove_registry.registry.reader import MAX_VARIANTS, read_registry
from glove_registry.registry.strict_yaml import MAX_CHARACTERS, MAX_EVENTS, MAX_FAULTS

PLACE = "{url: https://example.org/a}"


def chain(groups: int, entries: int) -> str:
    """Write groups, each one above the one before, and entries of the lowest."""
    text = "groups:\n" + "".join(
        f"  g{i}: {{group: g{i + 1}}}\n" for i in range(groups - 1)
    )
    text += f"  g{groups - 1}: {{license: MIT}}\nvariants:\n"
    return text + "".join(
        f"  v{i}: {{group: g0, url: 'https://example.org/a'}}\n" for i in range(entries)
    )


def refuse(text: str) -> str:
    """Read a registry that is refused; give the message."""
    with pytest.raises(RegistryError) as caught:
        read_registry(text, None)
    return str(caught.value)


def count_calls(work: Callable[[], object]) -> int:
    """Count the calls of functions: unlike seconds, the same on any machine."""
    calls = 0

    def note(_frame: object, event: str, _argument: object) -> None:
        nonlocal calls
        calls += event in {"call", "c_call"}

    sys.setprofile(note)
    try:
        work()
    finally:
        sys.setprofile(None)
    return calls


def test_a_chain_of_groups_is_followed_once() -> None:
    """Below the longest chain an entry costs no more than below a short one."""

    def count(groups: int, entries: int) -> int:
        text = chain(groups, entries)

        def work() -> None:
            read = read_registry(text, None)
            assert {e.variants[0].license for e in read.values()} == {"MIT"}

        return count_calls(work)

    def count_entries(groups: int) -> int:
        return count(groups, 400) - count(groups, 100)

    count_entries(1)
    assert count_entries(MAX_CHAIN) < 1.2 * count_entries(1)


@pytest.mark.parametrize("groups", [MAX_CHAIN + 1, 3000])
def test_a_longer_chain_is_refused_in_one_sentence(groups: int) -> None:
    """Past the limit there is one fault, however many entries have that group."""
    message = refuse(chain(groups, 3000))
    assert f"more than {MAX_CHAIN} groups above one another" in message
    assert message.count("\n") == 0


def test_a_chain_built_from_its_upper_end_is_as_long() -> None:
    """The limit holds where each entry adds one group to those that are known."""
    text = chain(MAX_CHAIN + 1, 0) + "".join(
        f"  v{i}: {{group: g{i}, url: 'https://example.org/a'}}\n"
        for i in reversed(range(MAX_CHAIN + 1))
    )
    assert refuse(text).count("groups above one another") == 1


def test_groups_that_go_round_are_one_fault() -> None:
    """A circle is named once, and by its own groups alone."""
    text = "groups:\n  a: {group: b}\n  b: {group: c}\n  c: {group: b}\nvariants:\n"
    text += "".join(f"  v{i}: {{group: a, url: 'ftp://h/a'}}\n" for i in range(2000))
    message = refuse(text)
    assert "groups form a circle: b -> c -> b" in message
    assert message.count("\n") == 0


def test_many_faults_are_cut_short() -> None:
    """The first are listed, then it is said that reading stopped."""
    groups = "".join(f"  g{i}: {{license: MIT}}\n" for i in range(3000))
    entries = "".join(f"  v{i}: {{group: h{i}}}\n" for i in range(3000))
    message = refuse(f"groups:\n{groups}variants:\n{entries}")
    lines = message.splitlines()
    assert len(lines) == MAX_FAULTS + 1
    assert "g0, g1, g2, g3, g4 and 2,995 more" in lines[0]
    assert "correct these first" in lines[-1]
    assert len(message) < 20_000


def test_a_key_repeated_without_end_is_cut_short() -> None:
    """So are keys that stand there twice, which are found before anything is read."""
    lines = refuse("variants:\n" + "  a: 1\n" * 100_000).splitlines()
    assert len(lines) == MAX_FAULTS + 1


@pytest.mark.parametrize(
    ("before", "position"),
    [
        ("", "1:1"),
        ("\ufeff", "1:2"),
        ("# comment\n\n", "3:1"),
        ("%YAML 1.2\n", "2:1"),
        ("a: b\n...\n", "3:1"),
        ("#\r", "1:3"),
        ("#\x85", "1:3"),
        ("#\u2028", "1:3"),
    ],
)
def test_tags_are_not_declared(before: str, position: str) -> None:
    """The parser compares each such line with all others: none comes before it."""
    text = f"variants:\n  a: {PLACE}\n"
    message = refuse(f"{before}%TAG !a! b\n---\n{text}")
    assert message.startswith(f"registry:{position}: a directive (%TAG): remove it")


@pytest.mark.parametrize(
    "start", ["%YAML 1.2\n---\n", "# %TAG\n", " #\n%YAML 1.1\n---\n"]
)
def test_a_version_of_yaml_may_be_stated(start: str) -> None:
    """The other directive, and a comment on this one, are as good as before."""
    assert "a" in read_registry(f"{start}variants:\n  a: {PLACE}\n", None)


@pytest.mark.parametrize("text", ["- a\n" * 14, f"[{'a,' * 14}]", f"{{{'a,' * 6}b}}"])
def test_what_is_short_but_many_has_a_limit(
    text: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Past a number of values nothing more is parsed, and at it everything is."""
    monkeypatch.setattr(strict_yaml, "MAX_EVENTS", 20)  # 6 are not values
    document = strict_yaml.Document()
    assert strict_yaml.parse_yaml(text, document).position.line == 1
    monkeypatch.setattr(strict_yaml, "MAX_EVENTS", 19)
    assert "more than 19 keys, values, lists" in refuse(text)


def test_no_catalogue_reaches_the_limit_of_values() -> None:
    """A file like the built-in one is too long before it has too many values."""
    text = registry_module.builtin_path().read_text(encoding="utf-8")
    events = sum(1 for _ in yaml.parse(text, Loader=strict_yaml._Loader))
    assert events / len(text) * MAX_CHARACTERS < MAX_EVENTS / 2


@pytest.mark.parametrize(
    "text",
    [
        "variants:\n  a: {rows: '%s'}\n" % ("9" * 10**6),
        "variants:\n  %s: {url: 'ftp://h/a'}\n" % ("a" * 1000),
        "variants:\n  a: {'%s': 1}\n" % ("x" * 1000),
        "variants:\n  a: {url: 'ftp://h/a', license: '%s'}\n" % ("x" * 10**6),
    ],
    ids=["count", "name", "field", "text"],
)
def test_a_long_value_makes_a_short_sentence(text: str) -> None:
    """A value of any length is quoted in part, and what to do is still said."""
    assert len(refuse(text)) < 700


def test_lists_have_a_limit() -> None:
    """Sources, texts, URLs and revisions are refused past their limits, not at them."""
    start = "variants:\n  a:\n"
    sources = "- {url: 'ftp://h/a', sha256: %s}" % ("1" * 64)
    good = start + "    sources:\n" + f"      {sources}\n" * MAX_ITEMS
    assert len(read_registry(good, None)["a"].variants[0].sources) == MAX_ITEMS
    assert "at most 100 items" in refuse(good + f"      {sources}\n")

    place = "{url: 'ftp://h/a'}"
    revisions = [f"      r{i}: {place}\n" for i in range(MAX_REVISIONS + 1)]
    good = start + "    revisions:\n" + "".join(revisions[:-1])
    assert len(read_registry(good, None)["a"].variants) == MAX_REVISIONS
    assert "at most 100 revisions" in refuse(good + revisions[-1])

    good = start + "    url: ftp://h/a\n    license: " + "x" * MAX_TEXT
    assert len(read_registry(good, None)["a"].variants[0].license or "") == MAX_TEXT
    assert "at most 20,000 characters" in refuse(good + "x")

    good = start + "    url: " + "ftp://h/a".ljust(MAX_URL, "x")
    assert len(read_registry(good, None)["a"].variants[0].sources[0].url) == MAX_URL
    assert "at most 8,192 characters" in refuse(good + "x")


def test_revisions_of_groups_and_entries_share_a_limit() -> None:
    """Revisions that are taken from a group count like the entry's own."""
    revisions = "".join(f"      r{i}: {{url: 'ftp://h/a'}}\n" for i in range(60))
    more = revisions.replace("r", "s").replace("usl", "url")
    text = f"groups:\n  g:\n    revisions:\n{revisions}variants:\n"
    text += f"  a:\n    group: g\n    revisions:\n{more}"
    assert "at most 100 revisions, found 120" in refuse(text)


def test_a_small_file_does_not_stand_for_millions_of_texts() -> None:
    """Entries that take many revisions from a group are read up to a limit of all."""
    revisions = "".join(
        f"      r{i}: {{url: 'ftp://h/a'}}\n" for i in range(MAX_REVISIONS)
    )
    entries = "".join(f"  v{i}: {{group: g}}\n" for i in range(20_000))
    message = refuse(f"groups:\n  g:\n    revisions:\n{revisions}variants:\n{entries}")
    line = 4 + MAX_REVISIONS + MAX_VARIANTS // MAX_REVISIONS
    assert message.startswith(f"registry:{line + 1}:")
    assert "more than 50,000 revisions in one file" in message


def test_a_large_file_is_not_read_to_its_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of a file past the limit no more than the limit comes into memory."""
    path = tmp_path / "registry.yaml"
    with path.open("wb") as file:
        file.truncate(10**9)
    tracemalloc.start()
    with pytest.raises(RegistryError, match=r"more than 4,000,000 bytes.*split it"):
        Registry.from_file(path)
    assert tracemalloc.get_traced_memory()[1] < 40_000_000
    tracemalloc.stop()
    path.write_text(f"variants:\n  a: {PLACE}\n")
    monkeypatch.setattr(registry_module, "MAX_BYTES", path.stat().st_size)
    assert info("a", registry=Registry.from_file(path)).name == "a"


def test_a_long_name_is_answered_at_once() -> None:
    """A name of a million characters is neither compared nor repeated whole."""

    def ask(name: str) -> None:
        with pytest.raises(errors.UnknownVariantError) as caught:
            info(name)
        assert len(str(caught.value)) < 300

    ask("glove")
    assert count_calls(lambda: ask("glove" * 200_000)) < 2 * count_calls(
        lambda: ask("glove" * 20)
    )
