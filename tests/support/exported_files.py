"""Read exported files with the libraries they are for: words and vectors."""

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import safetensors.numpy
from gensim.models import KeyedVectors
from numpy.typing import NDArray

Table = tuple[list[str], NDArray[np.float32]]

# Asks TensorBoard's own plugin what it sends to a browser.
TENSORBOARD = """
import json, sys
import numpy as np
from tensorboard.plugins import base_plugin
from tensorboard.plugins.projector.projector_plugin import ProjectorPlugin
from werkzeug.test import Client
from werkzeug.wrappers import Response
apps = ProjectorPlugin(base_plugin.TBContext(logdir=sys.argv[1])).get_plugin_apps()
def ask(route, **query):
    response = Client(apps[route], Response).get(route, query_string=query)
    assert response.status_code == 200, response.data
    return response.data
run, = json.loads(ask("/runs"))
embedding, = json.loads(ask("/info", run=run))["embeddings"]
name = embedding["tensorName"]
with open(sys.argv[2], "wb") as file:
    file.write(ask("/tensor", run=run, name=name))
with open(sys.argv[3], "wb") as file:
    file.write(ask("/metadata", run=run, name=name))
print(json.dumps(embedding))
"""


def load_keyed_vectors(path: Path, binary: bool) -> Any:
    """Load a file with gensim; invalid UTF-8 is decoded as this package decodes it."""
    return KeyedVectors.load_word2vec_format(
        str(path), binary=binary, unicode_errors="surrogateescape"
    )


def read_with_gensim(path: Path, binary: bool) -> Table:
    """Read a file by gensim."""
    loaded = load_keyed_vectors(path, binary)
    return loaded.index_to_key, loaded.vectors


def read_with_numpy(path: Path) -> Table:
    """Read an archive; pickle is not allowed by default."""
    with np.load(path) as arrays:
        assert set(arrays) - {"tokenizer"} == {"vectors", "words"}
        return _split(arrays["words"]), arrays["vectors"]


def read_with_safetensors(path: Path) -> Table:
    """Read tensors by the library safetensors."""
    tensors = safetensors.numpy.load_file(path)
    assert set(tensors) == {"vectors", "words"}
    return _split(tensors["words"]), tensors["vectors"]


def read_with_pandas(path: Path) -> Table:
    """Read a table by pandas."""
    table = pd.read_parquet(path)
    assert list(table) == ["word", "vector"]
    words = [
        w if isinstance(w, str) else w.decode("utf-8", "surrogateescape")
        for w in table["word"]
    ]
    return words, np.stack(list(table["vector"]))


def read_with_tensorboard(path: Path) -> Table:
    """Read what TensorBoard serves to the projector's page."""
    tensor, labels = path.with_name("served.bytes"), path.with_name("served.tsv")
    done = subprocess.run(
        [sys.executable, "-c", TENSORBOARD, path, tensor, labels],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    shape = json.loads(done.stdout)["tensorShape"]
    # The page skips lines that JavaScript considers blank.
    lines = labels.read_bytes().decode("utf-8").split("\n")
    words = [line for line in lines if line.strip().strip("\ufeff")]
    return words, np.fromfile(tensor, "<f4").reshape(shape)


READERS: dict[str, Callable[[Path], Table]] = {
    "word2vec": lambda path: read_with_gensim(path, binary=False),
    "word2vec-binary": lambda path: read_with_gensim(path, binary=True),
    "npz": read_with_numpy,
    "safetensors": read_with_safetensors,
    "parquet": read_with_pandas,
    "projector": read_with_tensorboard,
}


def _split(words: NDArray[np.uint8]) -> list[str]:
    return words.tobytes().decode("utf-8", "surrogateescape").split("\n")
