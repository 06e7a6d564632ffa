"""The registry as TFDS datasets; importing this module registers them.

>>> import tensorflow_datasets as tfds
>>> import glove_registry.tfds
>>> builder = tfds.builder("glove_registry/glove.6B.50d-first10k")
>>> builder.info.features["vector"].shape
(50,)

The rows come from `glove_registry.load`, so that what it verifies, refuses, keeps and
does offline holds here, too. What TFDS prepares of them opens without this package.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, ClassVar, TypeAlias

import numpy as np
import tensorflow_datasets as tfds
from numpy.typing import NDArray

from .errors import ChecksumError
from .frameworks.tf_data import read_columns
from .pipeline import load
from .registry import Registry, Variant
from .vectors import Vectors

__all__ = ["GloveRegistry", "GloveRegistryBlocks", "VariantConfig"]

Example: TypeAlias = tuple[int, dict[str, Any]]
"""A key by which TFDS sorts, and the features."""

# Rows in an example of the block form, and rows read at a time for the other one.
BLOCK_ROWS = 1024

_VERSION = tfds.core.Version("1.0.0")

_DESCRIPTION = """\
Pre-trained word vectors of one release, in the order of its file; GloVe's files begin
with the most frequent word. The metadata say which text exactly they were read from.
"""
_INDEX = "Row in the file, from 0 on."
_WORD = "The token's bytes, which in some releases are not always UTF-8."
_VECTOR = "The numbers of the file, as float32."


@dataclass(eq=False, kw_only=True)
class VariantConfig(tfds.core.BuilderConfig):  # type: ignore[misc]  # it has no types
    """What TFDS calls a configuration: one revision of one variant.

    Attributes
    ----------
    variant : Variant
    """

    variant: Variant


@cache
def _configure(variant: Variant) -> VariantConfig:
    # TFDS compares configurations by identity: one object for a variant.
    is_default = variant.revision in (None, *variant.revisions[:1])
    facts = (variant.description, variant.corpus, variant.homepage, variant.name)
    return VariantConfig(
        # TFDS has no @ in names, and the registry no +.
        name=variant.name if is_default else f"{variant.name}+{variant.revision}",
        version=_VERSION,
        description=next(filter(None, facts)),
        variant=variant,
    )


class _FromRegistry:
    """A class attribute made of the registry at each use.

    The registry's files can change, and so can GLOVE_REGISTRY_PATH; and a fault in one
    of them is none of whoever imports this module.

    Parameters
    ----------
    make : callable
        Makes the attribute of all configurations.
    """

    def __init__(self, make: Callable[[list[VariantConfig]], Any]) -> None:
        self._make = make

    def __get__(self, builder: object, owner: type) -> Any:
        return self._make([*map(_configure, Registry.default().list_revisions())])


class GloveRegistry(tfds.core.GeneratorBasedBuilder):  # type: ignore[misc]
    """The dataset ``glove_registry``: an example is a row of the file.

    It has a configuration for every variant of the registry, ``glove.6B.50d``, and for
    every further revision, ``glove.6B.50d+with-unk``. The registry is the built-in one
    with the files of GLOVE_REGISTRY_PATH above it; the other environment variables of
    the package hold as well.

    Raises
    ------
    ChecksumError
        The prepared data in `data_dir` are of another text than the registry's.
    """

    VERSION = _VERSION
    RELEASE_NOTES: ClassVar = {"1.0.0": "index, word and vector, in file order."}
    BUILDER_CONFIGS = _FromRegistry(list)
    builder_configs = _FromRegistry(lambda configs: {c.name: c for c in configs})

    # Whether Beam prepares the data: whoever has them prepared decides.
    _on_beam = False
    _ROWS_IN_EXAMPLE = 1
    # What is written of a row beside its numbers, about: the word, index and tags.
    _BYTES_BESIDE = 64

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        if self.data_path.exists():
            self._check_text()

    def download_and_prepare(self, **kwargs: Any) -> None:
        """Prepare the data, unless they are there; as every TFDS builder.

        Parameters
        ----------
        **kwargs
            As TFDS has them. A ``download_config`` with a ``beam_runner`` or with
            ``beam_options`` has it done on Apache Beam.

        Raises
        ------
        GloveRegistryError
            As for `glove_registry.load`.
        OSError
            There is no room for the data; nothing is left of them.
        """
        options = kwargs.get("download_config") or tfds.download.DownloadConfig()
        self._on_beam = bool(options.beam_runner or options.beam_options)
        if options.download_mode.overwrite_dataset or not self.data_path.exists():
            # First of all, so that TFDS can say what is to come, see whether there is
            # room for it, and draw a bar that has an end.
            self._announce(self._load())
        try:
            super().download_and_prepare(**kwargs)
        except FileExistsError:
            if not self.is_prepared():
                raise
            # Another process has prepared the same meanwhile, and it is as good.
            self.info.read_from_directory(self.data_dir)
            self._check_text()

    def _check_text(self) -> None:
        variant: Variant = self.builder_config.variant
        if not _is_of(variant, self.info.metadata):
            raise ChecksumError(
                f"{self.data_path} has data of a text with sha256 "
                f"{self.info.metadata.get('sha256')}, and the registry has another one "
                f"for {variant.reference} ({variant.origin}): remove that folder, or "
                "give another data_dir="
            )

    def _load(self) -> Vectors:
        return load(self.builder_config.variant.reference)

    def _announce(self, vectors: Vectors) -> None:
        rows, dimension = vectors.matrix.shape
        split = tfds.core.SplitInfo(
            name="train",
            shard_lengths=[-(-rows // self._ROWS_IN_EXAMPLE)],
            num_bytes=rows * (4 * dimension + self._BYTES_BESIDE),
        )
        self.info.set_splits(tfds.core.SplitDict([split]))
        variant: Variant = self.builder_config.variant
        self.info.metadata.update(vectors.provenance, key=variant.key)
        # By print, as TFDS tells the size: whoever starts this is to see it.
        print(f"{variant.reference}: {rows:,} rows of {dimension} numbers")

    def _info(self) -> tfds.core.DatasetInfo:
        variant: Variant = self.builder_config.variant
        return tfds.core.DatasetInfo(
            builder=self,
            description=_DESCRIPTION,
            features=tfds.features.FeaturesDict(self._features(variant.dimension)),
            supervised_keys=("word", "vector"),
            disable_shuffling=True,
            homepage=variant.homepage,
            citation=variant.citation,
            license=variant.license,
            metadata=tfds.core.MetadataDict(),
        )

    def _features(self, dimension: int | None) -> dict[str, Any]:
        features = tfds.features
        return {
            "index": features.Scalar(np.int64, doc=_INDEX),
            "word": features.Text(doc=_WORD),
            "vector": features.Tensor(
                shape=(dimension,), dtype=np.float32, doc=_VECTOR
            ),
        }

    def _split_generators(self, dl_manager: object) -> dict[str, Any]:
        # `load` fetches, verifies and keeps; nothing is left to a download manager.
        vectors = self._load()
        if self._on_beam:
            return {"train": self._distribute_examples(vectors)}
        return {"train": self._generate_examples(vectors)}

    def _distribute_examples(self, vectors: Vectors) -> Any:
        """Make the Beam transform that does what `_generate_examples` does."""
        from .beam import OnVectors, spread

        variant: Variant = self.builder_config.variant
        # Every worker is held to the text whose rows have been announced.
        sha256 = vectors.provenance["sha256"]
        read = OnVectors(variant.reference, self._make_examples, sha256=sha256)
        return spread(range(0, len(vectors), BLOCK_ROWS), read)

    def _generate_examples(self, vectors: Vectors) -> Iterator[Example]:
        for start in range(0, len(vectors), BLOCK_ROWS):
            yield from self._make_examples(vectors, start)

    @staticmethod
    def _make_examples(vectors: Vectors, start: int) -> Iterator[Example]:
        """Make the examples of a block of rows, wherever and in whatever order."""
        columns = _read_block(vectors, start)
        for values in zip(*columns.values(), strict=True):
            example = dict(zip(columns, values, strict=True))
            yield _make_key(vectors, int(example["index"])), example


class GloveRegistryBlocks(GloveRegistry):
    """The dataset ``glove_registry_blocks``: an example is a block of 1,024 rows.

    It has the configurations of `GloveRegistry`, is prepared many times faster and is
    read so, too. Its elements are those of ``vectors.to_tf_dataset()``; ``unbatch()``
    gives single rows.
    """

    _ROWS_IN_EXAMPLE = BLOCK_ROWS
    _BYTES_BESIDE = 13

    def _features(self, dimension: int | None) -> dict[str, Any]:
        features = tfds.features
        return {
            "index": features.Tensor(shape=(None,), dtype=np.int64, doc=_INDEX),
            "word": features.Tensor(shape=(None,), dtype=np.object_, doc=_WORD),
            "vector": features.Tensor(
                shape=(None, dimension),
                dtype=np.float32,
                # Ten times faster to write than a list of numbers.
                encoding=tfds.features.Encoding.BYTES,
                doc=_VECTOR,
            ),
        }

    @staticmethod
    def _make_examples(vectors: Vectors, start: int) -> Iterator[Example]:
        yield _make_key(vectors, start), _read_block(vectors, start)


def _read_block(vectors: Vectors, start: int) -> dict[str, NDArray[Any]]:
    stop = min(start + BLOCK_ROWS, len(vectors))
    return read_columns(vectors, np.arange(start, stop, dtype=np.int64))


def _make_key(vectors: Vectors, row: int) -> int:
    # What exceeds its memory TFDS puts into 1,000 buckets by the highest of 128 bits,
    # and sorts one bucket at a time. Plain row numbers would all fall into the first.
    return (row << 128) // len(vectors)


def _is_of(variant: Variant, metadata: Mapping[str, Any]) -> bool:
    """Say whether prepared data are of the text that the registry has."""
    if variant.member.sha256:
        return bool(metadata.get("sha256") == variant.member.sha256)
    # Of the text nothing is known, of the archive it comes from there is.
    return bool(variant.key) and metadata.get("key") == variant.key
