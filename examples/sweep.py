"""Run one experiment with several vectors, as a YAML file lists them.

    python examples/sweep.py examples/sweep.yaml --output sweep

The results are a table as CSV and Markdown, a plot, and each run as JSON. A finished
run is not repeated as long as everything it depends on is the same.
"""

import argparse
import csv
import hashlib
import importlib.metadata
import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from experiment import prepare, run
from experiment_config import (
    EXIT_STATUS,
    ConfigError,
    DataError,
    Experiment,
    choose_vectors,
    read_config,
    read_recipe,
    read_yaml,
    run_command,
)
from reviews import Review, find_reviews, read_reviews, split
from tqdm import tqdm

from glove_registry import Recipe
from glove_registry.errors import FetchError, UnverifiableError

COLUMNS = {
    "vectors": "vectors",
    "words": "words",
    "dimension": "dim",
    "use": "use",
    "types": "types found",
    "tokens": "tokens found",
    "pretrained": "pre-trained",
    "pretrained_sd": "sd",
    "random": "random",
    "random_sd": "sd",
    "gain": "gain",
    "gain_sd": "sd",
    "sha256": "sha256",
}


def read_sweep(path: Path, registry: Path | None) -> list[tuple[Experiment, Recipe]]:
    """Read the file of a sweep: one experiment with each of several vectors."""
    content = read_yaml(path)
    expected = f"{path}: expected the keys experiment and embeddings"
    if not isinstance(content, dict) or content.keys() != {"experiment", "embeddings"}:
        raise ConfigError(expected)
    embeddings = content["embeddings"]
    if not isinstance(content["experiment"], str) or not isinstance(embeddings, list):
        raise ConfigError(f"{expected}, a file's name and a list")
    if not embeddings or not all(isinstance(each, dict) for each in embeddings):
        raise ConfigError(f"{path}: embeddings: expected a list of tables with a name")
    base = read_config(path.parent / content["experiment"])
    configs = [choose_vectors(base, each) for each in embeddings]
    return [(config, read_recipe(config, path, registry)) for config in configs]


def sweep(
    runs: Sequence[tuple[Experiment, Recipe]], folder: Path
) -> Iterator[dict[str, Any]]:
    """Yield the result of each run, unless its vectors are unavailable."""
    (folder / "runs").mkdir(parents=True, exist_ok=True)
    source = find_reviews()
    texts: dict[str, list[Review]] = {}
    bar = tqdm(total=sum(len(c.training.seeds) for c, _ in runs), unit="seed")
    with bar:
        for config, recipe in runs:
            bar.set_description(recipe.reference)
            try:
                provenance = recipe.vectors.provenance
            except (FetchError, UnverifiableError) as error:
                bar.write(f"left out: {recipe.reference}: {error}", file=sys.stderr)
                bar.update(len(config.training.seeds))
                continue
            key = hash_run(config, provenance)
            path = folder / "runs" / f"{recipe.reference}-{key}.json"
            if path.exists():
                bar.update(len(config.training.seeds))
            else:
                name = config.dataset.name
                if name not in texts:
                    texts[name] = read_reviews(source, name)
                prepared = prepare(config, recipe, *split(texts[name], config.dataset))
                result = run(prepared, lambda *_: bar.update())
                # Renamed when complete, so that a killed sweep leaves no partial run.
                part = path.with_name(f".{path.name}.part")
                part.write_text(json.dumps(result, indent=2) + "\n", encoding="utf-8")
                part.replace(path)
            yield json.loads(path.read_text(encoding="utf-8"))


