"""Files of this machine: at a path, or inside an installed package."""

import sys
from pathlib import Path

import pytest
from entries import SMALL, sha256, write_registry

import glove_registry
from glove_registry.download.local import find_file, find_in_package
from glove_registry.errors import FetchError


@pytest.fixture
def places(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """Two folders that Python finds packages in; whatever they import fails."""
    found = [tmp_path / "one", tmp_path / "two"]
    for place in found:
        place.mkdir()
        monkeypatch.syspath_prepend(place)
    package = found[0] / "lab_vectors"
    (package / "small").mkdir(parents=True)
    for folder in (package, package / "small"):
        (folder / "__init__.py").write_text("raise AssertionError('it was imported')")
        (folder / "v.txt").write_bytes(b"the 1 2\n")
    (package / "data.d").mkdir()
    (package / "data.d" / "w.txt").write_bytes(b"the 1 2\n")
    return found


@pytest.mark.parametrize(
    ("url", "path"),
    [
        ("package:lab_vectors/v.txt", "lab_vectors/v.txt"),
        ("package:lab_vectors/data.d/w.txt", "lab_vectors/data.d/w.txt"),
        ("package:lab_vectors.small/v.txt", "lab_vectors/small/v.txt"),
    ],
)
def test_a_file_in_a_package(places: list[Path], url: str, path: str) -> None:
    """A file is found below its package, of which no code is run."""
    assert find_in_package(url) == places[0] / path
    assert not [name for name in sys.modules if name.startswith("lab_vectors")]


def test_a_package_in_several_places(places: list[Path]) -> None:
    """A file is found in whichever part of a namespace package has it."""
    for place in places:
        folder = place / "lab_names"
        folder.mkdir()
        (folder / f"{place.name}.txt").write_bytes(b"the 1 2\n")
        path = folder / f"{place.name}.txt"
        assert find_in_package(f"package:lab_names/{path.name}") == path
    for place in places:
        found = find_in_package(f"package:lab_names/{place.name}.txt")
        assert found == place / "lab_names" / f"{place.name}.txt"
    # Python looked into the one first that was put first.
    first = places[1] / "lab_names" / "three.txt"
    with pytest.raises(FetchError, match=f"^{first} does not exist"):
        find_in_package("package:lab_names/three.txt")


@pytest.mark.parametrize("package", ["no_such_package", "stat", "__main__"])
def test_what_is_no_package(package: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A module that is missing, or is a single file, has no files inside."""
    monkeypatch.setattr(sys.modules["__main__"], "__spec__", None)
    with pytest.raises(FetchError, match=f"'{package}' is not installed"):
        find_in_package(f"package:{package}/v.txt")


def test_a_path_that_is_no_file(tmp_path: Path) -> None:
    """A file is found at its path, and a folder is none."""
    path = tmp_path / "a b.txt"
    path.write_bytes(b"the 1 2\n")
    assert find_file(path.as_uri()) == path
    for other in (tmp_path, tmp_path / "no.txt"):
        with pytest.raises(FetchError, match=f"^{other} does not exist or is not a re"):
            find_file(other.as_uri())


def test_a_path_that_cannot_be_looked_at_is_that_source_s_fault(tmp_path: Path) -> None:
    """It is an error that says so, after which the next source is tried."""
    (tmp_path / "v.txt").write_bytes(SMALL)
    with pytest.raises(FetchError, match=r"^/x{300} cannot be read \("):
        find_file(f"file:///{'x' * 300}")
    registry = write_registry(
        tmp_path,
        "mine",
        sources=[{"url": f"file:{'x' * 300}"}, {"url": "file:v.txt"}],
        member={"sha256": sha256(SMALL)},
    )
    path = glove_registry.fetch("mine", registry=registry, progress=False)
    assert path.read_bytes() == SMALL
