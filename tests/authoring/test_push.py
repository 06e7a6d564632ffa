"""Vectors are published as a folder that stands by itself."""

import json
import os
import shutil
import subprocess
import sys
import tarfile
from pathlib import Path
from typing import Any, get_args

import jsonschema
import numpy as np
import pytest
import yaml
from entries import SMALL, list_files, sha256, write_registry
from plain_rows import SAMPLE, read_sample
from run_program import run_code
from safetensors import safe_open
from safetensors.numpy import load_file

import glove_registry
from glove_registry import Vectors
from glove_registry.analysis import Evaluation
from glove_registry.authoring import add, push, update
from glove_registry.authoring.push import find_vectors
from glove_registry.cli import main
from glove_registry.errors import GloveRegistryError, OutputError, RegistryError
from glove_registry.frameworks.export.writers import FileNumberType
from glove_registry.store.numbers import NumberType

SCHEMA = Path(__file__).parents[2] / "docs" / "registry.schema.json"

# Prints a digest of all words and numbers of a variant, loaded with an empty cache.
LOAD = """
import hashlib, sys, glove_registry
name, registry, cache = sys.argv[1:]
vectors = glove_registry.load(name, registry=registry, cache_dir=cache)
words = "\\n".join(vectors.tokens).encode("utf-8", "surrogateescape")
print(hashlib.sha256(words).hexdigest())
print(hashlib.sha256(vectors.matrix.tobytes()).hexdigest(), vectors.matrix.dtype)
print(vectors.tokenizer, vectors.license)
"""


def run_page(mark: str, folder: Path) -> str:
    """Run a marked block of docs/sharing.md, and return what it prints."""
    page = (SCHEMA.parent / "sharing.md").read_text(encoding="utf-8")
    code = page.partition(f"<!-- {mark} -->\n```bash\n")[2].partition("```")[0]
    assert code.count("\n") == 2
    command = f"{sys.executable} -m glove_registry "
    done = subprocess.run(
        ["bash", "-euc", code.replace("glove-registry ", command)],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(SCHEMA.parents[1])},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def read_front_matter(card: str) -> dict[str, Any]:
    """Read the YAML between the first two lines of hyphens."""
    before, front, _ = card.split("---\n", 2)
    assert not before
    found: dict[str, Any] = yaml.safe_load(front)
    return found


def evaluate_pairs(vectors: Vectors, folder: Path) -> Evaluation:
    """Evaluate vectors on a benchmark of three pairs, ``lab.pairs``."""
    pairs = folder / "pairs.tsv"
    pairs.write_text("film\tmovie\t9\nfilm\tmoon\t1\ngood\tbad\t5\n")
    registry = folder / "pairs.yaml"
    registry.write_text(
        "benchmarks:\n  lab.pairs:\n    task: similarity\n    url: ./pairs.tsv\n"
        f"    sha256: {sha256(pairs.read_bytes())}\n"
    )
    return vectors.evaluate("lab.pairs", registry=registry)


def test_the_folder_alone_gives_the_same_vectors_bit_for_bit(tmp_path: Path) -> None:
    """In a new process with an empty cache, its registry gives all words and numbers.

    Also after the folder has been moved.
    """
    made = push(SAMPLE, tmp_path / "first")
    moved = shutil.move(tmp_path / "first", tmp_path / "second")
    registry = Path(moved) / "registry.yaml"
    printed = run_code(LOAD, made.name, registry, tmp_path / "empty").splitlines()
    words, numbers = read_sample()
    assert printed[0] == sha256(b"\n".join(words))
    assert printed[1] == f"{sha256(numbers.tobytes())} float32"
    assert printed[2] == "lower-ptb PDDL-1.0"


def test_safetensors_reads_the_file_as_the_card_says(tmp_path: Path) -> None:
    """Its own library finds the words and numbers by the lines of the card."""
    made = push(SAMPLE, tmp_path / "lab", dtype="float16")
    code = made.card.split("```python\n")[2].partition("```")[0]
    found: dict[str, Any] = {}
    exec(code.replace('load_file("', f'load_file("{tmp_path}/lab/'), found)
    words, numbers = read_sample()
    assert [word.encode() for word in found["words"]] == words
    assert found["matrix"].dtype == np.float16
    assert np.array_equal(found["matrix"], numbers.astype(np.float16))


