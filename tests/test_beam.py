"""Texts become the same vectors on Apache Beam, with one process or several."""

import os
import pickle
import subprocess
import sys
from collections.abc import Iterable
from itertools import islice
from pathlib import Path
from typing import Any

import beam_jobs
import numpy as np
import pytest
from entries import SMALL, sha256, write_registry
from numpy.typing import NDArray
from plain_rows import SAMPLE, read_sample
from texts_by_hand import POOLINGS, Pooling, pool, respell

import glove_registry
from glove_registry.errors import (
    ChecksumError,
    UnknownVariantError,
    UnknownWordError,
)
from glove_registry.text.tokenizers import tokenize

# Beam is an optional extra.
pytestmark = pytest.mark.slow

RESULTS: list[Any] = []


def run(elements: Iterable[Any], transform: Any) -> list[Any]:
    """Return the results of a transform, run in this process."""
    import apache_beam as beam

    RESULTS.clear()
    with beam.Pipeline("FnApiRunner") as pipeline:
        made = pipeline | beam.Create(elements) | transform
        made | beam.Map(keep)
    return list(RESULTS)


def keep(result: object) -> None:
    """Keep a result in the global list, as a local one would be copied into the job."""
    RESULTS.append(result)


def start_job(job: str, folder: Path, processes: int, real_text: Path) -> Path:
    """Run a job on the real release as a program."""
    folder.mkdir()
    digest = glove_registry.info(beam_jobs.VARIANT).member.sha256
    entry = {"url": real_text.as_uri(), "sha256": digest, "override": True}
    registry = write_registry(folder, beam_jobs.VARIANT, **entry)
    arguments = [job, str(folder), str(processes)]
    subprocess.run(
        [sys.executable, "-W", "error", beam_jobs.__file__, *arguments],
        env={**os.environ, "GLOVE_REGISTRY_PATH": str(registry)},
        stderr=subprocess.DEVNULL,
        check=True,
    )
    return folder


def tabulate(real_text: Path) -> dict[str, NDArray[np.float32]]:
    """Read the vectors of the jobs' texts by a plain loop."""
    table = {}
    with real_text.open(encoding="utf-8", newline="\n") as lines:
        for line in lines:
            word, _, numbers = line.partition(" ")
            table[word] = np.array(numbers.split(), np.float32)
    return table


def test_real_texts_are_those_of_one_process(real_text: Path, tmp_path: Path) -> None:
    """Two processes and one agree to the bit with the means of a plain loop."""
    written = [
        beam_jobs.read_lines(start_job("pool", tmp_path / f"{n}", n, real_text))
        for n in (1, 2)
    ]
    assert sorted(written[0]) == sorted(written[1])
    means = {int(key): bytes.fromhex(digits) for key, digits in written[0]}
    assert sorted(means) == list(range(beam_jobs.TEXTS))
    table = tabulate(real_text)
    texts = islice(beam_jobs.read_sentences(), beam_jobs.TEXTS)
    for key, text in enumerate(texts):
        words = [respell(word, table) for word in tokenize(text, "lower-ptb")]
        assert pool(table, words, "mean").astype(np.float32).tobytes() == means[key]


def test_a_process_maps_the_store_once(real_text: Path, tmp_path: Path) -> None:
    """Each of two processes has one `Vectors` for all its texts."""
    folder = start_job("count_stores", tmp_path / "job", 2, real_text)
    lines = beam_jobs.read_lines(folder)
    assert len(lines) == beam_jobs.TEXTS
    assert len({process for process, _ in lines}) == 2
    assert len({tuple(line) for line in lines}) == 2


TEXTS = ["A \u201cgood\u201d FILM\u2026, isn\u2019t\xa0it?", "", "qqzz", "the the of"]


