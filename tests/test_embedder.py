"""An embedder travels to other processes, and gives each text the same vector there."""

import gc
import multiprocessing
import os
import pickle
import shutil
import threading
import tracemalloc
import weakref
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import numpy as np
import pytest
from entries import SMALL, sha256, write_registry
from plain_rows import SAMPLE
from run_program import run_code

import glove_registry
from glove_registry import Embedder, Registry, Vectors
from glove_registry.errors import (
    CacheError,
    ChecksumError,
    FormatError,
    OfflineError,
    UnknownVariantError,
    UnverifiableError,
)

TEXTS = [
    "A \u201cgood\u201d FILM\u2026, isn\u2019t\xa0it?",
    "",
    "qqzz",
    "the the of",
    "film",
]
OTHER = SMALL.replace(b"1 2 3", b"4 5 6")


def write_entry(folder: Path, content: bytes = SMALL, **fields: object) -> Path:
    """Write a text and a registry whose entry ``small.3d`` is that text."""
    text = folder / "small.txt"
    text.write_bytes(content)
    return write_registry(folder, "small.3d", url=text.as_uri(), **fields)


def travel(embedder: Embedder) -> Embedder:
    """Send an embedder to another process, which here is this one."""
    copy: Embedder = pickle.loads(pickle.dumps(embedder))
    return copy


# This process may have threads, with which Python 3.12 and later warn of fork.
METHODS = [m for m in multiprocessing.get_all_start_methods() if m != "fork"]


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("pooling", ["mean", "max"])
def test_other_processes_give_the_same_bytes(method: str, pooling: Any) -> None:
    """However a process was started, its vectors are those of this one, bit for bit."""
    embedder = Embedder(SAMPLE, pooling=pooling)
    expected = glove_registry.load(SAMPLE).embed(TEXTS, pooling=pooling)
    assert expected.any(axis=1).tolist() == [True, False, False, True, True]
    context = multiprocessing.get_context(method)
    with ProcessPoolExecutor(2, mp_context=context) as pool:
        found = list(pool.map(embedder, [TEXTS[:2], TEXTS[2:]]))
    assert b"".join(part.tobytes() for part in found) == expected.tobytes()
    assert {part.dtype for part in found} == {expected.dtype}


def test_threads_and_copies_share_the_vectors_of_their_process() -> None:
    """Vectors are opened once, whichever embedder, copy or thread asks first."""
    embedders = [Embedder(SAMPLE), Embedder(SAMPLE, pooling="max")] * 4
    barrier = threading.Barrier(len(embedders))

    def open_at_once(embedder: Embedder) -> Vectors:
        barrier.wait()
        return embedder.vectors

    with ThreadPoolExecutor(len(embedders)) as pool:
        opened = list(pool.map(open_at_once, map(travel, embedders)))
    assert len(set(map(id, opened))) == 1
    assert Embedder(SAMPLE, dtype="float16").vectors is not opened[0]


FORKED = """
import os, sys, threading, time, warnings
import glove_registry
from glove_registry import embedder as module

warnings.simplefilter("ignore")  # threads and fork() together are the point here
before, after = (glove_registry.Embedder(name) for name in sys.argv[1:])
before.vectors
with module._lock:  # as if another thread were opening vectors now
    child = os.fork()
    if not child:
        print(before(["film"]).any() and after(["film"]).any(), flush=True)
        os._exit(0)
    os.waitpid(child, 0)
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system does not fork")
def test_a_fork_does_not_wait_for_a_thread_that_it_does_not_have(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A process forked while vectors are being opened uses these and opens others."""
    text = tmp_path / "words.txt"
    text.write_bytes(SMALL)
    registry = write_registry(tmp_path, "a", url=text.as_uri(), sha256=sha256(SMALL))
    monkeypatch.setenv("GLOVE_REGISTRY_PATH", str(registry))
    assert run_code(FORKED, SAMPLE, "a") == "True\n"


def test_weights_and_case_travel_too() -> None:
    """Each argument of `Vectors.embed` has the same effect in an embedder's copy."""
    vectors = glove_registry.load(SAMPLE)
    texts = [["the", "FILM"], ["the", "of"]]
    options: dict[str, Any]
    for options in ({"weights": {"film": 2.0, "the": 0.5}}, {"case": "exact"}):
        expected = vectors.embed(texts, **options)
        assert expected.tobytes() != vectors.embed(texts).tobytes()
        found = travel(Embedder(SAMPLE, **options))(texts)
        assert found.tobytes() == expected.tobytes()