def test_the_card_of_a_folder_works_beside_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A colleague who got a copy runs the card's lines where the folder was put."""
    made = push(SAMPLE, tmp_path / "shared-vectors")
    theirs = tmp_path / "theirs"
    theirs.mkdir()
    shutil.move(tmp_path / "shared-vectors", theirs)
    monkeypatch.chdir(theirs)
    code = made.card.split("```python\n")[1].partition("```")[0]
    found: dict[str, Any] = {}
    exec(code, found)
    assert found["vectors"].tokens[:2] == ["the", ","]
    assert "is the path of this folder" in made.card


def test_float16_comes_back_as_the_rounded_numbers(
    sample: Vectors, tmp_path: Path
) -> None:
    """A folder of float16 has half the size, and gives numpy's float16 of each."""
    small = push(sample, tmp_path / "small", dtype="float16")
    large = push(sample, tmp_path / "large")
    with safe_open(tmp_path / "small" / f"{small.name}.safetensors", "np") as file:
        assert file.metadata()["rounded_to"] == "float16"
    sizes = [made.files[f"{made.name}.safetensors"] for made in (small, large)]
    # Besides what the header says of them.
    assert abs(sizes[1] - sizes[0] - 10_000 * 50 * 2) < 100
    loaded = glove_registry.load(small.name, registry=small.registry)
    expected = read_sample()[1].astype(np.float16).astype(np.float32)
    assert np.array_equal(loaded.matrix, expected)


@pytest.mark.parametrize("dtype", ["float16", "int8"])
def test_numbers_that_were_rounded_are_not_published_as_the_original(
    dtype: NumberType, sample: Vectors, tmp_path: Path
) -> None:
    """Neither are some words of such vectors, nor what they were stacked into."""
    rounded = glove_registry.load(SAMPLE, dtype=dtype)
    small = rounded.subset(["film"])
    for vectors in (rounded, small, glove_registry.stack([sample, rounded], "mean")):
        with pytest.raises(ValueError, match=f"rounded to {dtype}.*float32"):
            push(vectors, tmp_path / "lab")
    assert not (tmp_path / "lab").exists()


def test_odd_words_come_back(tmp_path: Path) -> None:
    """Words with spaces, of other scripts and with controls are the same again."""
    words = ["New York", "ﬁ", "日本", "a\tb", "\u202e", "=", "'", "#"]
    numbers = np.arange(16, dtype=np.float32).reshape(8, 2)
    mine = glove_registry.from_arrays(words, numbers, name="mine")
    made = push(mine, tmp_path / "lab")
    loaded = glove_registry.load("mine", registry=made.registry)
    assert list(loaded.tokens) == words
    assert np.array_equal(loaded.matrix, numbers)


def test_the_entry_states_all_that_is_known(tmp_path: Path) -> None:
    """The entry is valid by the schema, and has checksum, size and inherited facts."""
    made = push(SAMPLE, tmp_path / "lab", description="A part of it.")
    document = yaml.safe_load(made.text)
    jsonschema.validate(document, json.loads(SCHEMA.read_text(encoding="utf-8")))
    [(name, entry)] = document["variants"].items()
    content = (tmp_path / "lab" / f"{name}.safetensors").read_bytes()
    known = glove_registry.info(SAMPLE)
    assert entry == {
        "url": f"./{name}.safetensors",
        "sha256": sha256(content),
        "bytes": len(content),
        "rows": 10_000,
        "dimension": 50,
        "format": "safetensors",
        "description": "A part of it.",
        "language": "en",
        "cased": False,
        "tokenizer": "lower-ptb",
        "corpus": known.corpus,
        "tokens": "6B",
        "license": "PDDL-1.0",
        "citation": known.citation,
        "homepage": known.homepage,
    }
    assert made.text == (tmp_path / "lab" / "registry.yaml").read_text()


def test_the_card_is_one_of_the_hub(sample: Vectors, tmp_path: Path) -> None:
    """The hub's own library reads licence, language and scores from the card."""
    hub = pytest.importorskip("huggingface_hub")
    evaluation = evaluate_pairs(sample, tmp_path)
    coverage = sample.coverage({"film": 3, "flim": 1})
    made = push(
        *(sample, tmp_path / "lab"),
        evaluation=evaluation,
        coverage={"a | text": coverage},
    )
    card = hub.ModelCard.load(tmp_path / "lab" / "README.md")
    data = card.data
    assert (data.license, data.language) == ("pddl", ["en"])
    assert data.library_name == "glove_registry"
    assert data.tags == ["word-vectors", "word-embeddings"]
    [result] = data.eval_results
    assert (result.dataset_name, result.task_type) == ("lab.pairs", "word-similarity")
    assert result.metric_value == evaluation["lab.pairs"].total.value
    assert "| a \\| text | 50.0% |" in card.text
    assert glove_registry.info(SAMPLE).citation in card.text
    assert made.card.endswith(card.text)


