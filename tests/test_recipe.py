"""A configuration says which vectors and how used, and every slip in it is named."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml
from entries import SMALL, sha256, write_registry

import glove_registry
from glove_registry import from_config
from glove_registry.errors import ChecksumError, ConfigError, UnknownVariantError

SAMPLE = "glove.6B.50d-first10k"
VOCABULARY = ["", "[UNK]", "the", "Film", "flim"]


def test_a_recipe_makes_the_layer_that_its_arguments_make() -> None:
    """The layer of a recipe equals the one made by the same arguments in Python."""
    config = {
        "name": SAMPLE,
        "trainable": True,
        "oov": "normal:3",
        "case": "exact",
        "mask_zero": True,
        "dtype": "float16",
    }
    recipe = from_config(config)
    layer = recipe.layer(VOCABULARY, name="words")

    expected = glove_registry.load(SAMPLE).embedding_matrix(
        VOCABULARY, oov="normal:3", case="exact", dtype="float16"
    )
    assert (layer.get_weights()[0] == expected).all()
    assert (layer.trainable, layer.mask_zero, layer.name) == (True, True, "words")
    assert layer.compute_dtype == "float16"


def test_a_recipe_names_tokens_and_trains_misses() -> None:
    """Own tokens, a rule for phrases and partial training are data like all else."""
    config = {
        "name": SAMPLE,
        "trainable": "misses",
        "oov": "parts",
        "padding": "xxpad",
        "specials": ["xxbos"],
    }
    recipe = from_config(yaml.safe_load(yaml.safe_dump(config)))
    words = ["xxpad", "xxbos", "film", "new_york"]
    layer = recipe.layer(words)

    vectors = glove_registry.load(SAMPLE)
    expected = vectors.lookup(["", "", "film", ""])
    expected[3] = vectors.lookup(["new", "york"]).mean(axis=0)
    found = layer.predict(np.arange(4)[np.newaxis], verbose=0)[0]
    np.testing.assert_allclose(found, expected, atol=1e-6)
    assert layer.get_layer("learned").input_dim == 2 + 2
    assert from_config(json.loads(json.dumps(recipe.to_dict()))) == recipe


def test_a_recipe_of_a_name_alone_has_the_defaults() -> None:
    """The smallest configuration is a name; a recipe tells the whole of itself."""
    recipe = from_config({"name": SAMPLE, "sha256": None})
    assert recipe.to_dict() == {
        "name": SAMPLE,
        "revision": None,
        "sha256": None,
        "trainable": False,
        "mask_zero": False,
        "oov": None,
        "case": "fallback",
        "padding": None,
        "specials": [],
        "dtype": None,
        "store_dtype": "float32",
    }
    assert from_config(json.loads(json.dumps(recipe.to_dict()))) == recipe


def test_a_recipe_says_of_which_type_its_store_is() -> None:
    """The numbers on disk have a type of their own, whatever that of the layer is."""
    recipe = from_config({"name": SAMPLE, "store_dtype": "int8", "dtype": "float16"})
    assert recipe.vectors.provenance["dtype"] == "int8"
    assert recipe.layer(VOCABULARY).compute_dtype == "float16"
    with pytest.raises(ConfigError, match="store_dtype: expected one of float32"):
        from_config({"name": SAMPLE, "store_dtype": "float64"})


def test_a_recipe_holds_its_vectors_to_a_sha256(tmp_path: Path) -> None:
    """With another sha256 in the configuration, nothing is made of other bytes."""
    text = tmp_path / "small.txt"
    text.write_bytes(SMALL)
    registry = write_registry(
        tmp_path, "small", url=text.as_uri(), sha256=sha256(SMALL)
    )
    good = from_config({"name": "small", "sha256": sha256(SMALL)}, registry=registry)
    assert "film" in good.vectors
    bad = from_config({"name": "small", "sha256": "0" * 64}, registry=registry)
    with pytest.raises(ChecksumError, match="0000"):
        bad.layer(["film"])


def test_a_revision_is_named_beside_the_name() -> None:
    """`revision` gives what NAME@REVISION gives."""
    recipe = from_config({"name": "glove.6B.50d", "revision": "with-unk"})
    assert recipe.reference == "glove.6B.50d@with-unk"


WRONG: dict[str, tuple[str, list[str]]] = {
    "no mapping": (
        "[glove.6B.50d]",
        ["expected a mapping with the key name", "found list"],
    ),
    "nothing": ("", ["found NoneType"]),
    "no name": ("trainable: true", ["'name' is missing"]),
    "a slip": ("{name: a, trainble: true}", ["'trainble': did you mean 'trainable'"]),
    "no such key": ("{name: a, xyzzy: 1}", ["unknown key 'xyzzy': the keys are name"]),
    "another text for a flag": ("{name: a, trainable: Misses}", ["false or misses"]),
    "a list for a padding": ("{name: a, padding: [x]}", ["padding: expected a token"]),
    "a text for a list": ("{name: a, specials: xxbos}", ["specials: expected a list"]),
    "a list of numbers": ("{name: a, specials: [1]}", ["specials: expected a list"]),
    "text for a flag": (
        "{name: a, trainable: 'yes'}",
        ["true, false or misses, found 'yes'"],
    ),
    "a number for a flag": ("{name: a, mask_zero: 1}", ["mask_zero: expected true"]),
    "a number for a name": ("name: 6", ["name: expected the name of a variant"]),
    "an unknown rule": ("{name: a, oov: random}", ["oov: expected one of zeros, mean"]),
    "an unknown case": ("{name: a, case: lower}", ["case: expected one of fallback"]),
    "an unknown dtype": ("{name: a, dtype: flot16}", ["dtype: expected one of float"]),
    "a dtype without vectors": ("{name: a, dtype: int8}", ["dtype:", "'int8'"]),
    "a short sha256": ("{name: a, sha256: d8f7}", ["sha256: expected 64"]),
    "a number for a sha256": ("{name: a, sha256: 12}", ["in quotes, found 12"]),
    "a revision twice": ("{name: a@b, revision: c}", ["'a@b' has a revision"]),
    "three slips": (
        "{nam: a, oov: 5, trainable: 0}",
        ["did you mean 'name'", "oov:", "trainable:", "'name' is missing"],
    ),
}


@pytest.mark.parametrize("case", WRONG)
def test_every_slip_is_named(case: str) -> None:
    """A wrong configuration is an error with a line for each thing that is wrong."""
    text, sentences = WRONG[case]
    config: Any = yaml.safe_load(text)
    with pytest.raises(ConfigError) as caught:
        from_config(config)
    for sentence in sentences:
        assert sentence in str(caught.value)


def test_an_unknown_variant_is_said_at_once() -> None:
    """A name that no registry has is said before anything is loaded."""
    with pytest.raises(UnknownVariantError, match=r"glove\.6B\.50d"):
        from_config({"name": "glove.6B.50"})


@pytest.mark.parametrize(
    "key", ["name", "trainable", "oov", "case", "dtype", "store_dtype"]
)
def test_a_value_of_any_type_is_one_sentence(key: str) -> None:
    """Arrays, long texts and numbers without end are quoted, and none is compared."""
    for value in (np.array(["a", "b"]), "x" * 10**6, 10**400, {"a": 1}, b"zeros"):
        config = {"name": "glove.6B.50d-first10k", key: value, "y" * 10**6: 1}
        with pytest.raises(ConfigError) as caught:
            glove_registry.from_config(config)
        slips = str(caught.value).splitlines()
        assert any(slip.startswith("unknown key 'yyy") for slip in slips)
        assert all(len(slip) < 300 for slip in slips)
        assert len(slips) == (1 if key == "name" and isinstance(value, str) else 2)
