"""Run one experiment with several vectors, as a YAML file names them.

    python examples/sweep.py examples/sweep.yaml --output sweep

Writes a table of results as CSV and Markdown, a plot, and each run as JSON. A run
that is finished is not made again as long as all that it depends on is the same.
"""

import argparse
import csv
import hashlib
import importlib.metadata
import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from experiment import describe, prepare, summarize, train
from experiment_config import (
    ConfigError,
    Experiment,
    choose_vectors,
    read_config,
    read_recipe,
    read_yaml,
)
from reviews import DataError, Review, find_reviews, read_reviews, split
from tqdm import tqdm

from glove_registry.errors import (
    FetchError,
    GloveRegistryError,
    UnknownVariantError,
    UnverifiableError,
)

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


@dataclass(frozen=True)
class Run:
    """One line of the sweep."""

    config: Experiment
    path: Path
    registry: Path | None


def read_sweep(path: Path, registry: Path | None) -> list[Run]:
    """Read a sweep's file: the experiment, once with each of the vectors."""
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
    runs = [Run(choose_vectors(base, each), path, registry) for each in embeddings]
    for run in runs:
        # All slips are found before the first run, not after an hour.
        read_recipe(run.config, path, registry)
    return runs


def sweep(runs: Sequence[Run], folder: Path) -> Iterator[dict[str, Any]]:
    """Give the result of each run, made now or found from before."""
    (folder / "runs").mkdir(parents=True, exist_ok=True)
    source = find_reviews()
    texts: dict[str, list[Review]] = {}
    bar = tqdm(total=sum(len(run.config.training.seeds) for run in runs), unit="seed")
    with bar:
        for run in runs:
            config, seeds = run.config, len(run.config.training.seeds)
            recipe = read_recipe(config, run.path, run.registry)
            bar.set_description(recipe.reference)
            try:
                provenance = recipe.vectors.provenance
            except (FetchError, UnverifiableError) as error:
                bar.write(f"left out: {recipe.reference}: {error}", file=sys.stderr)
                bar.update(seeds)
                continue
            path = folder / "runs" / f"{recipe.reference}-{name_run(run, provenance)}"
            if path.exists():
                bar.update(seeds)
                yield json.loads(path.read_text(encoding="utf-8"))
                continue
            name = config.dataset.name
            if name not in texts:
                texts[name] = read_reviews(source, name)
            prepared = prepare(config, recipe, *split(texts[name], config.dataset))
            by_seed = {}
            for seed, accuracies in train(prepared):
                by_seed[seed] = accuracies
                bar.update()
            result = describe(prepared, summarize(by_seed))
            write_whole(path, json.dumps(result, indent=2) + "\n")
            yield json.loads(path.read_text(encoding="utf-8"))


def name_run(run: Run, provenance: Mapping[str, Any]) -> str:
    """Name the file of a run by all that its numbers depend on."""
    depends_on = {
        "config": asdict(run.config),
        "sha256": provenance["sha256"],
        "versions": {
            package: importlib.metadata.version(package)
            for package in ("glove_registry", "keras", "tensorflow", "numpy")
        },
    }
    text = json.dumps(depends_on, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:12] + ".json"


def summarize_run(result: Mapping[str, Any]) -> dict[str, Any]:
    """Give a run's row of the table."""
    provenance, coverage = result["provenance"], result["coverage"]
    accuracy = result["accuracy"]
    row = {
        "vectors": provenance["name"],
        "words": provenance["rows"],
        "dimension": provenance["dimension"],
        "use": "trained"
        if result["config"]["embedding"].get("trainable")
        else "frozen",
        "types": coverage["found"]["of_types"],
        "tokens": coverage["found"]["of_tokens"],
        "sha256": provenance["sha256"],
    }
    for column, arm in (
        ("pretrained", "pretrained"),
        ("random", "random"),
        ("gain", "difference"),
    ):
        row[column] = accuracy[arm]["mean"]
        row[f"{column}_sd"] = accuracy[arm]["standard_deviation"]
    return {column: row[column] for column in COLUMNS}


def write_table(rows: Sequence[Mapping[str, Any]], folder: Path) -> None:
    """Write the table, with all digits as CSV and to be read as Markdown."""
    with (folder / "results.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, COLUMNS)
        writer.writeheader()
        writer.writerows(rows)
    lines = [list(COLUMNS.values()), ["---"] * len(COLUMNS)]
    lines += [[format_cell(name, row[name]) for name in COLUMNS] for row in rows]
    text = "".join(f"| {' | '.join(cells)} |\n" for cells in lines)
    write_whole(folder / "results.md", text)


def format_cell(column: str, value: Any) -> str:
    """Show one value of the table."""
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
    """Draw each run's accuracies with their standard deviation over the seeds."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(8, 1.6 + 0.45 * len(rows)), layout="constrained")
    axes = figure.add_subplot()
    places = range(len(rows))
    # Told apart by colour and by form.
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


def write_whole(path: Path, text: str) -> None:
    """Write a file so that it is whole or not there."""
    part = path.with_name(f".{path.name}.part")
    part.write_text(text, encoding="utf-8")
    part.replace(path)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the sweep that the command line names; give the exit status."""
    parser = argparse.ArgumentParser(
        description="Run one experiment with several vectors, as a YAML file names "
        "them.",
        epilog="exit status: 0 done, 1 it failed, 2 command or configuration is wrong",
    )
    parser.add_argument("sweep", metavar="SWEEP", type=Path, help="the YAML file")
    parser.add_argument(
        "--registry", metavar="FILE", type=Path, help="a registry file of your own"
    )
    parser.add_argument(
        "--output",
        metavar="FOLDER",
        type=Path,
        help="where the results go, and where finished runs are found "
        "(default: results/SWEEP)",
    )
    options = parser.parse_args(arguments)
    folder: Path = options.output or Path("results", options.sweep.stem)
    try:
        runs = read_sweep(options.sweep, options.registry)
        rows = [summarize_run(result) for result in sweep(runs, folder)]
        if not rows:
            raise DataError("none of the vectors could be had: there is no result")
        write_table(rows, folder)
        draw_plot(rows, folder / "results.png")
    except (ConfigError, DataError, GloveRegistryError, OSError) as error:
        print("sweep:", "; ".join(str(error).splitlines()), file=sys.stderr)
        return 2 if isinstance(error, ConfigError | UnknownVariantError) else 1
    except KeyboardInterrupt:
        print("sweep: interrupted; what is finished is kept", file=sys.stderr)
        return 130
    print((folder / "results.md").read_text(encoding="utf-8"), end="")
    print(f"\nwritten to {folder}: results.csv, results.md, results.png, runs")
    return 0


if __name__ == "__main__":
    sys.exit(main())