def test_the_card_shows_texts_as_they_are(tmp_path: Path) -> None:
    """Markdown takes none of the marks in a text for its own, nor a line's end."""
    odd = "~~A~~ &lt;b&gt;\n# *B* | `c` [d](e) <f>"
    mine = glove_registry.from_arrays(["a"], [[1.0]], name="mine")
    card = push(mine, tmp_path / "lab", description=odd, corpus=odd).card
    shown = r"\~\~A\~\~ \&lt;b\&gt; # \*B\* \| \`c\` \[d\](e) \<f\>"
    assert f"trained on {shown}. {shown}\n" in card
    assert f"| corpus | {shown} |\n" in card


def test_scores_of_other_vectors_are_refused(sample: Vectors, tmp_path: Path) -> None:
    """A page states no scores of another name, of rounded vectors, or of a part."""
    rounded = glove_registry.load(SAMPLE, dtype="int8")
    mine = glove_registry.from_arrays(["film"], [[1.0]], name="mine")
    part = sample.subset(list(sample.tokens)[:2_000])
    pairs = [(mine, sample), (sample, rounded), (part, sample), (sample, part)]
    for vectors, source in pairs:
        evaluation = evaluate_pairs(source, tmp_path)
        with pytest.raises(ValueError, match="alone, found those of"):
            push(vectors, tmp_path / "lab", evaluation=evaluation)
    assert not (tmp_path / "lab").exists()
    evaluation = evaluate_pairs(part, tmp_path)
    assert (
        "2,000 of 10,000 words"
        in push(part, tmp_path / "lab", evaluation=evaluation).card.partition(
            "## Evaluation"
        )[2]
    )


def test_scores_are_said_to_be_those_before_rounding(
    sample: Vectors, tmp_path: Path
) -> None:
    """The page of float16 says so of the table and of the facts for machines."""
    evaluation = evaluate_pairs(sample, tmp_path)
    for dtype in get_args(FileNumberType):
        is_rounded = dtype == "float16"
        made = push(sample, tmp_path / dtype, dtype=dtype, evaluation=evaluation)
        front = read_front_matter(made.card)
        [metric] = front["model-index"][0]["results"][0]["metrics"]
        assert metric["name"].endswith(", before rounding") == is_rounded
        assert ("Measured before the numbers were rounded" in made.card) == is_rounded