@pytest.mark.parametrize("pooling", POOLINGS)
def test_a_text_gets_what_a_plain_loop_pools(pooling: Pooling) -> None:
    """Texts and lists of tokens, with a key and without, are pooled alike."""
    from glove_registry.beam import EmbedTexts

    words, matrix = read_sample()
    table = dict(zip([word.decode() for word in words], matrix, strict=True))
    tokens = [
        [respell(w, table) for w in tokenize(text, "lower-ptb")] for text in TEXTS
    ]
    expected = [pool(table, row, pooling).astype(np.float32) for row in tokens]
    for elements in (TEXTS, tokens):
        found = run(elements, EmbedTexts(SAMPLE, pooling))
        assert {vector.tobytes() for vector in found} == {v.tobytes() for v in expected}
        keyed = dict(run(enumerate(elements), EmbedTexts(SAMPLE, pooling)))
        assert [keyed[i].tobytes() for i in range(4)] == [v.tobytes() for v in expected]
        assert {vector.dtype for vector in keyed.values()} == {np.dtype("float32")}
    assert not keyed[1].any()
    assert not keyed[2].any()


def test_each_token_gets_its_row_or_what_the_rules_say() -> None:
    """`EmbedTokens` keeps the order, and applies oov, case and dtype."""
    from glove_registry.beam import EmbedTokens

    words, matrix = read_sample()
    film = matrix[words.index(b"film")]
    (zeros,) = run([["film", "qqzz", "Film"]], EmbedTokens(SAMPLE))
    assert zeros.tolist() == [film.tolist(), [0] * 50, film.tolist()]
    (exact,) = run(
        [("key", ["Film", "film"])],
        EmbedTokens(SAMPLE, oov=lambda word: [7] * 50, case="exact", dtype="float16"),
    )
    assert exact[0] == "key"
    assert exact[1].dtype == np.float16
    assert exact[1].tolist() == [[7] * 50, film.astype(np.float16).tolist()]
    (split,) = run(["A film isn't."], EmbedTokens(SAMPLE))
    words_of_it = [b"a", b"film", b"is", b"n't", b"."]
    assert split.tolist() == [
        matrix[words.index(word)].tolist() for word in words_of_it
    ]
    (empty,) = run([""], EmbedTokens(SAMPLE))
    assert empty.shape == (0, 50)
    (by_comma,) = run(["film,film"], EmbedTokens(SAMPLE, tokenize=_split_at_commas))
    assert by_comma.tolist() == [film.tolist()] * 2


def _split_at_commas(text: str) -> list[str]:
    return text.split(",")


def test_a_worker_needs_no_registry_file(tmp_path: Path) -> None:
    """A pickled transform contains the registry's entry."""
    from glove_registry.beam import EmbedTexts

    text = tmp_path / "small.txt"
    text.write_bytes(SMALL)
    registry = write_registry(
        tmp_path, "small.3d", url=text.as_uri(), sha256=sha256(SMALL)
    )
    transform = pickle.loads(pickle.dumps(EmbedTexts("small.3d", registry=registry)))
    registry.unlink()
    (vector,) = run([["the"]], transform)
    assert vector.tolist() == [1, 2, 3]


def test_vectors_of_an_own_file_are_mapped(tmp_path: Path) -> None:
    """`Vectors` of `open_file` are accepted instead of a name."""
    from glove_registry.beam import EmbedTexts

    text = tmp_path / "small.txt"
    text.write_bytes(SMALL)
    vectors = glove_registry.open_file(text)
    (vector,) = run(["the"], EmbedTexts(vectors))
    assert vector.tolist() == [1, 2, 3]
    with pytest.raises(TypeError, match="sha256: cannot be used with Vectors"):
        EmbedTexts(vectors, sha256="0" * 64)


def test_vectors_are_opened_where_they_are_used(tmp_path: Path) -> None:
    """Copies of a pickled transform share one `Vectors` in a process."""
    from glove_registry.beam import OnVectors

    text = tmp_path / "small.txt"
    text.write_bytes(SMALL)
    vectors = glove_registry.open_file(text, cache_dir=tmp_path / "elsewhere")
    pickled = pickle.dumps(OnVectors(vectors, _identify))
    copies = [pickle.loads(pickled) for _ in range(3)]
    for copy in copies:
        copy.setup()
    assert len({found for copy in copies for found in copy.process("")}) == 1


