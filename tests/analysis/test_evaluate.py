"""Scores are those of plain loops, by the protocol that was asked for."""

import csv
import io
import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from benchmark_files import ANALOGIES, PAIRS, SETS, TESTS, write_benchmark
from entries import sha256
from fault_server import FaultServer
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.stats import spearmanr

import glove_registry
from glove_registry import Registry, Vectors, errors
from glove_registry.analysis import Evaluation, analogies, evaluate, scoring
from glove_registry.cli import main
from glove_registry.registry import EvaluationCase, UnknownRule
from glove_registry.registry.names import UNKNOWN_RULES


def unit(vectors: Vectors) -> NDArray[np.float64]:
    """Return all vectors with length 1."""
    matrix: NDArray[np.float64] = np.array(vectors.matrix, float)
    matrix /= np.linalg.norm(matrix, axis=1, keepdims=True)
    return matrix


def find(vectors: Vectors, word: str, case: str, restrict: int | None) -> int:
    """Return the row of a word by a rule, one spelling after the other."""
    spellings = {
        "exact": [word],
        "lower": [word.lower()],
        "fallback": [word, word.lower(), word.title(), word.upper()],
    }[case]
    rows = [int(row) for row in vectors.rows(spellings) if row >= 0]
    return rows[0] if rows and rows[0] < (restrict or math.inf) else -1


# -- pairs --------------------------------------------------------------------------


@pytest.mark.parametrize("case", ["fallback", "exact", "lower"])
@pytest.mark.parametrize("oov", ["skip", "zeros", "mean"])
@pytest.mark.parametrize("restrict", [None, 1000])
def test_pairs_are_scored_as_scipy_scores_them(
    sample: Vectors,
    tmp_path: Path,
    case: EvaluationCase,
    oov: UnknownRule,
    restrict: int | None,
) -> None:
    """Spearman's rho of cosines, by each rule for case, unknown words, vocabulary."""
    registry = write_benchmark(tmp_path, "similarity", PAIRS)
    evaluation = sample.evaluate(
        "b", registry=registry, case=case, oov=oov, restrict=restrict
    )
    matrix = np.array(sample.matrix, float)
    unknown = matrix[:restrict].mean(axis=0) if oov == "mean" else np.zeros(50)
    cosines, human, answered = [], [], 0
    for line in PAIRS.decode().splitlines()[1:]:
        *words, score = line.split("\t")
        rows = [find(sample, word, case, restrict) for word in words]
        answered += min(rows) >= 0
        if min(rows) < 0 and oov == "skip":
            continue
        a, b = (matrix[row] if row >= 0 else unknown for row in rows)
        lengths = np.linalg.norm(a) * np.linalg.norm(b)
        cosines.append(round(a @ b / lengths, 12) if lengths else 0)
        human.append(float(score))
    total = evaluation["b"].total
    assert total.value == pytest.approx(spearmanr(cosines, human).statistic, abs=1e-9)
    assert (total.answered, total.asked) == (answered, 6)


@given(
    st.lists(st.tuples(st.integers(-3, 3), st.floats(-5, 5)), min_size=2, max_size=40)
)
def test_ranks_are_correlated_as_scipy_does(pairs: list[tuple[int, float]]) -> None:
    """With ties or without; where it is not defined, there is no number."""
    left, right = np.array(pairs, float).T
    found = scoring.correlate_ranks(left, right)
    if len(set(left)) == 1 or len(set(right)) == 1:
        assert found is None
    else:
        assert found == pytest.approx(spearmanr(left, right).statistic, abs=1e-12)