def hash_run(config: Experiment, provenance: Mapping[str, Any]) -> str:
    """Return a hash of everything that the numbers of a run depend on."""
    depends_on = {
        "config": asdict(config),
        "sha256": provenance["sha256"],
        "versions": {
            package: importlib.metadata.version(package)
            for package in ("glove_registry", "keras", "tensorflow", "numpy")
        },
    }
    text = json.dumps(depends_on, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def summarize_run(result: Mapping[str, Any]) -> dict[str, Any]:
    """Return a run's row of the table."""
    provenance, found = result["provenance"], result["coverage"]["found"]
    trainable = result["config"]["embedding"].get("trainable")
    row = {
        "vectors": provenance["name"],
        "words": provenance["rows"],
        "dimension": provenance["dimension"],
        "use": "trained" if trainable else "frozen",
        "types": found["of_types"],
        "tokens": found["of_tokens"],
        "sha256": provenance["sha256"],
    }
    columns = ("pretrained", "random", "gain")
    for column, arm in zip(columns, result["accuracy"].values(), strict=True):
        row[column] = arm["mean"]
        row[f"{column}_sd"] = arm["standard_deviation"]
    return row


def write_table(rows: Sequence[Mapping[str, Any]], folder: Path) -> None:
    """Write the table as CSV with all digits, and as Markdown for readers."""
    with (folder / "results.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, COLUMNS)
        writer.writeheader()
        writer.writerows(rows)
    lines = [list(COLUMNS.values()), ["---"] * len(COLUMNS)]
    lines += [[format_cell(name, row[name]) for name in COLUMNS] for row in rows]
    text = "".join(f"| {' | '.join(cells)} |\n" for cells in lines)
    (folder / "results.md").write_text(text, encoding="utf-8")


def format_cell(column: str, value: Any) -> str:
    """Return a value of the table as readers see it."""
    if value is None:
        return "-"
    if column in ("types", "tokens"):
        return f"{value:.1%}"
    if column == "sha256":
        return f"`{value[:12]}`"
    if isinstance(value, float):
        return f"{value:+.4f}" if column == "gain" else f"{value:.4f}"
    return f"{value:,}" if isinstance(value, int) else str(value)


def draw_plot(rows: Sequence[Mapping[str, Any]], path: Path) -> None:
    """Plot each run's accuracies with their standard deviation over the seeds."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(8, 1.6 + 0.45 * len(rows)), layout="constrained")
    axes = figure.add_subplot()
    places = range(len(rows))
    # Distinguished by colour and by shape.
    for arm, label, colour, marker, shift in (
        ("pretrained", "from these vectors", "#0072B2", "o", -0.12),
        ("random", "from random numbers", "#D55E00", "s", 0.12),
    ):
        axes.errorbar(
            [row[arm] for row in rows],
            [place + shift for place in places],
            xerr=[row[f"{arm}_sd"] or 0 for row in rows],
            fmt=marker,
            color=colour,
            capsize=3,
            label=label,
        )
    axes.set_yticks(places, [f"{row['vectors']}, {row['use']}" for row in rows])
    axes.set_ylim(len(rows) - 0.5, -0.5)
    axes.set_xlabel("accuracy on other texts: mean and standard deviation over seeds")
    axes.grid(axis="x", alpha=0.3)
    axes.spines[["top", "right"]].set_visible(False)
    figure.legend(loc="outside upper right", ncols=2, frameon=False)
    figure.savefig(path, dpi=150)


def main() -> None:
    """Run the sweep that the command line names; write its table and plot."""
    parser = argparse.ArgumentParser(
        description="Run one experiment with several vectors, as a YAML file lists "
        "them. Finished runs are kept and not repeated.",
        epilog=EXIT_STATUS,
    )
    parser.add_argument("sweep", metavar="SWEEP", type=Path, help="the YAML file")
    parser.add_argument(
        "--registry", metavar="FILE", type=Path, help="a registry file of your own"
    )
    parser.add_argument(
        "--output",
        metavar="FOLDER",
        type=Path,
        help="folder for the results and finished runs (default: results/SWEEP)",
    )
    options = parser.parse_args()
    folder: Path = options.output or Path("results", options.sweep.stem)

    runs = read_sweep(options.sweep, options.registry)
    rows = [summarize_run(result) for result in sweep(runs, folder)]
    if not rows:
        raise DataError("there is no result, as none of the vectors is available")
    write_table(rows, folder)
    draw_plot(rows, folder / "results.png")
    print((folder / "results.md").read_text(encoding="utf-8"), end="")
    print(f"\nwritten to {folder}: results.csv, results.md, results.png, runs")


if __name__ == "__main__":
    sys.exit(run_command("sweep", main))