def test_pickles_of_all_variants_are_small() -> None:
    """No built-in entry takes 10 kB, and none has to be loaded to be sent."""
    pickled = {}
    for variant in Registry.default().list_revisions():
        if variant.anchor is not None:
            embedder = Embedder(variant.reference, offline=True)
            pickled[variant.reference] = pickle.dumps(embedder)
    assert len(pickled) > 15
    assert max(map(len, pickled.values())) < 10_000
    assert not Path(os.environ["GLOVE_REGISTRY_CACHE"]).exists()


def test_a_worker_needs_no_registry_file(tmp_path: Path) -> None:
    """The entry travels with the embedder; another of that name does not matter."""
    registry = write_entry(tmp_path, sha256=sha256(SMALL))
    embedder = Embedder("small.3d", registry=registry)
    registry.write_text("not: a registry")
    assert travel(embedder)(["the"]).tolist() == [[1, 2, 3]]
    assert embedder.sha256 == sha256(SMALL)


def test_an_own_file_is_mapped_from_its_store(tmp_path: Path) -> None:
    """`Vectors` are reopened where they lie; elsewhere, the error says what to do."""
    (tmp_path / "small.txt").write_bytes(SMALL)
    vectors = glove_registry.open_file(tmp_path / "small.txt")
    embedder = Embedder(vectors)
    assert embedder.sha256 == sha256(SMALL)
    assert travel(embedder)(["the film", "the"]).tolist() == [[0.5, 1, 2], [1, 2, 3]]


def test_vectors_in_memory_are_sent() -> None:
    """Vectors of no file travel in the pickle, and are still opened once."""
    numbers = np.arange(6, dtype=np.float32).reshape(2, 3)
    embedder = Embedder(glove_registry.from_arrays(["a", "b"], numbers, name="own"))
    assert embedder.sha256 is None
    assert travel(embedder)(["a b"]).tolist() == [[1.5, 2.5, 3.5]]
    assert travel(embedder).vectors is travel(embedder).vectors


def test_vectors_in_memory_go_with_their_last_embedder() -> None:
    """No process keeps them for good, nor are they copied to be sent."""
    numbers = np.zeros((1000, 5000), np.float32)
    words = [f"w{i}" for i in range(1000)]
    vectors = glove_registry.from_arrays(words, numbers, name="own")
    tracemalloc.start()
    embedder = Embedder(vectors)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < numbers.nbytes // 10
    assert embedder.vectors is vectors
    copy = travel(embedder)
    alive = weakref.ref(vectors)
    del vectors, embedder
    gc.collect()
    assert alive() is None
    first = copy.vectors
    assert copy.vectors is first
    alive = weakref.ref(first)
    del first
    assert copy.vectors is alive()
    del copy
    gc.collect()
    assert alive() is None


def test_vectors_in_memory_are_told_apart_by_their_numbers() -> None:
    """Equal ones are opened once; a single other number, word or tokenizer counts."""
    numbers = np.ones((2, 3), np.float32)
    other = numbers.copy()
    other[1, 2] = 2
    make = partial(glove_registry.from_arrays, name="own")
    made = [
        make(["a", "b"], numbers),
        make(["a", "b"], numbers.copy()),
        make(["a", "b"], other),
        make(["a", "c"], numbers),
        make(["a", "b"], numbers, tokenizer="words"),
    ]
    embedders = [*map(Embedder, made)]
    opened = [embedder.vectors for embedder in embedders]
    assert opened[0] is opened[1]
    assert len({*map(id, opened)}) == 4
    stacked = glove_registry.stack([made[0], made[2]], "concat")
    assert travel(Embedder(stacked))(["a b"]).tolist() == [[1, 1, 1, 1, 1, 1.5]]


def test_a_worker_with_another_text_refuses(tmp_path: Path) -> None:
    """No worker computes with other bytes than the machine that started the job."""
    embedder = Embedder(
        "small.3d", registry=write_entry(tmp_path, sha256=sha256(SMALL))
    )
    (tmp_path / "small.txt").write_bytes(OTHER)
    with pytest.raises(ChecksumError):
        travel(embedder)(["the"])


def test_a_store_with_another_text_is_refused(tmp_path: Path) -> None:
    """Where a path leads to other vectors than here, they are not used."""
    stores = []
    for number, content in enumerate((SMALL, OTHER)):
        text = tmp_path / "small.txt"
        text.write_bytes(content)
        vectors = glove_registry.open_file(text, cache_dir=tmp_path / f"{number}")
        stores.append(next((tmp_path / f"{number}" / "stores").iterdir()))
        if number == 0:
            embedder = Embedder(vectors)
    shutil.rmtree(stores[0])
    with pytest.raises(CacheError, match="load them by name"):
        travel(embedder)(["the"])
    shutil.copytree(stores[1], stores[0])
    with pytest.raises(ChecksumError, match=r"another text here .*: pass the name"):
        travel(embedder)(["the"])


