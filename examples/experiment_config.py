"""The configuration file of an experiment, and what its commands share.

Each dataclass is a section of the file, and each field a required key. Any error is
explained in one sentence.
"""

import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, is_dataclass, replace
from difflib import get_close_matches
from pathlib import Path
from typing import Any, Literal, NoReturn, TypeVar, get_args, get_origin, get_type_hints

import yaml

from glove_registry import Recipe, errors, from_config

EXIT_STATUS = "exit status: 0 success, 1 failure, 2 invalid command or configuration"

Section = TypeVar("Section")

# Keys that do not apply to another variant.
_WHICH_VECTORS = {"name", "revision", "sha256"}


class ConfigError(Exception):
    """The configuration is invalid; the message explains why."""


class DataError(Exception):
    """The data are missing; the message explains how to get them."""


@dataclass(frozen=True)
class Dataset:
    """The texts to train on and to test on."""

    name: Literal["rotten_tomatoes", "imdb"]
    train_texts: int
    test_texts: int
    split_seed: int


@dataclass(frozen=True)
class Model:
    """The shape of the classifier."""

    vocabulary_size: int
    text_length: int
    hidden_units: int


@dataclass(frozen=True)
class Training:
    """How the classifier is trained, and with which seeds."""

    epochs: int
    batch_size: int
    learning_rate: float
    seeds: tuple[int, ...]


@dataclass(frozen=True)
class Experiment:
    """A checked configuration file; `read_recipe` checks its embedding."""

    embedding: dict[str, Any]
    dataset: Dataset
    model: Model
    training: Training


def read_config(path: Path) -> Experiment:
    """Read and check a configuration file."""
    content = read_yaml(path)
    try:
        return read_section(Experiment, content, "")
    except ConfigError as error:
        raise ConfigError(f"{path}: {error}") from None


def read_yaml(path: Path) -> object:
    """Read any YAML file."""
    try:
        return yaml.safe_load(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigError(f"{path}: {error.strerror}") from None
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        where = f"{path}:{mark.line + 1}:{mark.column + 1}" if mark else str(path)
        raise ConfigError(f"{where}: not valid YAML: {error.problem}") from None
    # Bytes that are not UTF-8, characters that YAML forbids, impossible dates.
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise ConfigError(f"{path} is not valid YAML: {error}") from None


def choose_vectors(config: Experiment, changes: Mapping[str, Any]) -> Experiment:
    """Return the experiment with other vectors, used in the same way."""
    kept = {k: v for k, v in config.embedding.items() if k not in _WHICH_VECTORS}
    return replace(config, embedding={**kept, **changes})


def read_recipe(config: Experiment, path: Path, registry: Path | None) -> Recipe:
    """Return the vectors of an experiment, and how it uses them."""
    try:
        return from_config(config.embedding, registry=registry)
    except errors.ConfigError as error:
        faults = "; ".join(str(error).splitlines())
        raise ConfigError(f"{path}: embedding: {faults}") from None


def read_section(kind: type[Section], content: object, where: str) -> Section:
    """Return a dataclass from a mapping that has exactly its fields as keys."""
    fields = get_type_hints(kind)
    if not isinstance(content, dict):
        name = where or "the file"
        raise ConfigError(f"{name} must have the keys {', '.join(fields)}")
    prefix = where and f"{where}."
    for key in content:
        if key not in fields:
            near = get_close_matches(str(key), fields, n=1) or list(fields)
            hint = f"did you mean {' or '.join(near)}?"
            raise ConfigError(f"unknown key {prefix}{key}: {hint}")
    for key in fields:
        if key not in content:
            raise ConfigError(f"the key {prefix}{key} is missing")
    return kind(**{k: read_value(fields[k], content[k], prefix + k) for k in fields})


def read_value(kind: Any, value: Any, where: str) -> Any:
    """Check one value against the type of its field."""
    if is_dataclass(kind) and isinstance(kind, type):
        return read_section(kind, value, where)
    if get_origin(kind) is Literal:
        names = get_args(kind)
        return value if value in names else refuse(where, " or ".join(names), value)
    if get_origin(kind) is tuple:
        if not isinstance(value, list) or not value:
            refuse(where, "a list of different whole numbers", value)
        numbers = tuple(read_value(int, item, where) for item in value)
        if len(set(numbers)) < len(numbers):
            refuse(where, "a list of different whole numbers", value)
        return numbers
    if kind is float:
        number = isinstance(value, int | float) and not isinstance(value, bool)
        if not number or not 0 < value <= 1:
            # YAML reads 1e-3 as text: its floats need a dot.
            refuse(where, "a number above 0 and up to 1, such as 0.001", value)
        return float(value)
    if kind is int:
        least, most = 0 if "seed" in where else 1, 2**31 - 1
        if type(value) is not int or not least <= value <= most:
            refuse(where, f"a whole number from {least} to {most:,}", value)
    elif kind is str and type(value) is not str:
        refuse(where, "text", value)
    elif get_origin(kind) is dict and not isinstance(value, dict):
        refuse(where, "the keys of glove_registry.from_config", value)
    return value


def refuse(where: str, expected: str, value: object) -> NoReturn:
    """Raise `ConfigError` for a value."""
    raise ConfigError(f"{where}: expected {expected}, found {value!r}")


def run_command(name: str, run: Callable[[], None]) -> int:
    """Return the exit status of a command; an error is one line on stderr."""
    try:
        run()
    except (ConfigError, DataError, errors.GloveRegistryError, OSError) as error:
        # A message of several lines is a list of errors.
        print(f"{name}:", "; ".join(str(error).splitlines()), file=sys.stderr)
        return 2 if isinstance(error, ConfigError | errors.UnknownVariantError) else 1
    except KeyboardInterrupt:
        print(f"{name}: interrupted", file=sys.stderr)
        return 130
    return 0
