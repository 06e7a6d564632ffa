"""What README.md and the pages of docs say is done, to the letter."""

import re
import subprocess
import sys
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
import yaml
from benchmark_files import keep_published
from needed_engines import require_engine

from glove_registry import Registry
from glove_registry.registries import info
from glove_registry.registry.families import Family, fold_families

CHECKOUT = Path(__file__).parent.parent
README = (CHECKOUT / "README.md").read_text(encoding="utf-8")
PAGES = [CHECKOUT / "README.md", *sorted((CHECKOUT / "docs").rglob("*.md"))]
BLOCK = re.compile(r"(?:<!-- ([\w-]+) -->\n)?```(\w+)\n(.*?)```", re.DOTALL)


@dataclass(frozen=True)
class Block:
    """A block of code on a page, with those that continue it."""

    page: Path
    number: int
    mark: str | None
    language: str
    code: str

    def __str__(self) -> str:
        return f"{self.page.stem}-{self.number}"


def read_blocks(page: Path) -> list[Block]:
    """Read the blocks of a page; one marked as continued belongs to that before it."""
    blocks: list[Block] = []
    found = BLOCK.finditer(page.read_text(encoding="utf-8"))
    for number, (mark, language, code) in enumerate((one.groups() for one in found), 1):
        if mark == "continued":
            assert blocks[-1].language == language
            blocks[-1] = replace(blocks[-1], code=blocks[-1].code + code)
        else:
            blocks.append(Block(page, number, mark, language, code))
    return blocks


BLOCKS = [block for page in PAGES for block in read_blocks(page)]
COMMANDS = {block.mark: block.code for block in BLOCKS if block.mark}


def blocks(language: str) -> list[Block]:
    """Give the unmarked code blocks in a language, in the pages' order."""
    found = [b for b in BLOCKS if b.language == language and not b.mark]
    assert found
    return found


def test_every_block_is_in_a_language_that_is_run_here() -> None:
    """No code block escapes the tests of this module."""
    assert {block.language for block in BLOCKS} == {"python", "bash", "yaml"}
    # The last two are run in tests/authoring, against servers on loopback.
    assert set(COMMANDS) == {
        *("main-command", "tests-command"),
        *("hub-commands", "bucket-commands"),
    }
    for page in PAGES:
        text = page.read_text(encoding="utf-8")
        assert text.count("```") == 2 * len(BLOCK.findall(text)), page


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_links_lead_to_files_that_are_there(page: Path) -> None:
    """A page links no file of the project that is not there, and no missing heading."""
    for target in re.findall(r"\]\(([^)]+)\)", page.read_text(encoding="utf-8")):
        if target.startswith("http"):
            continue
        name, _, heading = target.partition("#")
        path = page.parent / name if name else page
        assert path.is_file(), target
        if heading:
            text = path.read_text(encoding="utf-8")
            headings = re.findall(r"^#+ (.*)$", text, re.MULTILINE)
            known = [re.sub(r"[^\w -]", "", h).lower() for h in headings]
            assert heading in [h.replace(" ", "-") for h in known], target


def test_the_vectors_to_choose_have_advice_in_the_registry() -> None:
    """Each name that the table of what to choose begins with is one with advice."""
    text = (CHECKOUT / "docs" / "vectors.md").read_text(encoding="utf-8")
    table = text.partition("## Which vectors for what")[2].partition("\n## ")[0]
    names = re.findall(r"^\|[^|]+\| `([^`]+)`", table, re.MULTILINE)
    assert len(names) > 10
    assert [name for name in names if not info(name).choose_when] == []


@pytest.fixture(scope="module")
def shared_cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A cache for all blocks, so that the real release is compiled once."""
    return tmp_path_factory.mktemp("cache")


@pytest.fixture
def real_registry(
    real_text: Path, shared_cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Let glove.6B.50d come from this machine; its hash stays the published one."""
    monkeypatch.setenv("GLOVE_REGISTRY_CACHE", str(shared_cache))
    path = tmp_path / "registry.yaml"
    path.write_text(
        "variants:\n  glove.6B.50d:\n    override: true\n"
        f"    url: {real_text.as_uri()}\n"
        f"    sha256: {info('glove.6B.50d').member.sha256}\n"
    )
    monkeypatch.setenv("GLOVE_REGISTRY_PATH", str(path))
    keep_published()


