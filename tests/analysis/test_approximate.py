"""Approximate search finds most of the nearest words, with exact scores."""

import gc
import os
import subprocess
import sys
import weakref
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import glove_registry
from glove_registry import Vectors, analysis
from glove_registry.analysis import approximate
from glove_registry.errors import CacheError, UnknownWordError
from glove_registry.store.derived import DerivedFile

SAMPLE = "glove.6B.50d-first10k"


@pytest.fixture(scope="module")
def cache_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A cache with the sample and its index."""
    folder = tmp_path_factory.mktemp("cache")
    analysis.build_index(load(folder), progress=False)
    return folder


def load(cache_dir: Path) -> Vectors:
    """Load the sample, as another process would."""
    return glove_registry.load(SAMPLE, cache_dir=cache_dir)


def find_file(cache_dir: Path) -> Path:
    """Return the file of the only index."""
    (path,) = cache_dir.glob("derived/*/neighbours.usearch")
    return path


def test_most_of_the_nearest_words_are_found(cache_dir: Path) -> None:
    """The recall is high, and each score is that of the exact search."""
    vectors = load(cache_dir)
    words = vectors.tokens[2000:2500]
    rows, scores = analysis.nearest(vectors, words, 10)
    found, near = analysis.nearest(vectors, words, 10, approximate=True)
    assert found.shape == rows.shape
    hits = [len({*a} & {*b}) for a, b in zip(rows, found, strict=True)]
    assert sum(hits) / rows.size > 0.97
    exact = [
        {*zip(a.tolist(), s.tolist(), strict=True)}
        for a, s in zip(found, near, strict=True)
    ]
    for i in np.flatnonzero([hit == 10 for hit in hits])[:100]:
        assert exact[i] == {*zip(rows[i].tolist(), scores[i].tolist(), strict=True)}
    assert (np.diff(near, axis=1) <= 0).all()


def test_queries_are_those_of_the_exact_search(cache_dir: Path) -> None:
    """Words, vectors, one or many or none; a word is not its own neighbour."""
    vectors = load(cache_dir)
    for queries in (["film"], ["film", "Paris"], [vectors["film"]], ["film"] * 600):
        expected = analysis.nearest(vectors, queries, 2)
        found = analysis.nearest(vectors, queries, 2, approximate=True)
        assert found[0].tolist() == expected[0].tolist()
        assert found[1].tolist() == expected[1].tolist()
    assert analysis.nearest(vectors, [], 3, approximate=True)[0].shape[0] == 0
    with pytest.raises(UnknownWordError, match="'flim'"):
        analysis.nearest(vectors, ["flim"], approximate=True)
    with pytest.raises(ValueError, match="leave restrict out"):
        analysis.nearest(vectors, ["film"], restrict=5, approximate=True)


def test_another_process_maps_the_index(cache_dir: Path) -> None:
    """It finds the same without building anything."""
    expected = analysis.nearest(load(cache_dir), ["film"], 3, approximate=True)
    code = (
        "import sys, glove_registry; from glove_registry import analysis\n"
        "vectors = glove_registry.load(sys.argv[1], cache_dir=sys.argv[2])\n"
        "print(analysis.nearest(vectors, ['film'], 3, approximate=True)[0].tolist())"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, SAMPLE, str(cache_dir)],
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout == f"{expected[0].tolist()}\n"


def test_without_an_index_there_is_an_error(tmp_path: Path) -> None:
    """It says how to build one; a damaged one is none."""
    vectors = load(tmp_path)
    with pytest.raises(CacheError, match=r"analysis.build_index\(vectors\)"):
        analysis.nearest(vectors, ["film"], approximate=True)
    analysis.build_index(vectors, progress=False)
    path = find_file(tmp_path)
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)
    # These vectors keep the index that they have.
    assert analysis.nearest(vectors, ["film"], 1, approximate=True)[0].size == 1
    with pytest.raises(CacheError, match="has no index"):
        analysis.nearest(load(tmp_path), ["film"], approximate=True)
    analysis.build_index(vectors, progress=False)
    assert analysis.nearest(load(tmp_path), ["film"], approximate=True)[0].size == 10


def test_an_index_that_is_removed_meanwhile_is_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever removes the file while it is opened causes the same error, no more."""
    analysis.build_index(load(tmp_path), progress=False)
    find = DerivedFile.find

    def find_and_remove(file: DerivedFile) -> object:
        found = find(file)
        if found and found[0].suffix == ".usearch":
            found[0].unlink()
        return found

    monkeypatch.setattr(DerivedFile, "find", find_and_remove)
    with pytest.raises(CacheError, match="has no index"):
        analysis.nearest(load(tmp_path), ["film"], approximate=True)
    os.fstat(0)  # raises if standard input was closed


