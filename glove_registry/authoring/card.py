"""The page of published vectors: a model card, as the Hugging Face Hub reads it.

It is README.md, which begins with facts for machines, as YAML between two lines of
three hyphens (https://huggingface.co/docs/hub/model-cards).
"""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import yaml

from ..messages.layout import format_count
from ..messages.markdown import escape_markdown, format_markdown_table
from ..messages.printable import replace_unprintable
from ..registry import Variant
from ..registry.urls import WITH_CREDENTIALS

if TYPE_CHECKING:
    from ..analysis import Evaluation
    from ..coverage import Coverage

_TAGS = ("word-vectors", "word-embeddings")
# https://huggingface.co/docs/hub/repositories-licenses: of those for data, the ones
# that are not the SPDX identifier in lower case.
_LICENSES = {"PDDL-1.0": "pddl", "ODC-BY-1.0": "odc-by", "ODBL-1.0": "odbl"}
_SAME_IN_LOWER_CASE = re.compile(
    r"(?i)cc0-1\.0|cc-by-(?:2\.[05]|[34]\.0)|cc-by-sa-[34]\.0|cc-by-nc-[234]\.0|"
    r"cc-by-nd-4\.0|cc-by-nc-nd-[34]\.0|cc-by-nc-sa-[234]\.0|cdla-sharing-1\.0|"
    r"cdla-permissive-[12]\.0|apache-2\.0|mit|bsd-[23]-clause|mpl-2\.0|unlicense|"
    r"isc|zlib|wtfpl|a?gpl-3\.0|gpl-2\.0|lgpl-(?:2\.1|3\.0)|eupl-1\.[12]|etalab-2\.0"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class CardFacts:
    """What a card says.

    `loaded_by` is the value of ``registry=`` with which others load the vectors;
    `origin` are sentences about where they come from; `coverage` is by the name of the
    text or vocabulary.
    """

    variant: Variant
    file: str
    dtype: str
    loaded_by: str
    origin: tuple[str, ...] = ()
    evaluation: "Evaluation | None" = None
    coverage: "Mapping[str, Coverage]" = field(default_factory=dict)

    @property
    def is_rounded(self) -> bool:
        """Whether the file has other numbers than the vectors that it is made from."""
        return self.dtype != "float32"


def write_card(facts: CardFacts) -> str:
    """Return the card as Markdown."""
    metadata = yaml.safe_dump(
        make_metadata(facts), sort_keys=False, allow_unicode=True, width=1 << 30
    )
    return f"---\n{metadata}---\n\n" + "\n\n".join(_write_sections(facts)) + "\n"


def make_metadata(facts: CardFacts) -> dict[str, Any]:
    """Return the facts for machines, in the terms of the hub."""
    variant = facts.variant
    metadata: dict[str, Any] = {}
    if variant.license:
        metadata |= _name_license(variant.license)
    if variant.language:
        first = variant.language.partition("-")[0].lower()
        metadata["language"] = ["multilingual" if first == "mul" else first]
    metadata["library_name"] = "glove_registry"
    metadata["tags"] = list(_TAGS)
    if results := list(_list_results(facts)):
        metadata["model-index"] = [{"name": variant.name, "results": results}]
    return metadata


def _name_license(license: str) -> dict[str, str]:
    known = _LICENSES.get(license.upper())
    if known is None and _SAME_IN_LOWER_CASE.fullmatch(license):
        known = license.lower()
    if known is not None:
        return {"license": known}
    name = re.sub(r"[^a-z0-9.]+", "-", license.lower()).strip("-")
    return {"license": "other", "license_name": name[:96] or "other"}


def _list_results(facts: CardFacts) -> Iterator[dict[str, Any]]:
    """Yield scores as an index of models has them."""
    note = ", before rounding" if facts.is_rounded else ""
    for result in facts.evaluation or ():
        # Association tests have no total: each stands for itself.
        parts = [score for score in result if score.part == "total"] or list(result)
        metrics = [
            {
                "type": re.sub(r"[^a-z]+", "-", result.measure.lower()).strip("-"),
                "name": f"{result.measure}, {score.part}{note}",
                "value": score.value,
            }
            for score in parts
            if score.value is not None
        ]
        if metrics:
            yield {
                "task": {"type": f"word-{result.task}"},
                "dataset": {"type": result.benchmark, "name": result.benchmark},
                "metrics": metrics,
            }


def _write_sections(facts: CardFacts) -> Iterator[str]:
    variant = facts.variant
    yield f"# {_escape(variant.name)}"
    yield (
        f"{format_count(variant.row_count or 0, 'word vector')} with "
        f"{format_count(variant.dimension or 0, 'dimension')}"
        + (f", trained on {_escape(variant.corpus)}" if variant.corpus else "")
        + "."
        + (f" {_escape(variant.description)}" if variant.description else "")
    )
    yield format_markdown_table(("", ""), _list_rows(facts))
    yield "## How to load them"
    yield (
        "With the Python package `glove_registry`, which verifies the file and keeps "
        "it for the next time:"
    )
    yield _write_code(
        "import glove_registry\n\n"
        "vectors = glove_registry.load("
        f"{json.dumps(variant.name)}, registry={json.dumps(facts.loaded_by)})"
    )
    if ":" not in facts.loaded_by:
        yield (
            f"`{json.dumps(facts.loaded_by)}` is the path of this folder, seen from "
            "the one that it is in: elsewhere, write the path from there."
        )
    elif not facts.loaded_by.endswith(WITH_CREDENTIALS):
        yield (
            f"If that place is private, add `{WITH_CREDENTIALS}` to the end of "
            "`registry=`: your credentials are then sent there."
        )
    yield (
        "The file has two tensors: `vectors`, and `words`, the words in UTF-8 with a "
        "line feed between two:"
    )
    yield _write_code(
        "from safetensors.numpy import load_file\n\n"
        f"tensors = load_file({json.dumps(facts.file)})\n"
        'words = tensors["words"].tobytes().decode().split("\\n")\n'
        'matrix = tensors["vectors"]'
    )
    if facts.origin:
        yield "## Where they come from"
        yield "\n".join(f"- {_escape(sentence)}" for sentence in facts.origin)
    if facts.evaluation:
        yield "## Evaluation"
        if facts.is_rounded:
            yield f"Measured before the numbers were rounded to {facts.dtype}:"
        yield facts.evaluation.to_markdown()
    if facts.coverage:
        yield "## Coverage"
        header = ("of", "different words with a vector", "of all occurrences")
        rows = (_list_shares(*one) for one in facts.coverage.items())
        yield format_markdown_table(header, rows, right=header[1:])
    if variant.citation:
        yield "## Citation"
        yield _write_code(replace_unprintable(variant.citation.strip("\n")), "bibtex")


def _list_rows(facts: CardFacts) -> Iterator[tuple[str, str]]:
    variant = facts.variant
    numbers = facts.dtype
    if facts.is_rounded:
        numbers += ", rounded; read as float32"
    cased = {True: "kept", False: "lower case", None: None}[variant.cased]
    for label, value in (
        ("words", f"{variant.rows:,}"),
        ("dimensions", f"{variant.dimension}"),
        ("numbers", numbers),
        ("language", variant.language),
        ("corpus", variant.corpus),
        ("size of the corpus", variant.tokens),
        ("case", cased),
        ("texts are split by", variant.tokenizer),
        ("licence", variant.license or "not stated"),
        ("homepage", variant.homepage),
        ("file", f"{facts.file}, {variant.sources[0].bytes:,} bytes"),
        ("sha256", variant.sources[0].sha256),
    ):
        if value:
            yield label, _escape(value)


def _list_shares(name: str, coverage: "Coverage") -> tuple[str, ...]:
    parts = (coverage.found.of_types, coverage.found.of_tokens)
    shares = ("-" if part is None else f"{part:.1%}" for part in parts)
    return _escape(name), *shares


def _write_code(code: str, language: str = "python") -> str:
    # A longer fence than any in the code, which may be a citation of a stranger's.
    longest = max(map(len, re.findall("`+", code)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}{language}\n{code}\n{fence}"


def _escape(text: str) -> str:
    """Return a text that Markdown shows as it is, on one line."""
    return escape_markdown(" ".join(text.split()))