@pytest.mark.slow
@pytest.mark.usefixtures("real_registry")
@pytest.mark.parametrize("block", blocks("python"), ids=str)
def test_python_blocks_run(block: Block, tmp_path: Path) -> None:
    """Each Python block runs by itself; a value in a comment is what is printed."""
    code = block.code
    for package in re.findall(r"^from (distributed|ray|pyspark)\b", code, re.MULTILINE):
        require_engine(package)
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    shown = [line for line in code.splitlines() if line.startswith("print(")]
    # TFDS says itself what it prepares, before.
    lines = done.stdout.splitlines()[-len(shown) :] if shown else []
    assert len(shown) == len(lines)
    for line, printed in zip(shown, lines, strict=True):
        comment = line.partition("# ")[2]
        assert comment.startswith(printed) or "sha256" in line, (line, printed)


@pytest.mark.slow
def test_bash_blocks_run(tmp_path: Path) -> None:
    """The commands run one after the other, in the page's order."""
    keep_published()
    bin_folder = Path(sys.executable).parent
    script = "".join(b.code for b in blocks("bash")).replace(
        "python ", f"{sys.executable} "
    )
    script = script.replace("examples/", f"{CHECKOUT}/examples/")
    command = f"{sys.executable} -m glove_registry"
    if not (bin_folder / "glove-registry").exists():
        script = script.replace("glove-registry ", f"{command} ")
    done = subprocess.run(
        ["bash", "-euxo", "pipefail", "-c", script],
        cwd=tmp_path,
        env={"PATH": f"{bin_folder}:/usr/bin:/bin", **_cache(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "results.json").is_file()


def _cache(folder: Path) -> dict[str, str]:
    return {"GLOVE_REGISTRY_CACHE": str(folder / "cache"), "PYTHONPATH": str(CHECKOUT)}


@pytest.mark.parametrize("block", blocks("yaml"), ids=str)
def test_registry_blocks_are_registries(block: Block, tmp_path: Path) -> None:
    """Each YAML block is a registry without a fault."""
    path = tmp_path / "registry.yaml"
    path.write_text(block.code)
    registry = Registry.from_file(path)
    assert len(registry) + len(registry.list_benchmarks()) == 1
    # Nor does it take the name of a built-in entry.
    assert len(Registry.over_default(path)) == len(Registry.default()) + len(registry)


def test_the_pages_state_the_citation_of_the_package() -> None:
    """The BibTeX of docs/install.md says what CITATION.cff says."""
    citation = yaml.safe_load((CHECKOUT / "CITATION.cff").read_text(encoding="utf-8"))
    page = (CHECKOUT / "docs" / "install.md").read_text(encoding="utf-8")
    entry = page.replace("\\_", "_")
    for field in ("title", "version", "license"):
        assert f"{citation[field]}}}" in entry
    assert f"author = {{{{{citation['authors'][0]['name']}}}}}" in entry


def test_every_variant_is_named_and_nothing_else() -> None:
    """The table has exactly the built-in names, families as `list` shows them."""
    page = (CHECKOUT / "docs" / "vectors.md").read_text(encoding="utf-8")
    table = page.partition("## Available vectors")[2].partition("\n\n\\*")[0]
    found: list[str] = []
    for row in table.splitlines():
        names = re.findall(r"`([^`]+)`", row.split("|")[1]) if "|" in row else []
        for name in names:
            # `glove.6B.50d` `.100d`: an ending stands for the whole name.
            stem = found[-1].rpartition(".")[0] if name.startswith(".") else ""
            found.append(stem + name)
    variants = Registry.default().list_variants()
    assert sorted(found) == sorted(
        one.pattern if isinstance(one, Family) else one.name
        for one in fold_families(variants)
    )
    languages = {variant.language for variant in variants}
    start = (CHECKOUT / "docs" / "index.md").read_text(encoding="utf-8")
    count = f"{len(variants)} variants in {len(languages)} languages"
    for text in (README, page, start):
        assert count in " ".join(text.split())


@pytest.mark.slow
def test_the_main_command_runs_in_a_fresh_environment(tmp_path: Path) -> None:
    """The first command, as written, ends with a result in a copy of the checkout."""
    listed = subprocess.run(
        ["git", "ls-files", "-co", "--exclude-standard", "-z"],
        cwd=CHECKOUT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    for name in filter(None, listed.split("\0")):
        if (CHECKOUT / name).is_file():
            (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / name).write_bytes((CHECKOUT / name).read_bytes())
    done = subprocess.run(
        ["bash", "-c", COMMANDS["main-command"]],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "| 5,000 | 0.7" in done.stdout
    assert (tmp_path / "results" / "learning-curve.png").is_file()