@pytest.mark.parametrize("dimension", [1, 50])
def test_equal_cosines_have_no_ranks(tmp_path: Path, dimension: int) -> None:
    """If pairs differ by rounding errors alone, there is no score, and no number."""
    words = sorted(
        {
            word
            for line in PAIRS.decode().splitlines()[1:]
            for word in line.split("\t")[:2]
        }
    )
    random = np.random.default_rng(2)
    matrix = random.uniform(0.1, 2, (len(words), 1)) * random.random((1, dimension))
    vectors = glove_registry.from_arrays(words, matrix, name="one")
    registry = write_benchmark(tmp_path, "similarity", PAIRS)
    total = vectors.evaluate("b", registry=registry)["b"].total
    assert total.value is None
    assert (total.answered, total.asked) == (6, 6)


# -- analogies ----------------------------------------------------------------------


@pytest.mark.parametrize("rule", analogies.RULES)
@pytest.mark.parametrize("restrict", [None, 2000])
@pytest.mark.parametrize("case", ["fallback", "exact"])
@pytest.mark.parametrize("oov", ["skip", "zeros", "mean"])
def test_analogies_are_scored_as_a_loop_scores_them(
    sample: Vectors,
    tmp_path: Path,
    rule: analogies.Rule,
    restrict: int | None,
    case: EvaluationCase,
    oov: UnknownRule,
) -> None:
    """Correct, answered and asked, by section and in totals."""
    totals = {"semantic": ["family"], "syntactic": ["gram*"]}
    registry = write_benchmark(tmp_path, "analogies", ANALOGIES, totals=totals)
    result = sample.evaluate(
        "b", registry=registry, rule=rule, restrict=restrict, case=case, oov=oov
    )["b"]

    vectors = unit(sample)
    unknown = np.zeros(50)
    if oov == "mean":
        unknown = np.array(sample.matrix, float)[:restrict].mean(axis=0)
        unknown /= np.linalg.norm(unknown)
    expected = {name: [0, 0, 0] for name in ("family", "gram1-plural")}
    section = ""
    for line in ANALOGIES.decode().split("\n"):
        if line.startswith(":"):
            section = line[2:]
            continue
        if not line:
            continue
        rows = [find(sample, word, case, restrict) for word in line.split()]
        expected[section][2] += 1
        expected[section][1] += min(rows) >= 0
        if oov == "skip" and min(rows) < 0:
            continue
        a, b, c = (
            vectors @ (vectors[row] if row >= 0 else unknown) for row in rows[:3]
        )
        if rule == "3CosAdd":
            scores = b - a + c
        else:
            scores = (b + 1) / 2 * (c + 1) / 2 / ((a + 1) / 2 + 1e-6)
        scores[[row for row in rows[:3] if row >= 0]] = -9
        expected[section][0] += int(np.argmax(scores[:restrict])) == rows[3]
    for part, name in (("semantic", "family"), ("syntactic", "gram1-plural")):
        for score in (result[part], result[name]):
            found = [score.correct, score.answered, score.asked]
            assert found == expected[name]
    total = result.total
    sums = np.sum(list(expected.values()), axis=0).tolist()
    assert [total.correct, total.answered, total.asked] == sums
    assert total.value == sums[0] / (sums[1] if oov == "skip" else sums[2])


# -- associations -------------------------------------------------------------------


def test_associations_are_scored_as_a_loop_scores_them(
    sample: Vectors, tmp_path: Path
) -> None:
    """The effect size with the standard deviation of a sample, known words alone."""
    content = json.dumps(SETS).encode()
    registry = write_benchmark(tmp_path, "association", content, tests=TESTS)
    result = sample.evaluate("b", registry=registry)["b"]
    vectors = unit(sample)
    for test, names in TESTS.items():
        rows = [
            [row for w in SETS[name] if (row := find(sample, w, "lower", None)) >= 0]
            for name in names
        ]
        x, y, a, b = ([vectors[row] for row in some] for some in rows)
        near = [
            np.mean([w @ v for v in a]) - np.mean([w @ v for v in b]) for w in (*x, *y)
        ]
        d = (np.mean(near[: len(x)]) - np.mean(near[len(x) :])) / np.std(near, ddof=1)
        assert result[test].value == pytest.approx(d, abs=1e-9)
        assert result[test].asked == 16
        assert result[test].answered == sum(map(len, rows)) < 16
    assert [score.part for score in result] == ["1", "2"]
    assert len(result) == 2
    with pytest.raises(KeyError, match="has no part 'total': it has '1', '2'"):
        _ = result.total