def test_vectors_that_were_searched_are_closed(cache_dir: Path) -> None:
    """When nobody uses them any more, their files are not kept open."""
    vectors = load(cache_dir)
    vectors.most_similar("film")
    analysis.nearest(vectors, ["film"], approximate=True)
    used = weakref.ref(vectors)
    del vectors
    gc.collect()
    assert used() is None


def test_the_recall_is_measured_and_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The report is returned and written to standard error."""
    vectors = load(tmp_path)
    report = analysis.build_index(vectors)
    assert capsys.readouterr().err == f"{report}\n"
    assert 0.97 < report.recall <= 1
    assert report.words == len(vectors)
    size = find_file(tmp_path).stat().st_size
    assert report.bytes == pytest.approx(size, rel=0.01)
    assert "recall@10 is 0.9" in str(report) or "recall@10 is 1.0" in str(report)
    analysis.build_index(vectors, progress=False)
    assert capsys.readouterr().err == ""


@pytest.mark.slow
def test_a_search_is_as_thorough_as_it_must_be(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first number of candidates with a good recall is kept, for later uses too."""
    for good, expected in ((0.0, 48), (0.9, 48), (1.01, 512)):
        monkeypatch.setattr(approximate, "_GOOD_RECALL", good)
        report = analysis.build_index(load(tmp_path), progress=False)
        assert report.expansion == expected
        assert approximate._open(load(tmp_path)).expansion_search == expected


def test_zeros_and_repeated_tokens_are_not_in_the_index(tmp_path: Path) -> None:
    """Neither is found; there may be fewer words than were asked for."""
    path = tmp_path / "odd.txt"
    path.write_text("a 1 0\nb 0 0\nc 1 1\na 0 1\nd 0 -1\n")
    vectors = glove_registry.open_file(path)
    assert analysis.build_index(vectors, progress=False).words == 3
    rows, scores = analysis.nearest(vectors, ["a", "b"], 9, approximate=True)
    assert rows.tolist() == [[2, 4, -1], [0, 2, 4]]
    assert scores[1].tolist() == [0, 0, 0]


def test_all_vectors_may_be_zeros(tmp_path: Path) -> None:
    """Then the index is empty, and nothing is found."""
    path = tmp_path / "zeros.txt"
    path.write_text("a 0 0\nb 0 0\n")
    vectors = glove_registry.open_file(path)
    report = analysis.build_index(vectors, progress=False)
    assert (report.words, report.recall) == (0, 0)
    assert analysis.nearest(vectors, ["a"], approximate=True)[0].shape == (1, 0)


def test_a_cache_that_cannot_be_written_serves_this_process(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """The index is used, and a line in the log says that it was not kept."""
    vectors = load(tmp_path)
    (tmp_path / "derived").write_text("in the way")
    analysis.build_index(vectors, progress=False)
    assert "cannot be kept in the cache" in caplog.text
    assert analysis.nearest(vectors, ["film"], 4, approximate=True)[0].size == 4


def test_without_usearch_the_error_says_what_to_install(
    sample: Vectors, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The extra is named."""
    monkeypatch.setitem(sys.modules, "usearch.index", None)
    with pytest.raises(ImportError, match=r"pip install 'glove_registry\[ann\]'"):
        analysis.build_index(sample)


@pytest.mark.parametrize("value", ["yes", 1, None])
def test_approximate_is_a_bool(sample: Vectors, value: Any) -> None:
    """Anything else is an error."""
    with pytest.raises(ValueError, match=f"approximate={value!r}"):
        analysis.nearest(sample, ["film"], approximate=value)


def test_the_sample_of_a_few_words_is_all_of_them(tmp_path: Path) -> None:
    """The report does not claim more words than there are."""
    path = tmp_path / "few.txt"
    path.write_text("a 1 0\nb 0.9 0.2\nc 0 1\n")
    vectors = glove_registry.open_file(path)
    assert analysis.build_index(vectors, progress=False).sample == 3


def test_one_word_has_no_neighbour_to_miss() -> None:
    """The share of none is 1, and no warning about an empty mean."""
    vectors = glove_registry.from_arrays(["a"], [[1.0, 2.0]], name="one")
    report = analysis.build_index(vectors, progress=False)
    assert (report.words, report.recall, report.sample) == (1, 1.0, 1)
    assert analysis.nearest(vectors, ["a"], approximate=True)[0].shape == (1, 0)
