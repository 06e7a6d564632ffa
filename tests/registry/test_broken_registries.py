"""A broken registry is refused with the place of every fault and what to write."""

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from glove_registry import Registry
from glove_registry.errors import RegistryError
from glove_registry.registry.reader import read_registry

A = "a" * 64
EMPTY = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"


def one(*lines: str, name: str = "my.vectors") -> str:
    """Write a registry of one entry with the given lines."""
    return f"variants:\n  {name}:\n" + "".join(f"    {line}\n" for line in lines)


GOOD = ("url: https://example.org/v.txt", f"sha256: {A}")


def benchmark(*lines: str, task: str = "similarity") -> str:
    """Write a registry of one benchmark with the given lines."""
    text = one(f"task: {task}", *GOOD, *lines, name="my.pairs")
    return text.replace("variants:", "benchmarks:")


# The text of a file, the place of its fault, words of the sentence.
FAULTS = {
    "empty file": ("", "1:1", "the file is empty"),
    "only a comment": ("# nothing\n", "1:1", "the file is empty"),
    "a list": ("- a\n", "1:1", "expected a table of fields"),
    "plain text": ("hello\n", "1:1", "found 'hello'"),
    "no variants": ("groups:\n  g:\n    license: x\n", "1:1", "expected `variants:`"),
    "variants empty": ("variants:\n", "1:10", "at least one variant"),
    "variants a list": ("variants: [a]\n", "1:11", "found a list"),
    "unknown part": (one(*GOOD) + "extra: 1\n", "5:1", "unknown field 'extra'"),
    "entry empty": ("variants:\n  a:\n", "2:5", "expected a table of fields"),
    "entry without fields": ("variants:\n  a: {}\n", "2:6", "has no source"),
    "entry a text": ("variants:\n  a: b\n", "2:6", "found 'b'"),
    "unknown field": (one(*GOOD, "dimensions: 5"), "5:5", "did you mean 'dimension'"),
    "md5": (one(*GOOD, "md5: abc"), "5:5", "verified only by their sha256"),
    "duplicate field": (one(*GOOD, f"sha256: {A}"), "5:5", "duplicate key 'sha256'"),
    "duplicate entry": (
        one(*GOOD) + f"  my.vectors:\n    {GOOD[0]}\n    {GOOD[1]}\n",
        "5:3",
        "first on line 2",
    ),
    "dimension a word": (one(*GOOD, "dimension: many"), "5:16", "'many'"),
    "dimension zero": (one(*GOOD, "dimension: 0"), "5:16", "above zero"),
    "dimension negative": (one(*GOOD, "dimension: -5"), "5:16", "above zero"),
    "dimension a fraction": (one(*GOOD, "dimension: 5.0"), "5:16", "whole number"),
    "dimension a list": (one(*GOOD, "dimension: [5]"), "5:16", "found a list"),
    "rows other digits": (one(*GOOD, "rows: '٣'"), "5:11", "whole number"),
    "cased yes": (one(*GOOD, "cased: yes"), "5:12", "expected true or false"),
    "cased quoted": (one(*GOOD, 'cased: "true"'), "5:12", "expected true or false"),
    "format unknown": (
        one(*GOOD, "format: no-such-format"),
        "5:13",
        "expected one of glove",
    ),
    "tokenizer unknown": (
        one(*GOOD, "tokenizer: nltk"),
        "5:16",
        "expected one of ptb, lower-ptb, tweets, words, whitespace, found 'nltk'",
    ),
    "language by its name": (one(*GOOD, "language: German"), "5:15", "BCP 47"),
    "language of a locale": (one(*GOOD, "language: de_AT"), "5:15", "found 'de_AT'"),
    "language too long": (
        one(*GOOD, f"language: {'-'.join(['de', *['abcde'] * 20])}"),
        "5:15",
        "BCP 47",
    ),
    "attested by none": (one(*GOOD, "attested: 0"), "5:15", "above zero"),
    "attested without sha256": (
        one(GOOD[0], "attested: 1"),
        "4:5",
        "the sha256 beside it, which is missing",
    ),
    "member attested without sha256": (
        one(*GOOD, "member: {name: a, attested: 1}"),
        "5:23",
        "the sha256 beside it, which is missing",
    ),
    "license empty": (one(*GOOD, "license:"), "5:13", "leave the field out"),
    "sha256 of one": (one(GOOD[0], "sha256: a"), "4:13", "found 1 character"),
    "sha256 short": (one(GOOD[0], "sha256: abc"), "4:13", "found 3 characters"),
    "sha256 an md5": (one(GOOD[0], f"sha256: {'a' * 32}"), "4:13", "an MD5"),
    "sha256 a sha1": (one(GOOD[0], f"sha256: {'a' * 40}"), "4:13", "a SHA-1"),
    "sha256 no hex": (one(GOOD[0], f"sha256: {'g' * 64}"), "4:13", "hexadecimal"),
    "sha256 of nothing": (one(GOOD[0], f"sha256: {EMPTY}"), "4:13", "an empty file"),
    "sha256 of nothing, shouted": (
        one(GOOD[0], f"sha256: {EMPTY.upper()}"),
        "4:13",
        "an empty file",
    ),
    "member's sha256 of nothing": (
        one(*GOOD, f"member: {{name: a, sha256: {EMPTY}}}"),
        "5:31",
        "an empty file",
    ),
    "url above the folder": (one("url: ./../v.txt"), "3:10", "without '..'"),
    "url of an escaped folder above": (one("url: ./%2E%2e/v"), "3:10", "without '..'"),
    "url of a folder beside": (one("url: ./"), "3:10", "expected ./FILE"),
    "url beside, with a query": (one("url: ./v.txt?a=1"), "3:10", "'?' or '#'"),
    "no source": (one("dimension: 5"), "3:5", "has no source"),
    "sha256 without url": (
        one(f"sha256: {A}"),
        "3:5",
        "the file at a url, which is missing",
    ),
    "url and sources": (
        one(*GOOD, "sources: [{url: 'https://example.org/b'}]"),
        "3:5",
        "not both",
    ),
    "sources empty": (one("sources: []"), "3:14", "at least one item"),
    "source a text": (one("sources: [a]"), "3:15", "expected a table of fields"),
    "source without url": (
        one(f"sources: [{{sha256: {A}}}]"),
        "3:15",
        "a source needs a url",
    ),
    "source with a bad url": (one("sources: [{url: a}]"), "3:21", "starts with"),
    "url relative": (
        one("url: a/v.txt"),
        "3:10",
        "package:; or ./a/v.txt for a file beside the registry",
    ),
    "url absolute": (
        one("url: /v.txt"),
        "3:10",
        "package:; for a file on this machine, file:/v.txt",
    ),
    "url javascript": (one("url: javascript:x"), "3:10", "starts with https:"),
    "url no host": (one("url: https:///v.txt"), "3:10", "expected a host"),
    "url with a blank": (one("url: https://e.org/a b"), "3:10", "no blanks"),
    "url bad port": (one("url: https://e.org:x/a"), "3:10", "not a URL"),
    "url with a slash in its password": (
        one("url: https://me:pa/ss@e.org/a"),
        "3:10",
        "not a URL: check its host and port",
    ),
    "url with a token": (one("url: https://e.org/a?token=s"), "3:10", "key or token"),
    "license null": (one(*GOOD, "license: null"), "5:14", "leave the field out"),
    "license ~": (one(*GOOD, "license: ~"), "5:14", "leave the field out"),
    "url with a password": (one("url: https://u:p@e.org/a"), "3:10", "no credentials"),
    "package path climbs": (one("url: package:a/../b"), "3:10", "a file inside"),
    "package without path": (one("url: package:a"), "3:10", "a file inside"),
    "file of another host": (one("url: file://host/a"), "3:10", "on this machine"),
    "mirrors without one hash": (
        one(
            f"sources: [{{url: 'https://a.org/a', sha256: {A}}}, "
            "{url: 'https://b.org/a'}]"
        ),
        "3:5",
        "all sources must have the same sha256",
    ),
    "member a list": (one(*GOOD, "member: [a]"), "5:13", "expected a table of fields"),
    "member unknown field": (one(*GOOD, "member: {md5: a}"), "5:14", "md5"),
    "name climbs": (one(*GOOD, name="../x"), "2:3", "is not a valid name"),
    "name absolute": (one(*GOOD, name="/etc/x"), "2:3", "is not a valid name"),
    "name empty": (one(*GOOD, name='""'), "2:3", "is not a valid name"),
    "name with an at": (one(*GOOD, name="a@b"), "2:3", "is not a valid name"),
    "name with two dots": (one(*GOOD, name="a..b"), "2:3", "is not a valid name"),
    "name ends with a dot": (one(*GOOD, name="a."), "2:3", "is not a valid name"),
    "name too long": (one(*GOOD, name="a" * 101), "2:3", "is not a valid name"),
    "name not ASCII": (one(*GOOD, name="größe"), "2:3", "is not a valid name"),
    "name a device": (one(*GOOD, name="con.txt"), "2:3", "device"),
    "names twins": (
        one(*GOOD) + f"  My.Vectors:\n    {GOOD[0]}\n    {GOOD[1]}\n",
        "5:3",
        "differ only in case",
    ),
    "group unknown": (one(*GOOD, "group: g"), "5:12", "no group 'g'"),
    "groups in a circle": (
        "groups:\n  a: {group: b}\n  b: {group: a}\n" + one(*GOOD, "group: a"),
        "3:14",
        "a -> b -> a",
    ),
    "group with a member": (
        "groups:\n  a: {member: b}\n" + one(*GOOD),
        "2:7",
        "unknown field 'member'",
    ),
    "revisions and member": (
        one(f"revisions: {{r: {{url: 'https://a.org', sha256: {A}}}}}", "member: a"),
        "3:5",
        "must stand in each of them",
    ),
    "revisions empty": (one("revisions: {}"), "3:16", "at least one revision"),
    "revision bad name": (
        one(f"revisions: {{'a b': {{url: 'https://a.org', sha256: {A}}}}}"),
        "3:17",
        "is not a valid name",
    ),
    "override a word": (one(*GOOD, "override: maybe"), "5:15", "true or false"),
    "benchmarks empty": ("benchmarks:\n", "1:12", "at least one benchmark"),
    "benchmark a text": ("benchmarks:\n  b: a\n", "2:6", "found 'a'"),
    "benchmark without task": (
        one(*GOOD).replace("variants:", "benchmarks:"),
        "3:5",
        "has no task",
    ),
    "benchmark without source": (
        "benchmarks:\n  b:\n    task: analogies\n",
        "3:5",
        "has no source",
    ),
    "benchmark without sha256": (
        "benchmarks:\n  b: {task: analogies, url: 'https://a.org/a'}\n",
        "2:6",
        "has no sha256",
    ),
    "benchmark's sources without one hash": (
        "benchmarks:\n  b:\n    task: analogies\n    sources:\n"
        f"    - {{url: 'https://a.org/a', sha256: {A}}}\n"
        f"    - {{url: 'https://a.org/b', sha256: {'b' * 64}}}\n",
        "3:5",
        "all sources must have the same sha256",
    ),
    "benchmark with dimension": (benchmark("dimension: 5"), "6:5", "unknown field"),
    "task unknown": (benchmark(task="novel"), "3:11", "one of analogies, similarity"),
    "columns of another task": (
        benchmark("columns: [1, 2, 3]", task="analogies"),
        "6:5",
        "only for the task similarity",
    ),
    "two columns": (benchmark("columns: [1, 2]"), "6:14", "found 2 items"),
    "column zero": (benchmark("columns: [0, 1, 2]"), "6:14", "above zero"),
    "association without tests": (
        benchmark(task="association"),
        "3:5",
        "has no tests",
    ),
    "test of three sets": (
        benchmark("tests: {t: [a, b, c]}", task="association"),
        "6:16",
        "names of four sets, such as [math, arts, male, female], found 3 items",
    ),
    "test as a table": (
        benchmark("tests: {t: {targets: [a, b]}}", task="association"),
        "6:16",
        "names of four sets, such as [math, arts, male, female], found a table of",
    ),
    "test called total": (
        benchmark("tests: {total: [a, b, c, d]}", task="association"),
        "6:5",
        "'total' is the name of the score of all questions: choose another",
    ),
    "total called total": (
        benchmark("totals: {total: [a]}", task="analogies"),
        "6:5",
        "'total' is the name of the score of all questions: choose another",
    ),
    "published without scores": (
        benchmark("published: [{source: p}]"),
        "6:17",
        "have no scores",
    ),
    "score a word": (
        benchmark("published: [{source: p, scores: {v: {total: high}}}]"),
        "6:49",
        "expected a decimal number like 0.4621, found 'high'",
    ),
    "benchmark and variant": (
        one(*GOOD, name="b") + f"benchmarks:\n  b:\n    task: similarity\n"
        f"    {GOOD[0]}\n    {GOOD[1]}\n",
        "7:5",
        "is also a variant",
    ),
    "anchor": (one("url: &a https://e.org", "license: *a"), "3:10", "an anchor"),
    "alias": ("variants: *a\n", "1:11", "an alias"),
    "tag": (one("url: !!python/name:os.system x"), "3:10", "a tag"),
    "second document": (one(*GOOD) + "---\na: b\n", "5:1", "second document"),
    "key a list": ("? [a]\n: b\n", "1:3", "one word of text"),
    "syntax": ("variants: {a: b\n", "2:1", "not valid YAML"),
    "tab": ("variants:\n\ta: b\n", "2:1", "not valid YAML"),
    "control character": ("variants: \x01\n", "1:11", "not valid YAML"),
    "nested too deep": ("[" * 50 + "]" * 50, "1:13", "nested deeper"),
}