# -- several sets of vectors --------------------------------------------------------


def test_each_set_of_vectors_has_a_column(sample: Vectors, tmp_path: Path) -> None:
    """Sets of one name have labels of their own in every form, and their scores."""
    registry = write_benchmark(tmp_path, "similarity", PAIRS)
    sets = [
        sample,
        *(
            glove_registry.load(sample.name, dtype=d)
            for d in ("float16", "int8", "int8")
        ),
    ]
    for folder, number in (("one", "1"), ("two", "-1")):
        (tmp_path / folder).mkdir()
        file = tmp_path / folder / "v.txt"
        file.write_text(f"film 1 0\nmovie {number} 1\nbook 2 1\nking 1 1\ncar 0 1\n")
        sets.append(glove_registry.open_file(file))
    evaluation = evaluate(iter(sets), "b", registry=registry)
    name = sample.name
    labels = [name, f"{name} (float16)", f"{name} (int8)", f"{name} (int8) #2"]
    labels += ["v.txt", "v.txt #2"]
    assert [result.vectors for result in evaluation] == labels
    alone = [each.evaluate("b", registry=registry)["b"].total for each in sets]
    assert [evaluation[label, "b"].total for label in labels] == alone
    assert alone[4] != alone[5]
    header, scores = str(evaluation).splitlines()[:2]
    assert all(label in header for label in labels)
    assert scores.split() == ["b", *(f"{score.value:.4f}" for score in alone)]
    header = evaluation.to_markdown().splitlines()[0]
    assert header.split(" | ")[1:] == [*labels[:-1], f"{labels[-1]} |"]
    read = list(csv.DictReader(io.StringIO(evaluation.to_csv())))
    assert [line["vectors"] for line in read] == labels
    types = ["float32", "float16", "int8", "int8", "float32", "float32"]
    assert [line["dtype"] for line in read] == types
    plain = evaluation.to_dict()["results"]
    assert [(one["vectors"], one["dtype"]) for one in plain] == [
        *zip(labels, types, strict=True)
    ]
    assert repr(sets[2]) == f"<Vectors {name}: 10,000 x 50 int8>"
    assert repr(sample) == f"<Vectors {name}: 10,000 x 50>"


def test_a_subset_is_not_called_what_its_release_is(
    sample: Vectors, tmp_path: Path
) -> None:
    """Its scores stand beside those published of the release, and say so."""
    words = ["film", "movie", "book", "king", "car"]
    published = {"source": "a paper", "scores": {sample.name: {"total": 0.5}}}
    registry = write_benchmark(tmp_path, "similarity", PAIRS, published=[published])
    small = sample.subset(words)
    smaller = small.subset(words[:4])
    evaluation = evaluate([sample, small, smaller], "b", registry=registry)
    label = f"{sample.name} (5 of 10,000 words)"
    labels = [sample.name, label, f"{sample.name} (4 of 10,000 words)"]
    assert [result.vectors for result in evaluation] == labels
    assert all(result.published for result in evaluation)
    assert all(each in str(evaluation).splitlines()[0] for each in labels)
    again = evaluate([small, small], "b", registry=registry)
    assert [result.vectors for result in again] == [label, f"{label} #2"]


def test_results_of_one_name_are_not_put_together(evaluation: Evaluation) -> None:
    """A table of them would show only one."""
    with pytest.raises(ValueError, match=r"expected one for \('glove.*, found 2"):
        Evaluation((*evaluation, *evaluation))


