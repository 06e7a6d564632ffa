"""What the commands of README.md install is listed once, whole, and by its hash."""

import re
import tomllib
from collections import defaultdict
from configparser import ConfigParser
from pathlib import Path

import pytest
import yaml
from packaging.markers import Marker
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

import glove_registry

CHECKOUT = Path(__file__).parent.parent
LISTS = sorted((CHECKOUT / "requirements").glob("*.txt"))
SETUP = ConfigParser()
SETUP.read(CHECKOUT / "setup.cfg", encoding="utf-8")
PYTHONS = re.findall(r"Python :: (3\.\d+)", SETUP["metadata"]["classifiers"])


def read_list(path: Path) -> list[tuple[Requirement, list[str]]]:
    """Return the requirements of a file with the options behind each."""
    found = []
    for line in path.read_text(encoding="utf-8").replace("\\\n", " ").splitlines():
        if not line.lstrip().startswith("#"):
            requirement, *options = line.split(" --")
            found.append((Requirement(requirement), [one.strip() for one in options]))
    return found


def read_setup() -> list[Requirement]:
    """Return all that setup.cfg and the build ask for, but for torch, of any build."""
    extras = SETUP["options.extras_require"].values()
    lines = "\n".join([SETUP["options"]["install_requires"], *extras]).split("\n")
    build = tomllib.loads((CHECKOUT / "pyproject.toml").read_text(encoding="utf-8"))
    asked = [*filter(None, lines), *build["build-system"]["requires"]]
    return [one for line in asked if (one := Requirement(line)).name != "torch"]


@pytest.mark.parametrize("python", PYTHONS)
def test_the_lock_has_all_that_setup_cfg_asks_for(python: str) -> None:
    """On each Python there is one locked release of each requirement, within bounds."""
    here = {"python_version": python, "python_full_version": f"{python}.0"}

    def applies(marker: Marker | None) -> bool:
        return marker is None or marker.evaluate(here)

    locked: dict[str, list[str]] = defaultdict(list)
    for pin, _ in read_list(CHECKOUT / "requirements" / "lock.txt"):
        if applies(pin.marker):
            locked[canonicalize_name(pin.name)].append(str(pin.specifier))
    for asked in read_setup():
        if applies(asked.marker):
            pins = locked[canonicalize_name(asked.name)]
            assert len(pins) == 1, f"{asked}: found {pins}: run .ci/lock"
            version = pins[0].removeprefix("==")
            assert asked.specifier.contains(version, prereleases=True), asked


@pytest.mark.parametrize("path", LISTS, ids=lambda path: path.stem)
def test_each_line_of_a_list_is_one_version_with_its_hashes(path: Path) -> None:
    """No line leaves open which bytes are installed, or says where they come from."""
    pins = read_list(path)
    assert pins
    for pin, options in pins:
        assert re.fullmatch(r"==[^*,]+", str(pin.specifier)), pin
        assert pin.url is None
        assert options, f"{pin} has no hash"
        for option in options:
            assert re.match(r"hash=sha256:[0-9a-f]{64}\b", option), option
    assert "://" not in path.read_text(encoding="utf-8")


def test_there_is_one_list_and_what_installs_it() -> None:
    """Both commands of README.md install by uv.txt, from lock.txt."""
    assert [path.name for path in LISTS] == ["lock.txt", "uv.txt"]
    readme = (CHECKOUT / "README.md").read_text(encoding="utf-8")
    commands = re.findall(r"-command -->\n```bash\n(.*)\n", readme)
    assert len(commands) == 2
    for command in commands:
        assert "pip install -r requirements/uv.txt" in command
        assert "-c requirements/lock.txt -b requirements/lock.txt" in command


def test_the_forge_tests_the_pythons_that_are_promised() -> None:
    """The workflow has each Python of the classifiers, and runs .ci/run."""
    path = CHECKOUT / ".github" / "workflows" / "ci.yml"
    job = yaml.safe_load(path.read_text(encoding="utf-8"))["jobs"]["run"]
    assert job["strategy"]["matrix"]["python"] == PYTHONS
    assert job["steps"][-1] == {"run": ".ci/run"}


def test_wheels_are_built_for_the_oldest_python_by_a_pinned_tool() -> None:
    """The workflow's wheels are made once, for the oldest Python and all after it."""
    path = CHECKOUT / ".github" / "workflows" / "wheels.yml"
    jobs = yaml.safe_load(path.read_text(encoding="utf-8"))["jobs"]
    commands = [step.get("run", "") for job in jobs.values() for step in job["steps"]]
    installed = [one for one in commands if "pip install" in one]
    for command in installed:
        assert all("==" in word for word in command.split("pip install ")[1].split())
    settings = tomllib.loads((CHECKOUT / "pyproject.toml").read_text(encoding="utf-8"))
    assert settings["tool"]["cibuildwheel"]["build"] == (
        f"cp{PYTHONS[0].replace('.', '')}-*"
    )


def test_commits_are_checked_by_what_the_lock_has() -> None:
    """A tool of the hooks that is in the lock has the same version there."""
    hooks = yaml.safe_load((CHECKOUT / ".pre-commit-config.yaml").read_text())
    pins = {
        pin
        for repository in hooks["repos"]
        for hook in repository["hooks"]
        for pin in hook["additional_dependencies"]
    }
    locked = {str(pin) for pin, _ in read_list(CHECKOUT / "requirements" / "lock.txt")}
    assert pins - locked == {"pre-commit-hooks==6.0.0"}


def test_the_citation_names_this_version() -> None:
    """CITATION.cff follows the package's version and licence."""
    citation = yaml.safe_load((CHECKOUT / "CITATION.cff").read_text(encoding="utf-8"))
    assert citation["version"] == glove_registry.__version__
    assert citation["license"] == SETUP["metadata"]["license"]
