"""Benchmarks are entries of a registry, beside its variants."""

import json
from pathlib import Path

import pytest
from entries import sha256

from glove_registry import Registry
from glove_registry.cli import main
from glove_registry.errors import (
    RegistryError,
    UnknownBenchmarkError,
    UnknownVariantError,
)

# Of the files that gensim 4.4.0, word2vec and WEFE 1.0.1 distribute.
PUBLISHED = {
    "google-analogies": (
        "8c29b3332afc46f3fb8be04cb5297bf96f39aa7131272dff57869b4485b22a36"
    ),
    "wordsim-353": "f92a022fc2537793a15bc3a8c162ebcd74990e033a228bb6388cb71e4c0b1e1d",
    "simlex-999": "d5e0501971478a511430ee880bd0121e94ac701ba86d90544d83e6d2ba3db05d",
    "weat": "1a4a448a1825b29c67a7ebb7733343084b015f5b8ed720b2d9e193840a3d49a1",
}
OWN = (
    "benchmarks:\n  {name}:\n    {override}\n    task: similarity\n"
    "    url: https://example.org/a.tsv\n    sha256: {sha256}\n"
)


def write_own(path: Path, name: str, override: str = "case: exact") -> Path:
    """Write a registry with one benchmark."""
    path.write_text(OWN.format(name=name, override=override, sha256="a" * 64))
    return path


def test_the_built_in_benchmarks_are_pinned() -> None:
    """Each built-in benchmark has the sha256 that was published, at every source."""
    found = {b.name: b for b in Registry.default().list_benchmarks()}
    assert {name: b.anchor for name, b in found.items()} == PUBLISHED
    for benchmark in found.values():
        assert {source.sha256 for source in benchmark.sources} == {benchmark.anchor}


def test_benchmarks_are_no_variants() -> None:
    """What lists or loads variants does not see benchmarks; the error says so."""
    registry = Registry.default()
    assert not set(PUBLISHED) & set(registry)
    assert "simlex-999" not in registry
    assert not registry.list_variants("simlex*")
    with pytest.raises(UnknownVariantError, match="it is a benchmark") as caught:
        registry.find("simlex-999")
    assert "Registry.default().find_benchmark('simlex-999')" in str(caught.value)


@pytest.mark.parametrize("name", ["simlex", "SimLex999", "simlex_999", "simlx-999"])
def test_the_nearest_benchmark_is_suggested(name: str) -> None:
    """An unknown name gives the nearest benchmark, and all that there are."""
    with pytest.raises(UnknownBenchmarkError, match="did you mean 'simlex-999'"):
        Registry.default().find_benchmark(name)
    with pytest.raises(UnknownBenchmarkError, match="'google-analogies', 'wordsim"):
        Registry.default().find_benchmark("no such thing")
    with pytest.raises(UnknownBenchmarkError, match="found int 7"):
        Registry.default().find_benchmark(7)  # type: ignore[arg-type]


def test_commands_suggest_benchmarks_too(capsys: pytest.CaptureFixture[str]) -> None:
    """Where both kinds of names are taken, the nearest of both is suggested."""
    assert main(["info", "simlex"]) == 2
    message = "no variant or benchmark is called 'simlex': did you mean 'simlex-999'?"
    assert message in capsys.readouterr().err
    assert main(["fetch", "glove-6B-50d"]) == 2
    assert "did you mean 'glove.6B.50d'?" in capsys.readouterr().err


def test_a_registry_of_ones_own_adds_benchmarks(tmp_path: Path) -> None:
    """A layer adds benchmarks, and replaces one only if it says so."""
    own = write_own(tmp_path / "a.yaml", "my.pairs")
    registry = Registry.over_default(own)
    assert registry.find_benchmark("my.pairs").case == "exact"
    assert set(registry) == set(Registry.default())
    assert len(registry.list_benchmarks()) == 1 + len(PUBLISHED)
    assert [b.name for b in registry.list_benchmarks("My*")] == ["my.pairs"]

    write_own(own, "simlex-999")
    with pytest.raises(RegistryError, match="is also defined at"):
        Registry.over_default(own).find_benchmark("simlex-999")
    write_own(own, "simlex-999", "override: true")
    found = Registry.over_default(own).find_benchmark("simlex-999")
    assert found.anchor == "a" * 64

    # One name means one thing, whichever kind it is of.
    write_own(own, "glove.6B.50d")
    with pytest.raises(RegistryError, match="is also defined at"):
        Registry.over_default(own).find("glove.6B.50d")


def test_commands_take_benchmarks_too(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """`info`, `cite`, `fetch` and `check` take the name of a benchmark."""
    assert main(["info", "wordsim-353"]) == 0
    lines = [line.split() for line in capsys.readouterr().out.splitlines()]
    for line in (
        ["task", "similarity"],
        ["case", "exact"],
        ["license", "CC-BY-4.0"],
        ["sha256", PUBLISHED["wordsim-353"]],
    ):
        assert line in lines
    assert main(["info", "weat", "--json"]) == 0
    shown = json.loads(capsys.readouterr().out)
    assert shown["tests"]["1"][0] == "flowers"
    assert shown["published"][0]["scores"]["glove.840B.300d"]["10"] == 1.21
    assert main(["cite", "simlex-999"]) == 0
    assert capsys.readouterr().out.startswith("@article{hill2015simlex")

    content = b"a b 1\nc d 2\n"
    file = tmp_path / "pairs.txt"
    file.write_bytes(content)
    entry = {"task": "similarity", "url": file.as_uri(), "sha256": sha256(content)}
    own = tmp_path / "own.yaml"
    own.write_text(json.dumps({"benchmarks": {"own": entry}}))
    assert main(["fetch", "own", "--registry", str(own)]) == 0
    path = Path(capsys.readouterr().out.strip())
    assert path.read_bytes() == content
    assert main(["check", "own", "--registry", str(own)]) == 0
    assert "ok" in capsys.readouterr().out
    # What is in the cache can be listed, verified and removed by its name.
    assert main(["verify"]) == 0
    assert main(["cache", "remove", "own"]) == 0
    assert not path.exists()


def test_published_scores_are_of_variants_that_exist() -> None:
    """Every published score is of a built-in variant and lies between -2 and 2."""
    registry = Registry.default()
    for benchmark in registry.list_benchmarks():
        assert benchmark.published
        for published in benchmark.published:
            assert published.protocol
            for variant, scores in published.scores.items():
                assert variant in registry
                assert all(-2 <= score <= 2 for score in scores.values())