@pytest.mark.parametrize(
    ("vectors", "words"),
    [
        ("glove.6B.50d", r"str .*load it first: glove_registry.load\('glove.6B.50d'\)"),
        (["glove.6B.50d"], r"glove_registry.load\('glove.6B.50d'\)"),
        (iter(["glove.6B.50d"]), r"glove_registry.load\('glove.6B.50d'\)"),
        ({"a": 1}, "expected Vectors or a list of them, found dict"),
        (3, "found int"),
        (None, "found NoneType"),
    ],
)
def test_what_is_not_vectors_is_an_error(
    vectors: Any, words: str, tmp_path: Path
) -> None:
    """The error says what was expected, and how a name becomes vectors."""
    registry = write_benchmark(tmp_path, "similarity", PAIRS)
    with pytest.raises(TypeError, match=words):
        evaluate(vectors, "b", registry=registry)


# -- files --------------------------------------------------------------------------


def serve(folder: Path, *urls: str, digest: str = sha256(PAIRS)) -> Path:
    """Write a registry whose benchmark has these sources."""
    sources = [{"url": url, "sha256": digest} for url in urls]
    entry = {"sources": sources, "task": "similarity"}
    path = folder / "served.yaml"
    path.write_text(json.dumps({"benchmarks": {"b": entry}}))
    return path


def test_a_benchmark_is_fetched_once(
    sample: Vectors, tmp_path: Path, server: FaultServer
) -> None:
    """The first evaluation fetches the file, later ones need no network."""
    registry = serve(tmp_path, server.url("pairs.tsv", PAIRS))
    first = sample.evaluate("b", registry=registry)
    assert len(server.requests) == 1
    again = sample.evaluate("b", registry=registry, offline=True)
    assert len(server.requests) == 1
    assert again.to_dict() == first.to_dict()


def test_another_file_is_refused(
    sample: Vectors, tmp_path: Path, server: FaultServer
) -> None:
    """Bytes other than promised are not used, and the next source is asked."""
    wrong = server.url("wrong.tsv", PAIRS.replace(b"9", b"1"))
    registry = serve(tmp_path, wrong)
    with pytest.raises(errors.ChecksumError, match="b was refused"):
        sample.evaluate("b", registry=registry)
    registry = serve(tmp_path, wrong, server.url("right.tsv", PAIRS))
    assert sample.evaluate("b", registry=registry)["b"].total.asked == 6


def test_offline_the_file_can_be_brought(
    sample: Vectors, tmp_path: Path, server: FaultServer
) -> None:
    """The error says what to bring; `fetch` takes the file, verified."""
    registry = serve(tmp_path, server.url("pairs.tsv", PAIRS))
    with pytest.raises(errors.OfflineError, match="glove-registry fetch b --from FILE"):
        sample.evaluate("b", registry=registry, offline=True)
    file = tmp_path / "brought.tsv"
    file.write_bytes(PAIRS + b"a b 3\n")
    with pytest.raises(errors.ChecksumError):
        glove_registry.fetch("b", registry=registry, from_file=file)
    file.write_bytes(PAIRS)
    glove_registry.fetch("b", registry=registry, from_file=file)
    assert sample.evaluate("b", registry=registry, offline=True)["b"].total.asked == 6
    assert not server.requests


def test_by_default_all_benchmarks_are_used(sample: Vectors, tmp_path: Path) -> None:
    """Those of the registry that is given."""
    registry = Registry.from_file(write_benchmark(tmp_path, "similarity", PAIRS))
    assert [result.benchmark for result in sample.evaluate(registry=registry)] == ["b"]


def test_a_malformed_file_is_named(sample: Vectors, tmp_path: Path) -> None:
    """The error names the benchmark, its entry and the line."""
    registry = write_benchmark(tmp_path, "similarity", b"a\tb\t1\nc\td\n")
    with pytest.raises(errors.BenchmarkError, match=r"b \(.*b.yaml:1\), line 2: expe"):
        sample.evaluate("b", registry=registry)


# -- bad arguments ------------------------------------------------------------------