@pytest.mark.parametrize("case", FAULTS)
def test_each_fault_is_placed_and_explained(case: str, tmp_path: Path) -> None:
    """A registry with one fault gives file, line, column and a sentence on it."""
    text, place, words = FAULTS[case]
    path = tmp_path / "registry.yaml"
    path.write_text(text, encoding="utf-8")

    with pytest.raises(RegistryError) as caught:
        Registry.from_file(path)

    message = str(caught.value)
    assert message.startswith(f"{path}:{place}: "), message
    assert words in message
    assert len(message.splitlines()) == 1, "one fault, one line"


def test_all_faults_are_reported_at_once(tmp_path: Path) -> None:
    """A file with three faults gives three lines, in the file's order."""
    path = tmp_path / "registry.yaml"
    path.write_text(one("url: nowhere", "sha256: abc", "colour: red"))

    with pytest.raises(RegistryError) as caught:
        Registry.from_file(path)

    places = [line.removeprefix(f"{path}:") for line in str(caught.value).splitlines()]
    assert [place.split(": ")[0] for place in places] == ["3:10", "4:13", "5:5"]


def test_a_password_is_not_repeated(tmp_path: Path) -> None:
    """The error on a URL with credentials does not show them."""
    path = tmp_path / "registry.yaml"
    path.write_text(one("url: https://me:secret@example.org/a", GOOD[1]))

    with pytest.raises(RegistryError) as caught:
        Registry.from_file(path)

    assert "secret" not in str(caught.value)