def test_all_trust_what_was_trusted_first(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without a checksum in the entry, only the text of the first machine is used."""
    registry = write_entry(tmp_path)
    with pytest.raises(UnverifiableError):
        Embedder("small.3d", registry=registry)
    embedder = Embedder("small.3d", registry=registry, trust_on_first_use=True)
    assert embedder.sha256 == sha256(SMALL)
    assert travel(embedder)(["the"]).tolist() == [[1, 2, 3]]
    monkeypatch.setenv("GLOVE_REGISTRY_CACHE", str(tmp_path / "another-machine"))
    (tmp_path / "small.txt").write_bytes(OTHER)
    with pytest.raises(ChecksumError):
        travel(embedder)(["the"])


def test_an_archive_decides_the_text(tmp_path: Path) -> None:
    """If an entry has only the archive's checksum, that of the text is found out."""
    archive = tmp_path / "small.zip"
    with ZipFile(archive, "w") as file:
        file.writestr("small.txt", SMALL)
    fields = {"url": archive.as_uri(), "sha256": sha256(archive.read_bytes())}
    registry = write_registry(
        tmp_path, "small.3d", **fields, member={"name": "small.txt"}
    )
    embedder = travel(Embedder("small.3d", registry=registry))
    assert embedder.sha256 == sha256(SMALL)
    assert embedder(["the"]).tolist() == [[1, 2, 3]]


def test_arguments_of_load_reach_the_worker(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A relative cache_dir is this process's, and offline= is kept."""
    registry = write_entry(tmp_path, sha256=sha256(SMALL))
    monkeypatch.chdir(tmp_path)
    embedder = Embedder("small.3d", registry=registry, cache_dir="here")
    monkeypatch.chdir("/")
    travel(embedder)(["the"])
    assert (tmp_path / "here" / "stores").is_dir()
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    travel(Embedder("small.3d", registry=registry, cache_dir="~/cache"))(["the"])


def test_an_error_of_a_worker_arrives_whole() -> None:
    """A worker's error is raised again in this process, with its sentence."""
    name = "glove.6B.50d"
    embedder = Embedder(name, offline=True)
    context = multiprocessing.get_context("spawn")
    with (
        ProcessPoolExecutor(1, mp_context=context) as pool,
        pytest.raises(OfflineError, match=r"glove\.6B\.50d"),
    ):
        pool.submit(embedder, TEXTS).result()


def test_what_is_wrong_is_said_before_anything_is_sent(tmp_path: Path) -> None:
    """Names, checksums and arguments are checked where the embedder is made."""
    vectors = glove_registry.load(SAMPLE)
    options: dict[str, Any]  # no type checker accepts them
    with pytest.raises(UnknownVariantError, match=r"glove\.6B\.50d"):
        Embedder("glove.6B.50")
    with pytest.raises(ChecksumError, match="sha256='abc': expected 64"):
        Embedder(SAMPLE, sha256="abc")
    with pytest.raises(ChecksumError, match="was asked for"):
        Embedder(SAMPLE, sha256="0" * 64)
    with pytest.raises(ValueError, match="pooling='median': expected one of mean"):
        Embedder(SAMPLE, pooling="median")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="case='lower': expected one of"):
        Embedder(SAMPLE, case="lower")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match=r"weights='sif': .* fit a TextEmbedder"):
        Embedder(SAMPLE, weights="sif")
    with pytest.raises(TypeError, match="weights=5: expected a mapping"):
        Embedder(SAMPLE, weights=5)
    with pytest.raises(FormatError, match="dtype='float64': expected one of"):
        Embedder(SAMPLE, dtype="float64")
    options = {"poolin": "max"}
    with pytest.raises(TypeError, match=r"poolin: .* did you mean pooling"):
        Embedder(SAMPLE, **options)
    options = {"name": SAMPLE}
    with pytest.raises(TypeError, match=r"name: unexpected keyword argument$"):
        Embedder(SAMPLE, **options)
    with pytest.raises(TypeError, match="offline: cannot be used with Vectors"):
        Embedder(vectors, offline=True)
    with pytest.raises(UnknownVariantError, match="found int 5"):
        Embedder(5)  # type: ignore[arg-type]
