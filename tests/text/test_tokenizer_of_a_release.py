"""Each release knows its tokenizer, however and wherever its vectors were opened."""

import json
import pickle
import subprocess
import sys
from pathlib import Path

import pytest
from entries import SMALL, sha256, write_registry
from old_stores import write_old_store

import glove_registry
from glove_registry.registry import Tokenizer

SAMPLE = "glove.6B.50d-first10k"
TEXT = "Don't!"
TOKENS: dict[Tokenizer, list[str]] = {
    "ptb": ["Do", "n't", "!"],
    "lower-ptb": ["do", "n't", "!"],
    "tweets": ["do", "n't", "!"],
    "words": ["Don't"],
    "whitespace": ["Don't!"],
}
BUILT_IN = {
    "glove.6B.*": "lower-ptb",
    "glove.42B.*": "lower-ptb",
    "glove.2024.*": "lower-ptb",
    "glove.840B.*": "ptb",
    "glove.twitter.*": "tweets",
}


def write_entry(folder: Path, **fields: object) -> Path:
    """Write a registry with the entry "small", whose text is beside it."""
    text = folder / "small.txt"
    text.write_bytes(SMALL)
    url = text.as_uri()
    return write_registry(folder, "small", url=url, sha256=sha256(SMALL), **fields)


@pytest.mark.parametrize("pattern", BUILT_IN)
def test_the_releases_of_glove_have_those_of_their_authors(pattern: str) -> None:
    """Uncased ones are in lower case, and tweets are prepared as published."""
    variants = glove_registry.list_variants(pattern)
    assert {variant.tokenizer for variant in variants} == {BUILT_IN[pattern]}


@pytest.mark.parametrize("name", TOKENS)
def test_an_entry_says_how_its_texts_are_split(name: Tokenizer, tmp_path: Path) -> None:
    """The first load, a later one and a copy in another process split texts alike."""
    registry = write_entry(tmp_path, tokenizer=name)
    assert glove_registry.info("small", registry=registry).tokenizer == name
    for _ in range(2):
        vectors = glove_registry.load("small", registry=registry)
        assert vectors.tokenizer == vectors.provenance["tokenizer"] == name
        assert vectors.tokenize(TEXT) == TOKENS[name]
    code = (
        "import pickle, sys; vectors = pickle.load(sys.stdin.buffer)\n"
        f"print(vectors.tokenizer, vectors.tokenize({TEXT!r}))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        input=pickle.dumps(vectors),
        stdout=subprocess.PIPE,
        check=True,
    )
    assert done.stdout.decode().strip() == f"{name} {TOKENS[name]}"


def test_an_entry_without_the_field_has_the_default(tmp_path: Path) -> None:
    """It is ptb, as the documentation says."""
    vectors = glove_registry.load("small", registry=write_entry(tmp_path))
    assert vectors.tokenizer == "ptb"


def test_a_group_gives_it_to_its_entries(tmp_path: Path) -> None:
    """An entry's own tokenizer comes before that of its group."""
    path = tmp_path / "registry.yaml"
    file = {"group": "g", "url": "https://example.org/v.txt", "sha256": "1" * 64}
    entries = {"a": file, "b": {**file, "tokenizer": "words"}}
    groups = {"g": {"tokenizer": "tweets"}}
    path.write_text(json.dumps({"groups": groups, "variants": entries}))
    assert glove_registry.info("a", registry=path).tokenizer == "tweets"
    assert glove_registry.info("b", registry=path).tokenizer == "words"


def test_the_registry_decides_for_stores_that_exist(
    tmp_path: Path, cache_root: Path
) -> None:
    """A changed entry changes how texts are split, without compiling again."""
    glove_registry.load("small", registry=write_entry(tmp_path))
    (store,) = (cache_root / "stores").iterdir()
    created = store.stat().st_ctime_ns
    for name in ("tweets", "words", "words"):
        registry = write_entry(tmp_path, tokenizer=name)
        assert glove_registry.load("small", registry=registry).tokenizer == name
    assert store.stat().st_ctime_ns == created


def test_a_damaged_record_of_it_is_not_believed(
    tmp_path: Path, cache_root: Path
) -> None:
    """If the file that remembers it says another, the entry is read again."""
    registry = write_entry(tmp_path, tokenizer="words")
    glove_registry.load("small", registry=registry)
    (record,) = (cache_root / "used").iterdir()
    for name in ("tweets", "", None, ["words"]):
        known = json.loads(record.read_text())
        record.write_text(json.dumps({**known, "tokenizer": name}))
        vectors = glove_registry.load("small", registry=registry)
        assert vectors.tokenizer == "words"


def test_stores_of_earlier_versions_get_it_from_the_registry(
    tmp_path: Path, cache_root: Path
) -> None:
    """A store and a record that do not know of tokenizers are used with the entry's."""
    write_old_store(cache_root / "stores", SMALL, name="small")
    registry = write_entry(tmp_path, tokenizer="words")
    (tmp_path / "small.txt").unlink()
    vectors = glove_registry.load("small", registry=registry)
    assert vectors.tokenize(TEXT) == TOKENS["words"]


def test_two_names_of_one_text_have_each_its_own(tmp_path: Path) -> None:
    """The bytes are stored once, and are split as the name that was loaded says."""
    registry = write_entry(tmp_path, tokenizer="words")
    fields = "".join(registry.read_text().splitlines(keepends=True)[2:])
    other = fields.replace('"words"', '"tweets"')
    registry.write_text(f"variants:\n  small:\n{fields}  other:\n{other}")
    for _ in range(2):
        for name, tokenizer in (("small", "words"), ("other", "tweets")):
            vectors = glove_registry.load(name, registry=registry)
            assert vectors.tokenizer == tokenizer


def test_a_file_is_opened_with_it(tmp_path: Path, cache_root: Path) -> None:
    """One store serves all conventions, and the default is ptb."""
    path = tmp_path / "v.txt"
    path.write_bytes(SMALL)
    assert glove_registry.open_file(path).tokenizer == "ptb"
    for name, tokens in TOKENS.items():
        vectors = glove_registry.open_file(path, tokenizer=name)
        assert vectors.tokenize(TEXT) == tokens
    assert len(list((cache_root / "stores").iterdir())) == 1
    with pytest.raises(ValueError, match="tokenizer='nltk': expected one of ptb"):
        glove_registry.open_file(path, tokenizer="nltk")  # type: ignore[arg-type]


def test_vectors_made_of_others_keep_it() -> None:
    """Some words of a release, and several releases, split texts as the first one."""
    vectors = glove_registry.load(SAMPLE)
    own = glove_registry.from_arrays(["a"], [[1.0]], name="own", tokenizer="words")
    assert own.tokenize(TEXT) == TOKENS["words"]
    assert pickle.loads(pickle.dumps(own)).tokenizer == "words"
    assert vectors.subset(["film"]).tokenizer == "lower-ptb"
    assert glove_registry.stack([own, vectors], "concat").tokenizer == "words"
    with pytest.raises(ValueError, match="tokenizer='nltk': expected one of"):
        glove_registry.from_arrays(["a"], [[1.0]], name="own", tokenizer="nltk")  # type: ignore[arg-type]
