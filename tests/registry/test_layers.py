"""A corpus is added by an entry alone, however the registry file is given."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from entries import SMALL, sha256

import glove_registry
from glove_registry import Registry
from glove_registry.cli import main
from glove_registry.errors import RegistryError

NAME = "lab.common-crawl.3d"


def write_corpus(folder: Path, name: str = NAME, **fields: str) -> Path:
    """Write a file of vectors, and a registry file with its entry beside it."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "crawl.txt").write_bytes(SMALL)
    more = "".join(f"    {key}: {value}\n" for key, value in fields.items())
    path = folder / "registry.yaml"
    path.write_text(
        f"variants:\n  {name}:\n    url: file:crawl.txt\n"
        f"    sha256: {sha256(SMALL)}\n{more}"
    )
    return path


def build_package(folder: Path, target: Path, name: str = NAME, **fields: str) -> None:
    """Build and install a package that brings the corpus by an entry point."""
    source = folder / "lab-vectors"
    write_corpus(source / "lab_vectors", name, **fields)
    (source / "lab_vectors" / "__init__.py").write_text(
        "raise ImportError('no code')\n"
    )
    (source / "pyproject.toml").write_text(
        '[build-system]\nrequires = ["setuptools"]\n'
        'build-backend = "setuptools.build_meta"\n'
        '[project]\nname = "lab-vectors"\nversion = "1.0"\n'
        '[project.entry-points."glove_registry.registries"]\nlab = "lab_vectors"\n'
        '[tool.setuptools.package-data]\nlab_vectors = ["registry.yaml", "*.txt"]\n'
    )
    subprocess.run(
        [
            sys.executable,
            "-m",
            "build",
            "--wheel",
            "--outdir",
            str(folder),
            str(source),
        ],
        check=True,
        capture_output=True,
    )
    (wheel,) = folder.glob("*.whl")
    subprocess.run(
        [
            *(sys.executable, "-m", "pip", "install", "--quiet", "--no-deps"),
            *("--no-index", "--target", str(target), str(wheel)),
        ],
        check=True,
        capture_output=True,
    )


def announce(folder: Path, value: str) -> None:
    """Write the metadata of an installed package with an entry point."""
    metadata = folder / "lab_vectors-1.0.dist-info"
    metadata.mkdir(parents=True)
    (metadata / "METADATA").write_text("Name: lab-vectors\nVersion: 1.0\n")
    (metadata / "entry_points.txt").write_text(
        f"[glove_registry.registries]\nlab = {value}\n"
    )


def give_by_argument(folder: Path, patch: pytest.MonkeyPatch) -> Path | None:
    """Give the registry as ``registry=``."""
    return write_corpus(folder)


def give_by_variable(folder: Path, patch: pytest.MonkeyPatch) -> Path | None:
    """Give the registry by GLOVE_REGISTRY_PATH, as the second of two files."""
    other = write_corpus(folder / "other", "lab.other.3d")
    paths = [str(other), str(write_corpus(folder))]
    patch.setenv("GLOVE_REGISTRY_PATH", os.pathsep.join(paths))
    return None


def give_by_package(folder: Path, patch: pytest.MonkeyPatch) -> Path | None:
    """Give the registry by a package that is built and installed."""
    site = folder / "site"
    build_package(folder, site)
    patch.syspath_prepend(str(site))
    return None


@pytest.mark.parametrize(
    "give",
    [
        give_by_argument,
        give_by_variable,
        pytest.param(give_by_package, marks=pytest.mark.slow),
    ],
)
def test_adding_a_corpus_is_just_an_entry(
    give: Callable[[Path, pytest.MonkeyPatch], Path | None],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """An entry that somebody writes leads to a Keras layer, without a line of code."""
    registry = give(tmp_path, monkeypatch)

    vectors = glove_registry.load(NAME, registry=registry)
    (weights,) = vectors.to_keras_layer({"film": 1, "of": 2}).get_weights()

    expected = np.array([[0, 0, 0], [0, 0, 1], [-1, 0.5, 2e-3]], np.float32)
    assert (weights == expected).all()
    assert glove_registry.info(NAME, registry=registry).origin.endswith(
        "registry.yaml:3"
    )
    assert vectors.provenance["registry"].endswith("registry.yaml:3")


def test_the_command_line_takes_a_registry(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """`--registry FILE` shows the entry, and the file that it is from."""
    path = write_corpus(tmp_path)
    assert main(["info", NAME, "--registry", str(path)]) == 0
    assert f"{path}:3" in capsys.readouterr().out


@pytest.mark.parametrize("value", ["lab_vectors", "lab_vectors:other.yaml"])
def test_an_installed_package_is_not_imported(
    value: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A package's registry is read as data: none of its code runs."""
    path = write_corpus(tmp_path / "lab_vectors")
    if ":" in value:
        path = path.rename(path.with_name("other.yaml"))
    (tmp_path / "lab_vectors" / "__init__.py").write_text("raise ImportError\n")
    announce(tmp_path, value)
    monkeypatch.syspath_prepend(str(tmp_path))

    assert glove_registry.info(NAME).origin == f"{path}:3"
    assert "lab_vectors" not in sys.modules


def test_a_package_is_seen_and_forgotten_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is installed or removed while a process runs is noticed by it."""
    monkeypatch.syspath_prepend(str(tmp_path))
    assert NAME not in Registry.default()
    write_corpus(tmp_path / "lab_vectors")
    announce(tmp_path, "lab_vectors")
    assert NAME in Registry.default()
    metadata = tmp_path / "lab_vectors-1.0.dist-info"
    metadata.rename(tmp_path / "away")
    assert NAME not in Registry.default()


def test_later_layers_lie_above_earlier_ones(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of built-in, package, GLOVE_REGISTRY_PATH and registry=, the last one counts."""
    name, origins = "glove.6B.50d", []
    layers = [tmp_path / "lab_vectors", tmp_path / "path", tmp_path / "argument"]
    for layer in layers:
        path = write_corpus(layer, name, override="true")
        if layer.name == "lab_vectors":
            announce(tmp_path, "lab_vectors")
            monkeypatch.syspath_prepend(str(tmp_path))
        elif layer.name == "path":
            monkeypatch.setenv("GLOVE_REGISTRY_PATH", str(path))
        argument = path if layer.name == "argument" else None
        origins.append(glove_registry.info(name, registry=argument).origin)
    assert origins == [f"{layer / 'registry.yaml'}:3" for layer in layers]


def test_a_package_takes_no_name_that_is_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An installed package with a built-in's name is refused, both places named."""
    path = write_corpus(tmp_path / "lab_vectors", "glove.6B.50d")
    announce(tmp_path, "lab_vectors")
    monkeypatch.syspath_prepend(str(tmp_path))
    with pytest.raises(RegistryError, match="override: true") as caught:
        glove_registry.load("glove.6B.100d")
    assert str(caught.value).startswith(f"{path}:3: 'glove.6B.50d' is also defined at")


@pytest.mark.parametrize(
    ("value", "sentence"),
    [
        ("no_such_package", "'no_such_package', which does not exist"),
        ("json.tool", "cannot read this registry file"),
        ("lab_vectors:missing.yaml", "missing.yaml: cannot read this registry file"),
    ],
)
def test_a_broken_announcement_is_said(
    value: str, sentence: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An entry point that leads nowhere is an error that names it."""
    write_corpus(tmp_path / "lab_vectors")
    announce(tmp_path, value)
    monkeypatch.syspath_prepend(str(tmp_path))
    with pytest.raises(RegistryError, match=sentence):
        Registry.default()