def _identify(vectors: glove_registry.Vectors, _: object) -> list[int]:
    return [id(vectors)]


def test_keys_keep_their_type() -> None:
    """Keys keep their type, so grouping by them needs no type hint."""
    import apache_beam as beam

    from glove_registry.beam import EmbedTexts

    with beam.Pipeline("FnApiRunner") as pipeline:
        keyed = pipeline | beam.Create([(1, "film"), (1, "the")])
        embedded = keyed | EmbedTexts(SAMPLE)
        assert embedded.element_type.tuple_types[0] is int
        plain = pipeline | "Plain" >> beam.Create(["film"])
        alone = plain | "Again" >> EmbedTexts(SAMPLE)
        assert not hasattr(alone.element_type, "tuple_types")


@pytest.mark.parametrize(
    ("element", "sentence"),
    [
        (b"film", "found bytes b'film'"),
        (None, "found NoneType None"),
        (("a", "b", "c"), r"found tuple \('a', 'b', 'c'\)"),
        (("key", 5), "found int 5"),
        (["film", 5], "a word is a str, found int 5"),
    ],
)
def test_what_is_no_text_is_named(element: object, sentence: str) -> None:
    """An element of another type ends the job with an error that shows it."""
    from glove_registry.beam import EmbedTexts

    with pytest.raises(UnknownWordError, match=sentence):
        run([element], EmbedTexts(SAMPLE))


def test_what_is_wrong_with_a_transform_is_said_before_the_job() -> None:
    """Names, poolings and rules are checked before the job starts."""
    from glove_registry.beam import EmbedTexts, EmbedTokens

    with pytest.raises(UnknownVariantError, match=r"glove\.6B\.50d"):
        EmbedTexts("glove.6B.50")
    with pytest.raises(ValueError, match="pooling='median': expected one of mean"):
        EmbedTexts(SAMPLE, "median")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="case='lower': expected one of"):
        EmbedTexts(SAMPLE, case="lower")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="oov='median': expected one of"):
        EmbedTokens(SAMPLE, oov="median")
    options: dict[str, Any] = {"poolin": "max"}
    with pytest.raises(TypeError, match=r"poolin: .* did you mean pooling"):
        EmbedTexts(SAMPLE, **options)
    options = {"oov": "mean"}
    with pytest.raises(TypeError, match=r"oov: unexpected keyword argument$"):
        EmbedTexts(SAMPLE, **options)
    named: dict[str, Any] = {"name": "glove.6B.50d"}
    with pytest.raises(TypeError, match="name: unexpected keyword"):
        EmbedTexts(SAMPLE, **named)
    with pytest.raises(ChecksumError, match="sha256='abc': expected 64"):
        EmbedTexts(SAMPLE, sha256="abc")
    with pytest.raises(ChecksumError, match="was asked for"):
        EmbedTexts(SAMPLE, sha256="0" * 64)
    with pytest.raises(TypeError, match="tokenize='ptb': expected a function"):
        EmbedTexts(SAMPLE, tokenize="ptb")  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="dtype='int8': expected"):
        EmbedTokens(SAMPLE, dtype="int8")


def test_what_a_worker_refuses_ends_the_job(tmp_path: Path) -> None:
    """Another text than the entry's, and a missing word by oov='error', end a job."""
    from glove_registry.beam import EmbedTexts, EmbedTokens

    text = tmp_path / "small.txt"
    text.write_bytes(SMALL)
    registry = write_registry(tmp_path, "a", url=text.as_uri(), sha256=sha256(SMALL))
    transform = EmbedTexts("a", registry=registry)
    text.write_bytes(SMALL * 2)
    with pytest.raises(ChecksumError):
        run(["film"], transform)
    with pytest.raises(UnknownWordError, match="qqzz"):
        run(["film qqzz"], EmbedTokens(SAMPLE, oov="error"))