def test_nothing_in_common_is_an_error(sample: Vectors, tmp_path: Path) -> None:
    """Vectors that know no word of a benchmark give an error that says so."""
    registry = write_benchmark(tmp_path, "similarity", b"qqx qqy 1\nqqz qqw 2\n")
    others = write_benchmark(tmp_path, "analogies", b": a\nqqx qqy qqz qqw\n", "c")
    for oov in UNKNOWN_RULES:
        for name, file in (("b", registry), ("c", others)):
            with pytest.raises(
                errors.BenchmarkError, match=f"the words of {name} to"
            ) as caught:
                sample.evaluate(name, registry=file, oov=oov)
            # For Python and the command line alike.
            assert "what case and restrict are set to" in str(caught.value)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"case": "upper"}, "case='upper': expected one of fallback, exact, lower"),
        ({"oov": "error"}, "oov='error': expected one of skip, zeros, mean"),
        ({"rule": "3cosadd"}, "rule='3cosadd': expected one of 3CosAdd, 3CosMul"),
        ({"restrict": 0}, "restrict=0: expected a whole number from 1 on"),
        ({"restrict": ["a"]}, "expected a whole number from 1 on"),
        ({"benchmark": []}, "expected at least one name"),
    ],
)
def test_arguments_are_checked_first(
    sample: Vectors, arguments: dict[str, Any], words: str, server: FaultServer
) -> None:
    """A mistake is an error that lists what is possible, before anything is fetched."""
    with pytest.raises(ValueError, match=words.replace("[", "\\[")):
        sample.evaluate(**{"benchmark": "simlex-999", **arguments})
    assert not server.requests


def test_an_unknown_benchmark_is_an_error(sample: Vectors) -> None:
    """The nearest name is suggested."""
    with pytest.raises(errors.UnknownBenchmarkError, match="mean 'google-analogies'"):
        sample.evaluate("google")
    cases: list[Any] = [3, [3], [[]]]
    for wrong in cases:
        with pytest.raises(errors.UnknownBenchmarkError, match="such as 'simlex-999'"):
            sample.evaluate(wrong)


def test_no_vectors_are_an_error(tmp_path: Path) -> None:
    """Nothing to evaluate is a mistake, not an empty table."""
    registry = write_benchmark(tmp_path, "similarity", PAIRS)
    with pytest.raises(ValueError, match="at least one set of vectors, found none"):
        evaluate([], "b", registry=registry)


# -- results ------------------------------------------------------------------------


@pytest.fixture
def evaluation(sample: Vectors, tmp_path: Path) -> Evaluation:
    """Two sets of vectors on two benchmarks, one with published scores."""
    published = [
        {
            "source": "Doe 2024",
            "protocol": "case kept",
            "scores": {"glove.6B.50d-first10k": {"total": 0.5, "family": 0.25}},
        }
    ]
    write_benchmark(tmp_path, "similarity", PAIRS, "pairs")
    write_benchmark(tmp_path, "analogies", ANALOGIES, "asked", published=published)
    text = tmp_path / "few.txt"
    text.write_text("man 1 0\nking 1 1\nwoman 0 1\nqueen 0.1 2\nfilm 3 1\nmovie 3 2\n")
    registry = tmp_path / "both.yaml"
    entries: dict[str, object] = {}
    for name in ("pairs", "asked"):
        entries |= json.loads((tmp_path / f"{name}.yaml").read_text())["benchmarks"]
    registry.write_text(json.dumps({"benchmarks": entries}))
    few = glove_registry.open_file(text)
    return evaluate([sample, few], ["pairs", "asked"], registry=registry)