@pytest.mark.parametrize("content", [b"variants: \xff\n", None])
def test_an_unreadable_file_is_named(content: bytes | None, tmp_path: Path) -> None:
    """A registry that is missing or is no UTF-8 is named in the error."""
    path = tmp_path / "registry.yaml"
    if content is not None:
        path.write_bytes(content)

    with pytest.raises(RegistryError, match=r"registry\.yaml"):
        Registry.from_file(path)


YAML_PIECES = st.sampled_from(
    (
        *("variants:", "groups:", "revisions:", "url: ", "sha256: ", "member: "),
        *("\n", "\n  ", "\n    ", "- ", ": ", "? ", ",", "---", "%", "#", "|", ">"),
        *("a", "b.c", A, "https://e.org/a", "&a ", "*a", "!!x ", "\t", "'", '"'),
        *("{", "}", "[", "]"),
    )
)


@given(st.text() | st.lists(YAML_PIECES).map("".join))
def test_any_text_is_a_registry_or_an_error_with_a_place(text: str) -> None:
    """No text whatever ends in anything but entries or a RegistryError with lines."""
    try:
        entries = read_registry(text, Path("r.yaml"))
    except RegistryError as error:
        for line in str(error).splitlines():
            assert re.match(r"r\.yaml:[0-9]+:[0-9]+: .", line), line
    else:
        assert entries