@pytest.mark.parametrize(
    ("to", "named", "is_told"),
    [
        ("az://vectors/lab", "az://vectors/lab/#credentials=environment", False),
        ("s3://vectors/lab", "s3://vectors/lab/", True),
        ("gs://vectors/lab", "gs://vectors/lab/", True),
        ("hf:lab/mine", "hf:lab/mine", True),
        ("lab", "lab", False),
    ],
)
def test_the_card_says_when_credentials_are_sent(
    to: str, named: str, is_told: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Azure is asked for nothing without them; others only if they are private."""
    monkeypatch.chdir(tmp_path)
    mine = glove_registry.from_arrays(["a"], [[1.0]], name="mine")
    made = push(mine, to, dry_run=True)
    assert f'glove_registry.load("mine", registry="{named}")' in made.card
    assert ("If that place is private, add" in made.card) == is_told
    assert made.registry == named
    assert "#" not in made.destination


@pytest.mark.parametrize(
    ("stated", "expected"),
    [
        ("PDDL-1.0", {"license": "pddl"}),
        ("CC-BY-SA-3.0", {"license": "cc-by-sa-3.0"}),
        ("ODC-By-1.0", {"license": "odc-by"}),
        ("MIT", {"license": "mit"}),
        ("Lab licence, v2", {"license": "other", "license_name": "lab-licence-v2"}),
        ("許可", {"license": "other", "license_name": "other"}),
        (None, {}),
    ],
)
def test_licences_have_the_names_of_the_hub(
    stated: str | None, expected: dict[str, str], tmp_path: Path
) -> None:
    """An SPDX identifier becomes the hub's name; any other licence is named beside."""
    mine = glove_registry.from_arrays(["a"], [[1.0]], name="mine")
    made = push(mine, tmp_path / "lab", license=stated)
    front = read_front_matter(made.card)
    assert {key: front[key] for key in front if "license" in key} == expected


@pytest.mark.parametrize(
    ("tag", "expected"), [("de-AT", "de"), ("sr-Latn", "sr"), ("mul", "multilingual")]
)
def test_the_language_is_one_of_the_hub(
    tag: str, expected: str, tmp_path: Path
) -> None:
    """The hub gets the language, without script and region, which the entry keeps."""
    mine = glove_registry.from_arrays(["a"], [[1.0]], name="mine")
    made = push(mine, tmp_path / "lab", language=tag)
    assert read_front_matter(made.card)["language"] == [expected]
    assert yaml.safe_load(made.text)["variants"]["mine"]["language"] == tag


def test_no_file_names_a_path_of_this_machine(tmp_path: Path) -> None:
    """Neither the vectors, the card nor the registry say where the original was."""
    secret = tmp_path / "home-of-me"
    secret.mkdir()
    (secret / "lab.txt").write_bytes(SMALL)
    registry = write_registry(secret, "lab.3d", url="./lab.txt", sha256=sha256(SMALL))
    loaded = glove_registry.load("lab.3d", registry=registry)
    stacked = glove_registry.stack([loaded, loaded], how="concat")
    all_kinds: list[Path | Vectors] = [secret / "lab.txt", loaded, stacked]
    for number, vectors in enumerate([*all_kinds, loaded.subset(["film"])]):
        push(vectors, tmp_path / f"{number}", name="lab")
        for path in (tmp_path / f"{number}").iterdir():
            assert b"home-of-me" not in path.read_bytes()


def test_a_dry_run_shows_everything_and_writes_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """It prints sizes, card and entry, which are those of the later publication."""
    words = ["push", SAMPLE, "--to", str(tmp_path / "lab")]
    assert main([*words, "--dry-run"]) == 0
    shown = capsys.readouterr()
    assert not (tmp_path / "lab").exists()
    assert not list_files(tmp_path / "cache" / "tmp")
    assert "writes none" in shown.err
    assert main([*words, "--json"]) == 0
    made = json.loads(capsys.readouterr().out)
    for part in (made["card"], made["text"], "README.md", "2.1 MB"):
        assert part in shown.out
    assert made["written"]
    for name, size in made["files"].items():
        assert (tmp_path / "lab" / name).stat().st_size == size


def test_what_exists_is_never_replaced(tmp_path: Path) -> None:
    """A folder or file at the place is an error before anything is written."""
    for taken in (tmp_path / "folder", tmp_path / "file"):
        taken.mkdir() if taken.name == "folder" else taken.write_text("mine")
        with pytest.raises(OutputError, match="already exists, and nothing is replace"):
            push(SAMPLE, taken)
    assert (tmp_path / "file").read_text() == "mine"
    assert not list((tmp_path / "folder").iterdir())
    with pytest.raises(OutputError, match="does not exist: create it"):
        push(SAMPLE, tmp_path / "none" / "lab")


def test_a_full_disk_leaves_no_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """If the last file cannot be written, nothing is at the place or beside it."""
    place = tmp_path / "new"
    place.mkdir()
    real = Path.write_text

    def fail(path: Path, *arguments: Any, **how: Any) -> int:
        if path.name == "registry.yaml":
            raise OSError(28, "No space left on device")
        return real(path, *arguments, **how)

    monkeypatch.setattr(Path, "write_text", fail)
    with pytest.raises(OutputError, match="the partial file was removed"):
        push(SAMPLE, place / "lab")
    assert not list(place.iterdir())


def test_a_built_in_name_is_told_apart(tmp_path: Path) -> None:
    """Vectors of the built-in registry are called after the folder as well.

    So are those that have the name of a benchmark, or an alias.
    """
    assert push(SAMPLE, tmp_path / "my lab").name == f"my-lab.{SAMPLE}"
    with pytest.raises(RegistryError, match="also defined in the built-in registry"):
        push(SAMPLE, tmp_path / "other", name=SAMPLE.upper())
    for name in ("simlex-999", "SimLex-999", "glove-wiki-gigaword-50"):
        mine = glove_registry.from_arrays(["a"], [[1.0]], name=name)
        with pytest.raises(
            RegistryError, match="also defined in the built-in registry"
        ):
            push(mine, tmp_path / "other", name=name)
        assert push(mine, tmp_path / "lab", dry_run=True).name == f"lab.{name}"
    with pytest.raises(RegistryError, match="not a valid name"):
        push(SAMPLE, tmp_path / "other", name="../other")
    assert not (tmp_path / "other").exists()


def test_a_file_is_called_without_its_endings(tmp_path: Path) -> None:
    """A file of vectors needs no entry; facts about it are given beside it."""
    (tmp_path / "lab.3d.txt").write_bytes(SMALL)
    made = push(str(tmp_path / "lab.3d.txt"), tmp_path / "lab", license="MIT")
    assert made.name == "lab.3d"
    entry = yaml.safe_load(made.text)["variants"]["lab.3d"]
    assert (entry["rows"], entry["license"]) == (3, "MIT")
    packed = tmp_path / "lab.3d.vec.tar.gz"
    with tarfile.open(packed, "w:gz") as archive:
        archive.add(tmp_path / "lab.3d.txt", "lab.3d.vec")
    assert push(str(packed), tmp_path / "other", dry_run=True).name == "lab.3d"


def test_nothing_is_stated_that_is_not_known(tmp_path: Path) -> None:
    """Without an entry, neither a tokenizer nor lower case is claimed of the corpus."""
    (tmp_path / "mine.txt").write_bytes(SMALL)
    few = glove_registry.from_arrays(["a", "b"], [[1.0], [2.0]], name="few")
    both: list[Path | Vectors] = [tmp_path / "mine.txt", few]
    for number, vectors in enumerate(both):
        made = push(vectors, tmp_path / f"{number}")
        [entry] = yaml.safe_load(made.text)["variants"].values()
        assert not entry.keys() & {"tokenizer", "cased"}
        assert "split by" not in made.card
        assert "| case |" not in made.card
        file = (tmp_path / f"{number}" / f"{made.name}.safetensors").read_bytes()
        assert b"ptb" not in file
    own = glove_registry.from_arrays(["A"], [[1.0]], name="own", tokenizer="words")
    made = push(own, tmp_path / "own")
    assert "| case | kept |" in made.card
    assert "| texts are split by | words |" in made.card
    loaded = glove_registry.load("own", registry=made.registry)
    assert loaded.tokenizer == "words"


def test_a_stated_tokenizer_is_kept_even_if_it_is_the_default(tmp_path: Path) -> None:
    """What an entry or a caller states goes into copies and exported files."""
    (tmp_path / "v.txt").write_bytes(SMALL)
    url = (tmp_path / "v.txt").as_uri()
    facts = {"url": url, "sha256": sha256(SMALL), "tokenizer": "ptb"}
    stated = write_registry(tmp_path, "lab", **facts)
    loaded = glove_registry.load("lab", registry=stated)
    given = glove_registry.from_arrays(["a"], [[1.0]], name="own", tokenizer="ptb")
    for vectors in (loaded, loaded.subset(["film"]), given):
        made = push(vectors, tmp_path / f"of-{vectors.name}-{len(vectors)}", name="new")
        assert yaml.safe_load(made.text)["variants"]["new"]["tokenizer"] == "ptb"
        assert "| texts are split by | ptb |" in made.card
        assert glove_registry.info("new", registry=made.registry).tokenizer == "ptb"
    few = glove_registry.from_arrays(["a"], [[1.0]], name="few")
    for ending in ("npz", "safetensors", "parquet"):
        for vectors, is_stated in ((given, True), (few, False)):
            path = vectors.export(tmp_path / f"{vectors.name}.{ending}", ending)
            assert (b"ptb" in path.read_bytes().replace(b"\0", b"")) == is_stated
            assert glove_registry.open_file(path).tokenizer == "ptb"


def test_a_card_counts_words_as_people_do(sample: Vectors, tmp_path: Path) -> None:
    """It says how many words of how many a subset has, and has a singular."""
    made = push(sample.subset(["good", "film"]), tmp_path / "two", name="two")
    assert "; 2 of its 10,000 words\n" in made.card
    assert "\n2 word vectors with 50 dimensions" in made.card
    one = glove_registry.from_arrays(["a"], [[1.0]], name="one")
    made = push(one, tmp_path / "one")
    assert "\n1 word vector with 1 dimension." in made.card


def test_a_fetched_file_keeps_its_ending(tmp_path: Path) -> None:
    """Other tools know what `fetch` has left by its name, and `load` finds it there."""
    one = glove_registry.from_arrays(["a"], [[1.0]], name="one")
    made = push(one, tmp_path / "lab")
    path = glove_registry.fetch("one", registry=made.registry)
    assert path.suffix == ".safetensors"
    assert load_file(path)["vectors"].tolist() == [[1.0]]
    (tmp_path / "lab" / "one.safetensors").unlink()
    assert list(glove_registry.load("one", registry=made.registry)) == ["a"]


def test_a_publication_is_shown_on_one_line(tmp_path: Path) -> None:
    """Its representation has the name and place, without the texts of the files."""
    one = glove_registry.from_arrays(["a"], [[1.0]], name="one")
    made = push(one, tmp_path / "lab")
    assert repr(made) == f"<Publication one: 3 files in {tmp_path / 'lab'}>"


def test_a_dry_run_says_what_is_not_asked(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """It refuses a folder that exists; a remote place is not asked, which it says."""
    (tmp_path / "mine.txt").write_bytes(SMALL)
    words = ["push", str(tmp_path / "mine.txt"), "--dry-run", "--to"]
    assert main([*words, str(tmp_path)]) == 1
    shown = capsys.readouterr()
    assert "already exists, and nothing is replaced" in shown.err
    assert not shown.out
    assert main([*words, "hf:lab/small"]) == 0
    assert "hf:lab/small has files of these names was not asked" in (
        capsys.readouterr().err
    )


def test_a_file_that_is_missing_is_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """What can only be a file is not looked for among the variants."""
    assert main(["push", "none.txt", "--to", str(tmp_path / "lab")]) == 1
    assert "none.txt cannot be read" in capsys.readouterr().err


def test_a_file_is_meant_rather_than_what_another_calls_like_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An alias of somebody's registry does not take over the path of a file."""
    (tmp_path / "theirs.txt").write_bytes(SMALL)
    (tmp_path / "own.vec").write_text("mine 1 2\nown 3 4\n")
    entry = {"url": "./theirs.txt", "sha256": sha256(SMALL), "aliases": ["own.vec"]}
    registry = write_registry(tmp_path, "theirs", **entry)
    monkeypatch.chdir(tmp_path)
    assert list(find_vectors("own.vec", registry).tokens) == ["mine", "own"]
    assert len(find_vectors("theirs", registry)) == 3


@pytest.mark.parametrize(
    ("facts", "reason"),
    [
        ({"language": "German"}, r"^language \(--language\): .*BCP 47"),
        ({"license": " "}, "expected text, found nothing"),
        ({"dtype": "int8"}, "expected one of float32, float16"),
    ],
)
def test_a_wrong_fact_is_told_before_anything_is_written(
    facts: dict[str, Any], reason: str, tmp_path: Path
) -> None:
    """The error says what the registry would refuse, and no folder is left."""
    with pytest.raises(ValueError, match=reason):
        push(SAMPLE, tmp_path / "lab", **facts)
    assert not (tmp_path / "lab").exists()


def test_numbers_too_large_for_float16_leave_nothing(tmp_path: Path) -> None:
    """They are an error, rather than infinity in the file."""
    mine = glove_registry.from_arrays(["a"], [[1e30]], name="mine")
    with pytest.raises(ValueError, match="too large for float16"):
        push(mine, tmp_path / "lab", dtype="float16")
    assert not (tmp_path / "lab").exists()


def test_unknown_places_and_names_are_told_apart(tmp_path: Path) -> None:
    """A URL that is no place, and a name that is no variant, end in a sentence."""
    with pytest.raises(OutputError, match="expected a FOLDER, hf:ORG/REPO") as error:
        push(SAMPLE, "https://me:secret@example.org/lab")
    assert "secret" not in str(error.value)
    with pytest.raises(GloveRegistryError, match="did you mean"):
        push("glove.6B.51d", tmp_path / "lab")


def test_a_page_is_printable_whatever_is_stated(tmp_path: Path) -> None:
    """Facts of a stranger's and a citation put no control character into README.md."""
    nasty = "a\x1b[31m\x07\u202e\u2028\u3164b"
    mine = glove_registry.from_arrays(["good", "film"], [[1, 0], [0, 1]], name="mine")
    made = push(
        mine,
        tmp_path / "mine",
        description=nasty,
        corpus=nasty,
        license=nasty,
        citation=nasty,
    )
    card = (tmp_path / "mine" / "README.md").read_text(encoding="utf-8")
    assert all(c.isprintable() or c == "\n" for c in card)
    assert "\u3164" not in card and card == made.card
    # A backslash in BibTeX would begin a command.
    assert "```bibtex\na\ufffd[31m\ufffd\ufffd\ufffd\ufffdb\n```" in card
    # The entry says it as it is.
    vectors = glove_registry.load("mine", registry=made.registry)
    assert vectors.citation == nasty


def test_the_command_states_scores_coverage_and_citation(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Files of text and BibTeX are read, and what is missing is pointed out."""
    (tmp_path / "v.txt").write_bytes(SMALL)
    (tmp_path / "text.txt").write_text("the film of films\n")
    (tmp_path / "lab.bib").write_text("@misc{lab, title = {A ``` fence}}\n")
    (tmp_path / "pairs.tsv").write_text("the\tfilm\t1\nof\tfilm\t2\nthe\tof\t3\n")
    registry = tmp_path / "registry.yaml"
    registry.write_text(
        "benchmarks:\n  lab.pairs:\n    task: similarity\n    url: ./pairs.tsv\n"
        f"    sha256: {sha256((tmp_path / 'pairs.tsv').read_bytes())}\n"
    )
    words = ["push", str(tmp_path / "v.txt"), "--to", str(tmp_path / "lab")]
    words += ["--registry", str(registry), "--benchmark", "lab.pairs"]
    words += ["--coverage", str(tmp_path / "text.txt")]
    assert main([*words, "--citation", str(tmp_path / "lab.bib")]) == 0
    shown = capsys.readouterr()
    assert shown.out == f"{tmp_path / 'lab' / 'registry.yaml'}\n"
    assert "no licence is stated" in shown.err
    card = (tmp_path / "lab" / "README.md").read_text()
    assert "| text.txt | 75.0% | 75.0% |" in card
    assert "````bibtex\n@misc{lab, title = {A ``` fence}}\n````" in card
    [index] = read_front_matter(card)["model-index"]
    assert index["results"][0]["dataset"]["name"] == "lab.pairs"
    assert main([*words[:4], "--citation", str(tmp_path / "none.bib")]) == 1
    assert "none.bib cannot be read" in capsys.readouterr().err
    assert load_file(tmp_path / "lab" / "v.safetensors")["vectors"].shape == (3, 3)


def test_a_text_is_no_flag(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, sample: Vectors
) -> None:
    """A text is neither true nor false for what publishes, adds or updates."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "v.txt").write_bytes(SMALL)
    calls: dict[str, Any] = {
        "private": lambda **flag: push(sample, "hf:lab/small", **flag),
        "override": lambda **flag: add("v.txt", "mine", **flag),
        "dry_run": lambda **flag: update("hf:lab/small", **flag),
    }
    for name, call in calls.items():
        with pytest.raises(TypeError, match=rf"^{name}='no': expected True or False"):
            call(**{name: "no"})
    assert [*tmp_path.iterdir()] == [tmp_path / "v.txt"]


def test_no_text_takes_the_place_of_another_on_the_page(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Texts of one name, or without any, are a usage error; nothing is written."""
    words = ["push", SAMPLE, "--to", str(tmp_path / "lab")]
    for folder in ("train", "test"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "text.txt").write_text("the film\n")
        words += ["--coverage", str(tmp_path / folder / "text.txt")]
    for arguments, told in (
        (words, "several are called text.txt: rename one"),
        ([*words[:4], "--coverage", "-"], "expected a file, found - (standard input)"),
    ):
        with pytest.raises(SystemExit) as raised:
            main(arguments)
        assert raised.value.code == 2
        assert told in capsys.readouterr().err
    assert not (tmp_path / "lab").exists()


@pytest.mark.parametrize(
    ("package", "to", "extra"),
    [
        ("huggingface_hub", "hf:lab/small", r"glove_registry\[hub\]"),
        ("s3fs", "s3://vectors/small", r"glove_registry\[cloud\]"),
    ],
)
def test_a_missing_extra_is_told(
    package: str, to: str, extra: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without the library of a place, the error says how to install it."""
    monkeypatch.setitem(sys.modules, package, None)
    with pytest.raises(OutputError, match=extra):
        push(SAMPLE, to)