def test_the_table_has_a_column_for_each_set_of_vectors(evaluation: Evaluation) -> None:
    """Scores, published ones with the difference, and what was answered."""
    lines = str(evaluation).splitlines()
    assert lines[0].split() == ["glove.6B.50d-first10k", "few.txt"]
    total = evaluation["glove.6B.50d-first10k", "asked"].total
    assert total.value is not None
    row = next(i for i, line in enumerate(lines) if line.startswith("asked "))
    assert f"{total.value:.4f}" in lines[row]
    assert f"0.5000 ({total.value - 0.5:+.4f})" in lines[row + 1]
    assert lines[row + 1].split()[:2] == ["Doe", "2024"]
    assert lines[row + 1].split()[-1] == "-"
    assert lines[row + 2].split() == ["answered", "4", "of", "5", "2", "of", "5"]
    text = str(evaluation)
    assert "asked, Doe 2024: case kept" in text
    assert "unknown words skipped, 3CosAdd" in " ".join(text.split())
    # Sections are shown where there is room for them.
    assert "family" not in text
    one = Evaluation(tuple(r for r in evaluation if r.benchmark == "asked"))
    assert "  family" in str(one)
    assert "0.2500" in str(one)
    assert max(map(len, text.splitlines())) <= 80


def test_results_are_found_by_name(evaluation: Evaluation) -> None:
    """By benchmark, and by vectors too where there are several."""
    assert len(evaluation) == 4
    assert [result.benchmark for result in evaluation] == ["pairs", "asked"] * 2
    assert evaluation["few.txt", "pairs"].total.answered == 2
    with pytest.raises(KeyError, match="names 2 results"):
        _ = evaluation["pairs"]
    with pytest.raises(KeyError, match="names 0 results"):
        _ = evaluation["other"]
    assert repr(evaluation) == (
        "<Evaluation of glove.6B.50d-first10k, few.txt on pairs, asked>"
    )


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)"])
def test_no_cell_of_csv_is_a_formula(
    text: str, tmp_path: Path, sample: Vectors
) -> None:
    """What a stranger has written into a registry is no formula in a spreadsheet."""
    published = {
        **{"source": text, "protocol": text},
        "scores": {sample.name: {"total": -0.5}},
    }
    registry = write_benchmark(tmp_path, "similarity", PAIRS, published=[published])
    evaluation = sample.evaluate("b", registry=registry)
    _, found = csv.DictReader(io.StringIO(evaluation.to_csv()))
    assert (found["source"], found["protocol"]) == (f"'{text}", f"'{text}")
    assert found["value"] == "-0.5"


def test_markdown_and_csv_say_the_same(evaluation: Evaluation) -> None:
    """Markdown has the table's cells; CSV a line for each score, exactly."""
    markdown = evaluation.to_markdown().splitlines()
    assert markdown[0] == "|  | glove.6B.50d-first10k | few.txt |"
    assert markdown[1] == "| --- | ---: | ---: |"
    assert any(line.endswith("| 4 of 5 | 2 of 5 |") for line in markdown)
    assert evaluation._repr_markdown_() == evaluation.to_markdown()

    lines = list(csv.DictReader(io.StringIO(evaluation.to_csv())))
    measured = [line for line in lines if not line["source"]]
    scores = [score for result in evaluation for score in result.scores]
    assert len(measured) == len(scores)
    for line, score in zip(measured, scores, strict=True):
        assert line["part"] == score.part
        assert int(line["answered"]) == score.answered
        value = None if line["value"] == "" else float(line["value"])
        assert value == score.value
    (doe, family) = (line for line in lines if line["source"] == "Doe 2024")
    assert (float(doe["value"]), doe["protocol"]) == (0.5, "case kept")
    assert family["part"] == "family"


def test_what_a_registry_says_is_printable(sample: Vectors, tmp_path: Path) -> None:
    """Control characters and line ends in an entry do not reach the terminal."""
    scores = {sample.name: {"total": 0.5}}
    published = [
        {"source": "a\u009bb|\n_c", "protocol": "d\u202ee\nf", "scores": scores}
    ]
    registry = write_benchmark(tmp_path, "similarity", PAIRS, published=published)
    evaluation = sample.evaluate("b", registry=registry)
    for text in (str(evaluation), evaluation.to_markdown()):
        assert text.replace("\n", "").isprintable()
    assert (
        sum(line.startswith("|") for line in evaluation.to_markdown().split("\n")) == 5
    )


