"""Write a small model of fastText, and the vectors that fastText makes of its words.

    python make_fasttext_model.py quantized|pruned|dense FOLDER

It needs a package that provides ``fasttext`` 0.9.2 or later; the tests do not. On so
little text, that sometimes ends with "Encountered NaN": run it again.
"""

import json
import random
import sys
import tempfile
from importlib import import_module
from pathlib import Path
from typing import Any

fasttext: Any = import_module("fasttext")

SYLLABLES = ["ka", "mé", "ло", "ta", "ri", "su", "no", "東", "ba", "li", "ñu", "so"]
OPTIONS: dict[str, Any] = {
    "dim": 6,
    "minn": 2,
    "maxn": 4,
    "minCount": 1,
    "thread": 2,
    "verbose": 0,
}


def write_texts(path: Path) -> None:
    """Write labelled texts of made-up words."""
    draw = random.Random(1)
    words = ["".join(draw.choices(SYLLABLES, k=draw.randint(1, 4))) for _ in range(200)]
    with path.open("w", encoding="utf-8") as file:
        for _ in range(4000):
            label = draw.randrange(3)
            chosen = draw.choices(words[label * 50 :], k=8)
            file.write(f"__label__{label} {' '.join(chosen)}\n")


def make(kind: str, texts: str) -> Any:
    """Train a model of some kind."""
    if kind == "dense":
        return fasttext.train_unsupervised(texts, model="cbow", bucket=200, **OPTIONS)
    if kind == "quantized":
        model = fasttext.train_supervised(texts, bucket=200, **OPTIONS)
        model.quantize(dsub=4, qnorm=False)
        return model
    model = fasttext.train_supervised(texts, bucket=1000, **OPTIONS)
    model.quantize(texts, cutoff=260, qnorm=True)
    return model


def main(kind: str, folder: str) -> None:
    """Write the model, and a table of known words and vectors."""
    with tempfile.TemporaryDirectory() as scratch:
        texts = Path(scratch, "texts")
        write_texts(texts)
        model = make(kind, str(texts))
    path = Path(folder, kind).with_suffix(".bin" if kind == "dense" else ".ftz")
    model.save_model(str(path))
    known = model.get_words()
    words = [*known, *(word[::-1] + "x" for word in known[:40]), "q", "</s>", "日本"]
    vectors = {word: model.get_word_vector(word).tolist() for word in words}
    lines = ",\n".join(f"{json.dumps(w)}: {json.dumps(v)}" for w, v in vectors.items())
    table = f'{{"known": {len(known)}, "vectors": {{\n{lines}\n}}}}\n'
    path.with_suffix(".json").write_text(table, encoding="utf-8")


main(*sys.argv[1:])
