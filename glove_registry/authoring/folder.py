"""A folder of vectors that stands by itself: the file, its page and its registry."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..frameworks.export.writers import FileNumberType, write_safetensors
from ..messages.layout import format_count
from ..messages.progress import open_bar
from ..registry import Variant
from ..registry.reader import read_registry
from ..registry.schemes import find_scheme
from ..vectors import Vectors
from .card import CardFacts, write_card
from .destinations import CARD_FILE, REGISTRY_FILE
from .entries import Fields, make_fields, write_registry
from .examine import examine

if TYPE_CHECKING:
    from ..analysis import Evaluation
    from ..coverage import Coverage

# What the file says of its vectors. A provenance has paths of this machine, too.
_PUBLIC = (
    *("revision", "sha256", "bytes", "url", "url_sha256", "member", "subset_of_rows"),
    *("license", "citation", "rows", "distinct", "dimension"),
)


@dataclass(frozen=True, slots=True)
class Written:
    """Sizes of the files of a folder by their names, and the texts of two of them."""

    files: Mapping[str, int]
    card: str
    registry: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Folder:
    """What a folder is made from; see `push`.

    `fields` are those of the entry that do not follow from the file.
    """

    vectors: Vectors
    name: str
    dtype: FileNumberType
    fields: Fields
    loaded_by: str
    evaluation: "Evaluation | None" = None
    coverage: "Mapping[str, Coverage]" = field(default_factory=dict)
    progress: bool | None = None

    @property
    def file(self) -> str:
        """Name of the file of vectors."""
        return f"{self.name}.safetensors"

    @property
    def names(self) -> tuple[str, ...]:
        """Names of all files, in the order in which others may find them."""
        return self.file, CARD_FILE, REGISTRY_FILE

    def read_entry(self, fields: Fields) -> tuple[str, Variant]:
        """Return the registry with an entry of these fields, and the entry as read.

        Raises `RegistryError` if it has a fault.
        """
        text = write_registry({self.name: {"url": f"./{self.file}", **fields}})
        # As the file will be read; no path of this machine is in the variant.
        [entry] = read_registry(text, Path(REGISTRY_FILE)).values()
        return text, entry.variants[0]

    def write(self, path: Path) -> Written:
        """Write the folder, and read the vectors back to its last row."""
        path.mkdir()
        write_safetensors(self.vectors, path / self.file, self.dtype, self._metadata)
        with open_bar(f"check {self.name}", self.progress) as bar:
            found = examine(path / self.file, self.file, self.name, None, bar)
        [content] = found.contents
        place = {"url": f"./{self.file}"}
        fields = dict(make_fields(place, found, content, override=False, prefix=None))
        # Words without upper case can be few, or of a script that has none.
        if not content.cased:
            fields.pop("cased", None)
        registry, variant = self.read_entry({**fields, **self.fields})
        card = write_card(
            CardFacts(
                variant=variant,
                file=self.file,
                dtype=self.dtype,
                loaded_by=self.loaded_by,
                origin=describe_origin(self.vectors),
                evaluation=self.evaluation,
                coverage=self.coverage,
            )
        )
        for name, text in ((CARD_FILE, card), (REGISTRY_FILE, registry)):
            (path / name).write_text(text, encoding="utf-8", newline="\n")
        sizes = {name: (path / name).stat().st_size for name in self.names}
        return Written(sizes, card, registry)

    @property
    def _metadata(self) -> dict[str, Any]:
        origin = self.vectors.provenance
        known = {key: origin.get(key) for key in _PUBLIC}
        if not _is_public(origin.get("url")):
            known["url"] = None
        return {"name": self.vectors.name, **known, **self.fields}


def describe_origin(vectors: Vectors) -> tuple[str, ...]:
    """Return sentences about where vectors come from, without paths of this machine."""
    sentences = []
    for origin in vectors.provenance.get("parts") or [vectors.provenance]:
        name, revision = origin["name"], origin.get("revision")
        sentence = f"{name}@{revision}" if revision else str(name)
        if _is_public(origin.get("url")):
            sentence += f", from {origin['url']}"
        if origin.get("sha256"):
            sentence += f"; sha256 of the text: {origin['sha256']}"
        if rows := origin.get("subset_of_rows"):
            sentence += f"; {origin['rows']:,} of its {format_count(rows, 'word')}"
        sentences.append(sentence)
    return tuple(sentences)


def _is_public(url: object) -> bool:
    return isinstance(url, str) and not find_scheme(url).is_local