def test_json_is_plain_and_complete(evaluation: Evaluation) -> None:
    """`to_dict` has only plain values, with protocols, and no NaN."""
    read = json.loads(json.dumps(evaluation.to_dict(), allow_nan=False))
    assert len(read["results"]) == 4
    first = read["results"][1]
    assert first["protocol"] == {
        "restrict": None,
        "case": "fallback",
        "oov": "skip",
        "rule": "3CosAdd",
    }
    published = first["scores"][0]["published"][0]
    assert published["source"] == "Doe 2024"
    value = first["scores"][0]["value"]
    assert published["difference"] == pytest.approx(value - 0.5)


def test_a_revision_is_named_unless_it_is_the_default(
    tmp_path: Path, sample: Vectors
) -> None:
    """Published scores are of the default revision only."""
    published = [{"source": "p", "scores": {"v": {"total": 0.5}}}]
    registry = write_benchmark(tmp_path, "similarity", PAIRS, published=published)
    text = b"film 1 0\nmovie 1 1\nbook 0 1\nking 3 4\ncar 1 9\n"
    (tmp_path / "v.txt").write_bytes(text)
    (tmp_path / "w.txt").write_bytes(text + b"queen 1 3\n")
    own = json.loads(registry.read_text())
    own["variants"] = {
        "v": {
            "revisions": {
                name: {"url": f"file:{name}.txt", "sha256": digest}
                for name, digest in (
                    ("v", sha256(text)),
                    ("w", sha256(text + b"queen 1 3\n")),
                )
            }
        }
    }
    registry.write_text(json.dumps(own))
    both = [glove_registry.load(name, registry=registry) for name in ("v", "v@w")]
    evaluation = evaluate(both, "b", registry=registry)
    assert [result.vectors for result in evaluation] == ["v", "v@w"]
    assert [len(result.published) for result in evaluation] == [1, 0]


# -- the command line ---------------------------------------------------------------


def run(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    """Run `glove-registry evaluate`."""
    try:
        status = main(["evaluate", *arguments])
    except SystemExit as end:
        status = int(end.code or 0)
    out, err = capsys.readouterr()
    return status, out, err


def test_the_command_prints_the_table(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """As text, JSON, CSV and Markdown, with the protocol that options set."""
    registry = write_benchmark(tmp_path, "similarity", PAIRS)
    name = "glove.6B.50d-first10k"
    own = ("--registry", str(registry), "--benchmark", "b")
    vectors = glove_registry.load(name)
    expected = vectors.evaluate("b", registry=registry, case="lower", restrict=3000)
    how = (*own, "--case", "lower", "--restrict", "3000")
    assert run(capsys, name, *how)[:2] == (0, f"{expected}\n")
    assert json.loads(run(capsys, name, *how, "--json")[1]) == expected.to_dict()
    assert run(capsys, name, *how, "--to", "csv")[1] == expected.to_csv()
    markdown = run(capsys, name, *how, "--to", "markdown")[1]
    assert markdown == f"{expected.to_markdown()}\n"


def test_the_command_reports_mistakes_first(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Unknown names and invalid options exit with 2, before anything is fetched."""
    name = "glove.6B.50d"
    status, out, err = run(capsys, name, "--benchmark", "simlex")
    assert (status, out) == (2, "")
    assert "did you mean 'simlex-999'?" in err
    assert run(capsys, "glove.6B.50", "--benchmark", "simlex-999")[0] == 2
    status, _, err = run(capsys, name, "--restrict", "0")
    assert status == 2
    assert "expected a whole number from 1 on, found 0" in err
    assert run(capsys, name, "--oov", "drop")[0] == 2
    status, _, err = run(capsys, name, "simlex-999")
    assert status == 2
    assert "not a variant: write --benchmark simlex-999" in err
    status, _, err = run(capsys, name, "--json", "--to", "csv")
    assert status == 2
    assert "expected --json or --to csv, found both" in err
    assert run(capsys)[0] == 2
