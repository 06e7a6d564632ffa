"""`Explorer`: words, their vectors and a map of them, in one page."""

import base64
import html
import os
from collections import Counter
from collections.abc import Iterator, Sequence
from importlib.resources import files
from math import ceil
from pathlib import Path
from typing import Any

from numpy.typing import NDArray

from ..cache.outputs import as_path, write_new
from ..lookup.rows import Rows
from ..messages.layout import format_count
from ..pages import make_renderer
from .extract import Extract, take_extract
from .projection import Map, Projection, make_map

_SCRIPTS = (
    *("show.js", "release.js", "field.js", "camera.js", "points.js", "labels.js"),
    *("gestures.js", "map.js", "answers.js", "explorer.js"),
)


class Explorer:
    """A page that explores words; returned by ``Vectors.explore``.

    In a notebook, it is shown below the cell.

    Attributes
    ----------
    html : str
        The page: one file that needs nothing else, and no network.
    names : list of str
        The variants, in their order on the page.
    words : list of int
        How many words of each it holds.

    Examples
    --------
    >>> import glove_registry
    >>> vectors = glove_registry.load("glove.6B.50d-first10k")
    >>> page = vectors.explore(words=1_000, projection="pca")
    >>> page
    <Explorer glove.6B.50d-first10k, 1,000 words>
    >>> page.html[:15]
    '<!DOCTYPE html>'
    """

    def __init__(self, html: str, names: list[str], words: list[int]) -> None:
        self.html = html
        self.names = names
        self.words = words

    def save(self, path: str | os.PathLike[str]) -> Path:
        """Write the page to a file.

        Parameters
        ----------
        path : str or path-like
            File to create; it must not exist.

        Returns
        -------
        Path
            `path`.

        Raises
        ------
        OutputError
            `path` exists or cannot be written. A partial file is removed.

        Examples
        --------
        >>> import tempfile
        >>> import glove_registry
        >>> vectors = glove_registry.load("glove.6B.50d-first10k")
        >>> page = vectors.explore(words=1_000, projection="pca")
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     page.save(f"{folder}/page.html").is_file()
        True
        """
        target = as_path(path)
        # As bytes, as other ends of lines would not have the hashes of its policy.
        write_new(target, lambda part: part.write_bytes(self.html.encode()))
        return target

    def __repr__(self) -> str:
        parts = (
            f"{name}, {format_count(count, 'word')}"
            for name, count in zip(self.names, self.words, strict=True)
        )
        return f"<{type(self).__name__} {'; '.join(parts)}>"

    def _repr_html_(self) -> str:
        # Without "allow-same-origin", its script has no part in the notebook.
        return (
            f'<iframe srcdoc="{html.escape(self.html)}" sandbox="allow-scripts" '
            f'title="{html.escape(repr(self))}" width="100%" height="720" '
            'style="border:0"></iframe>'
        )


def explore(
    releases: Sequence[Rows],
    words: int = 20_000,
    projection: Projection | None = None,
) -> Explorer:
    """Return a page of the first words of releases, as `Vectors.explore` does."""
    for rows in releases:
        if isinstance(rows, list | tuple):
            raise ValueError(
                f"expected vectors one by one, found a {type(rows).__name__}: write "
                "explore(*others)"
            )
    extracts = [take_extract(rows, words) for rows in releases]
    maps = [make_map(extract.numbers, projection) for extract in extracts]
    render = make_renderer(files(__package__), {"thousands": "{:,}".format})
    page = render(
        "explorer.html",
        styles=["explorer.css"],
        scripts=_SCRIPTS,
        releases=list(map(_describe, extracts, maps, _name_apart(releases))),
        arrays=[
            (_encode(extract.numbers), _encode(each.points.astype("<f4")))
            for extract, each in zip(extracts, maps, strict=True)
        ],
    )
    return Explorer(
        page,
        [rows.name for rows in releases],
        [len(extract.words) for extract in extracts],
    )


def _name_apart(releases: Sequence[Rows]) -> Iterator[str]:
    """Yield the name of each release, numbered where an earlier one has it."""
    counts: Counter[str] = Counter()
    for rows in releases:
        name = f"{rows.name}@{rows.revision}" if rows.revision else rows.name
        counts[name] += 1
        yield f"{name} ({counts[name]})" if counts[name] > 1 else name


def _describe(extract: Extract, each: Map, name: str) -> dict[str, Any]:
    """Return what the page says of a release, and its words, as values for JSON."""
    rows = extract.rows
    return {
        "name": name,
        "sha256": rows.provenance["sha256"],
        "license": rows.license,
        "dimension": rows.dimension,
        "total": len(rows),
        # To three digits, and not less than it is.
        "error": ceil(extract.error * 1000) / 1000,
        "projection": each.projection,
        "variance": each.variance,
        "words": extract.words,
    }


def _encode(array: NDArray[Any]) -> str:
    return base64.b64encode(array.tobytes()).decode()
