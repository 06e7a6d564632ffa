"""Wheel, sdist, checkout and editable install have the one registry and the parser."""

import os
import re
import shutil
import subprocess
import sys
import sysconfig
import tarfile
import venv
import zipfile
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).parent.parent
SAMPLE = "samples/glove.6B.50d-first10k.txt.xz"
DATA = [
    "py.typed",
    "formats/_rows.pyi",
    "samples/NOTICE.txt",
    SAMPLE,
    "_data/registry.yaml",
    "catalogue/catalogue.css",
    "catalogue/catalogue.html",
    "catalogue/index.css",
    "catalogue/index.html",
    "catalogue/index.js",
    "catalogue/macros.html",
    "catalogue/variant.css",
    "catalogue/variant.html",
    "explorer/explorer.css",
    "explorer/explorer.html",
    *(
        f"explorer/{name}.js"
        for name in (
            *("answers", "camera", "explorer", "field", "gestures", "labels"),
            *("map", "points", "release", "show"),
        )
    ),
    "pages/base.css",
    "pages/base.html",
    "pages/copy.js",
]
CODE = """
import glove_registry
variant = glove_registry.info("glove.6B.50d-first10k")
vectors = glove_registry.load(variant.name)
print(variant.origin.rpartition(":")[0], len(vectors))
"""
PARSER = """
from glove_registry.formats import text
print(text.read_rows.__module__)
"""

pytestmark = pytest.mark.slow


def run(*command: str | Path, cwd: Path, **environment: str) -> str:
    """Run a command, or fail with what it said."""
    done = subprocess.run(
        [*map(str, command)],
        cwd=cwd,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A bare copy of the files that git has, as somebody else would get them."""
    copy = tmp_path_factory.mktemp("checkout")
    listed = run("git", "ls-files", "-co", "--exclude-standard", cwd=CHECKOUT)
    for name in listed.splitlines():
        if (CHECKOUT / name).is_file():
            (copy / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(CHECKOUT / name, copy / name)
    return copy


@pytest.fixture(scope="module")
def dist(checkout: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the sdist of the checkout and the wheel of that sdist."""
    folder = tmp_path_factory.mktemp("dist")
    run(sys.executable, "-m", "build", "--outdir", folder, checkout, cwd=folder)
    return folder


@pytest.fixture
def python(tmp_path: Path) -> Path:
    """A fresh environment that sees what this package requires, but not the package."""
    venv.create(tmp_path / "venv", with_pip=True)
    bin_folder = "Scripts" if sys.platform == "win32" else "bin"
    site = tmp_path / "venv" / "lib" / f"python{sysconfig.get_python_version()}"
    here = sysconfig.get_paths()["purelib"]
    # Added by code, after the environment's own, and without the .pth files there:
    # those would bring in an editable install of this very package.
    (site / "site-packages" / "requirements.pth").write_text(here)
    return tmp_path / "venv" / bin_folder / "python"


def find_registry(python: Path, cwd: Path) -> Path:
    """Ask the installed package, from outside the checkout, where its registry is."""
    path, rows = run(python, "-c", CODE, cwd=cwd).split()
    assert rows == "10000"
    return Path(path)


def test_the_wheel_holds_the_package_and_its_data_byte_for_byte(
    checkout: Path, dist: Path
) -> None:
    """The wheel holds the modules and the data, and nothing else of the top level.

    Its one compiled module serves all Pythons from 3.11 on.
    """
    (wheel,) = dist.glob("*.whl")
    assert "-cp311-abi3-" in wheel.name
    with zipfile.ZipFile(wheel) as archive:
        found = {
            name.removeprefix("glove_registry/"): archive.read(name)
            for name in archive.namelist()
            if not name.partition("/")[0].endswith(".dist-info")
        }
    package = checkout / "glove_registry"
    modules = {str(path.relative_to(package)) for path in package.rglob("*.py")}
    (compiled,) = set(found) - modules - set(DATA)
    assert re.fullmatch(r"formats/_rows\.(abi3\.so|pyd)", compiled)
    assert found.pop(compiled)
    assert set(found) == modules | set(DATA)
    for name, content in found.items():
        source = package / name
        if name == "_data/registry.yaml":
            source = checkout / "registry.yaml"
        assert content == source.read_bytes(), name


def test_the_sdist_holds_what_the_wheel_is_made_of(checkout: Path, dist: Path) -> None:
    """The sdist has registry.yaml once, at its top, and the sample."""
    (sdist,) = dist.glob("*.tar.gz")
    with tarfile.open(sdist) as archive:
        names = [name.partition("/")[2] for name in archive.getnames()]
    assert [name for name in names if name.endswith("registry.yaml")] == [
        "registry.yaml"
    ]
    assert f"glove_registry/{SAMPLE}" in names
    assert "glove_registry/formats/_rows.c" in names
    assert "README.md" in names


@pytest.mark.parametrize("kind", ["*.whl", "*.tar.gz"])
def test_an_installation_finds_its_own_registry(
    kind: str, python: Path, dist: Path, checkout: Path, tmp_path: Path
) -> None:
    """Installed from wheel or sdist, the registry is the installed copy."""
    (file,) = dist.glob(kind)
    run(python, "-m", "pip", "install", "--no-deps", file, cwd=tmp_path)
    path = find_registry(python, tmp_path)
    assert path.is_relative_to(tmp_path / "venv")
    assert path.read_bytes() == (checkout / "registry.yaml").read_bytes()


@pytest.mark.parametrize("compiler", ["cc", "false"])
def test_an_installation_needs_no_compiler(
    compiler: str, python: Path, dist: Path, tmp_path: Path
) -> None:
    """Where a compiler is missing or fails, rows are read by arrow."""
    (sdist,) = dist.glob("*.tar.gz")
    options = ["--no-deps", "--no-cache-dir"]
    run(python, "-m", "pip", "install", *options, sdist, cwd=tmp_path, CC=compiler)
    find_registry(python, tmp_path)
    parser = "_rows" if compiler == "cc" else "arrow_rows"
    found = run(python, "-c", PARSER, cwd=tmp_path)
    assert found == f"glove_registry.formats.{parser}\n"


def test_an_editable_install_reads_the_file_that_is_edited(
    python: Path, checkout: Path, tmp_path: Path
) -> None:
    """Installed in place, the registry is the checkout's own file."""
    run(python, "-m", "pip", "install", "--no-deps", "-e", checkout, cwd=tmp_path)
    assert find_registry(python, tmp_path) == checkout / "registry.yaml"


def test_a_bare_checkout_works_without_an_installation(
    checkout: Path, tmp_path: Path
) -> None:
    """With the checkout as the current folder nothing needs to be installed."""
    assert find_registry(Path(sys.executable), checkout) == checkout / "registry.yaml"
