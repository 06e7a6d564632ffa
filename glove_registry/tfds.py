"""The registry as TFDS datasets; importing this module registers them.

>>> import tensorflow_datasets as tfds
>>> import glove_registry.tfds
>>> builder = tfds.builder("glove_registry/glove.6B.50d-first10k")
>>> builder.info.features["vector"].shape
(50,)

The rows come from `glove_registry.load`, with its verification, cache and offline mode.
The data that TFDS prepares from them can be opened without this package.
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
from .messages.layout import format_count
from .pipeline import load
from .registries import Registry
from .registry import Variant
from .vectors import Vectors

__all__ = ["GloveRegistry", "GloveRegistryBlocks", "VariantConfig"]

Example: TypeAlias = tuple[int, dict[str, Any]]
"""A key by which TFDS sorts, and the features."""

# Rows read at a time; an example of the block dataset has that many.
BLOCK_ROWS = 1024

_VERSION = tfds.core.Version("1.0.0")

_DESCRIPTION = """\
Pre-trained word vectors of one release, in the order of its file; GloVe's files begin
with the most frequent word. The metadata identify the exact file they were read from.
"""
_INDEX = "Row in the file, starting at 0."
_WORD = "Bytes of the token, which in some releases are not always UTF-8."
_VECTOR = "Numbers of the file, as float32."


@dataclass(eq=False, kw_only=True)
class VariantConfig(tfds.core.BuilderConfig):  # type: ignore[misc]  # it has no types
    """A TFDS configuration: one revision of one variant."""

    variant: Variant


@cache
def _configure(variant: Variant) -> VariantConfig:
    # Cached, as TFDS compares configurations by identity.
    is_default = variant.revision in (None, *variant.revisions[:1])
    facts = (variant.description, variant.corpus, variant.homepage, variant.name)
    return VariantConfig(
        # TFDS allows no @ in names, and the registry no +.
        name=variant.name if is_default else f"{variant.name}+{variant.revision}",
        version=_VERSION,
        description=next(filter(None, facts)),
        variant=variant,
    )


class _FromRegistry:
    """A class attribute that is computed from the registry at each access.

    If computed at import, it would miss later changes of the registry's files and of
    GLOVE_REGISTRY_PATH, and an error in one of them would prevent the import.
    """

    def __init__(self, make: Callable[[list[VariantConfig]], Any]) -> None:
        self._make = make

    def __get__(self, builder: object, owner: type) -> Any:
        return self._make([*map(_configure, Registry.default().list_revisions())])


class GloveRegistry(tfds.core.GeneratorBasedBuilder):  # type: ignore[misc]
    """The dataset ``glove_registry``: an example is a row of the file.

    There is a configuration for each variant of the default registry, such as
    ``glove.6B.50d``, and for each further revision, such as ``glove.6B.50d+with-unk``.
    The package's environment variables apply, including GLOVE_REGISTRY_PATH.

    Raises
    ------
    ChecksumError
        The prepared data in `data_dir` were not made from the registry's file.
    """

    VERSION = _VERSION
    RELEASE_NOTES: ClassVar = {"1.0.0": "index, word and vector, in file order."}
    BUILDER_CONFIGS = _FromRegistry(list)
    builder_configs = _FromRegistry(lambda configs: {c.name: c for c in configs})

    _on_beam = False
    _ROWS_IN_EXAMPLE = 1
    # Estimated bytes of a row in addition to its numbers: word, index and tags.
    _OTHER_BYTES = 64

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        if self.data_path.exists():
            self._check_prepared()

    def download_and_prepare(self, **kwargs: Any) -> None:
        """Prepare the data if they do not exist yet, as every TFDS builder does.

        Parameters
        ----------
        **kwargs
            Arguments of TFDS. With a ``beam_runner`` or ``beam_options`` in the
            ``download_config``, Apache Beam prepares the data.

        Raises
        ------
        GloveRegistryError
            As for `glove_registry.load`.
        OSError
            The disk is too full; the partial data were removed.
        """
        options = kwargs.get("download_config") or tfds.download.DownloadConfig()
        self._on_beam = bool(options.beam_runner or options.beam_options)
        if options.download_mode.overwrite_dataset or not self.data_path.exists():
            # First, so that TFDS can show the size, check the free disk space and draw
            # a progress bar with an end.
            self._announce(self._load())
        try:
            super().download_and_prepare(**kwargs)
        except FileExistsError:
            if not self.is_prepared():
                raise
            # Another process has prepared the same data in the meantime.
            self.info.read_from_directory(self.data_dir)
            self._check_prepared()

    def _check_prepared(self) -> None:
        variant: Variant = self.builder_config.variant
        if not _is_made_from(variant, self.info.metadata):
            raise ChecksumError(
                f"{self.data_path} was prepared from a file with sha256 "
                f"{self.info.metadata.get('sha256')}, but {variant.reference} "
                f"({variant.origin}) is another file now: remove that folder, or pass "
                "another data_dir="
            )

    def _load(self) -> Vectors:
        return load(self.builder_config.variant.reference)

    def _announce(self, vectors: Vectors) -> None:
        rows, dimension = vectors.shape
        split = tfds.core.SplitInfo(
            name="train",
            shard_lengths=[-(-rows // self._ROWS_IN_EXAMPLE)],
            num_bytes=rows * (4 * dimension + self._OTHER_BYTES),
        )
        self.info.set_splits(tfds.core.SplitDict([split]))
        variant: Variant = self.builder_config.variant
        self.info.metadata.update(vectors.provenance, key=variant.key)
        # Printed, as TFDS prints the size.
        print(
            f"{variant.reference}: {format_count(rows, 'row')} of {dimension} numbers"
        )

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
        # Without the download manager: `load` fetches, verifies and caches.
        generate = self._make_transform if self._on_beam else self._generate_examples
        return {"train": generate(self._load())}

    def _make_transform(self, vectors: Vectors) -> Any:
        """Return the Beam transform that generates the same examples."""
        from .beam import OnVectors, spread

        variant: Variant = self.builder_config.variant
        # Every worker must load exactly the file that this process has loaded.
        sha256 = vectors.provenance["sha256"]
        read = OnVectors(variant.reference, self._make_examples, sha256=sha256)
        return spread(range(0, len(vectors), BLOCK_ROWS), read)

    def _generate_examples(self, vectors: Vectors) -> Iterator[Example]:
        for start in range(0, len(vectors), BLOCK_ROWS):
            yield from self._make_examples(vectors, start)

    @staticmethod
    def _make_examples(vectors: Vectors, start: int) -> Iterator[Example]:
        """Yield the examples of one block of rows."""
        columns = _read_block(vectors, start)
        for values in zip(*columns.values(), strict=True):
            example = dict(zip(columns, values, strict=True))
            yield _make_key(vectors, int(example["index"])), example


class GloveRegistryBlocks(GloveRegistry):
    """The dataset ``glove_registry_blocks``: an example is a block of 1,024 rows.

    It has the configurations of `GloveRegistry`, but is many times faster to prepare
    and to read. Elements are as in ``vectors.to_tf_dataset()``; ``unbatch()`` returns
    single rows.
    """

    _ROWS_IN_EXAMPLE = BLOCK_ROWS
    _OTHER_BYTES = 13

    def _features(self, dimension: int | None) -> dict[str, Any]:
        features = tfds.features
        return {
            "index": features.Tensor(shape=(None,), dtype=np.int64, doc=_INDEX),
            "word": features.Tensor(shape=(None,), dtype=np.object_, doc=_WORD),
            "vector": features.Tensor(
                shape=(None, dimension),
                dtype=np.float32,
                # Written ten times faster than a list of numbers.
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
    # TFDS sorts larger data in 1,000 buckets, by the highest of 128 bits. Plain row
    # numbers would all be in the first bucket.
    return (row << 128) // len(vectors)


def _is_made_from(variant: Variant, metadata: Mapping[str, Any]) -> bool:
    """Return whether prepared data were made from the registry's file."""
    if variant.member.sha256:
        return bool(metadata.get("sha256") == variant.member.sha256)
    # Only the checksum of the archive is known.
    return bool(variant.key) and metadata.get("key") == variant.key
