"""Word vectors from the configuration of an experiment."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from functools import cached_property, partial
from typing import Any, Literal

from .cache.digests import is_sha256
from .errors import ConfigError
from .lookup.case import CASE_RULES, Case
from .lookup.oov import OOV_RULES, is_oov_rule
from .messages.printable import quote
from .pipeline import StrPath, load
from .registries import Registry, check_flags
from .store.numbers import NUMBER_TYPES, NumberType
from .vectors import Vectors


@dataclass(frozen=True)
class Recipe:
    """Which vectors an experiment uses, and how; returned by `from_config`.

    Attributes
    ----------
    name : str
        Of the variant.
    revision : str or None
        None for the entry's default.
    sha256 : str or None
        Of the text; any other text is refused.
    store_dtype : {"float32", "float16", "int8"}
        Type of the numbers on disk: `dtype` of `load`.
    trainable, mask_zero, oov, case, padding, specials, dtype
        As for `Vectors.to_keras_layer`.

    Examples
    --------
    >>> import glove_registry
    >>> recipe = glove_registry.from_config(
    ...     {"name": "glove.6B.50d-first10k", "trainable": True}
    ... )
    >>> layer = recipe.layer(["", "[UNK]", "good", "film"])
    >>> layer.trainable, layer.input_dim
    (True, 4)
    """

    name: str
    revision: str | None = None
    sha256: str | None = None
    trainable: bool | Literal["misses"] = False
    mask_zero: bool = False
    oov: str | None = None
    case: Case = "fallback"
    padding: str | None = None
    specials: tuple[str, ...] = ()
    dtype: str | None = None
    store_dtype: NumberType = "float32"
    _options: Mapping[str, Any] = field(default_factory=dict, repr=False, compare=False)

    @property
    def reference(self) -> str:
        """``name`` or ``name@revision``, as :func:`glove_registry.load` accepts it."""
        return f"{self.name}@{self.revision}" if self.revision else self.name

    @cached_property
    def vectors(self) -> Vectors:
        """The vectors, loaded on first use."""
        return load(
            self.reference,
            sha256=self.sha256,
            dtype=self.store_dtype,
            **self._options,
        )

    def layer(self, vocabulary: Any, **layer_kwargs: Any) -> Any:
        """Return the Keras layer for a vocabulary.

        Parameters
        ----------
        vocabulary, **layer_kwargs
            As for `Vectors.to_keras_layer`.

        Returns
        -------
        keras.layers.Embedding or keras.Model

        Examples
        --------
        >>> import glove_registry
        >>> recipe = glove_registry.from_config({"name": "glove.6B.50d-first10k"})
        >>> layer = recipe.layer(["", "[UNK]", "good", "film"], name="words")
        >>> layer.name, layer.output_dim
        ('words', 50)
        """
        return self.vectors.to_keras_layer(
            vocabulary,
            trainable=self.trainable,
            mask_zero=self.mask_zero,
            oov=self.oov,
            case=self.case,
            padding=self.padding,
            specials=self.specials,
            dtype=self.dtype,
            **layer_kwargs,
        )

    def to_dict(self) -> dict[str, Any]:
        """Return the configuration of this recipe, for JSON or YAML.

        Examples
        --------
        >>> import glove_registry
        >>> recipe = glove_registry.from_config({"name": "glove.6B.50d-first10k"})
        >>> recipe.to_dict()["case"]
        'fallback'
        >>> glove_registry.from_config(recipe.to_dict()) == recipe
        True
        """
        values = {key: getattr(self, key) for key in _KEYS}
        return values | {"specials": [*self.specials]}


def from_config(
    config: Mapping[str, Any],
    *,
    registry: "Registry | StrPath | None" = None,
    cache_dir: "StrPath | None" = None,
    offline: bool | None = None,
    progress: bool | None = None,
) -> Recipe:
    """Read the part of a configuration that describes word vectors.

    Parameters
    ----------
    config : mapping
        ``name`` of the variant; optionally ``revision``, ``sha256``, ``trainable``,
        ``mask_zero``, ``oov``, ``case``, ``padding``, ``specials``, ``dtype`` and
        ``store_dtype``.
    registry, cache_dir, offline, progress
        As for `load`: they describe the machine, not the experiment.

    Returns
    -------
    Recipe
        Its vectors are loaded on first use.

    Raises
    ------
    ConfigError
        The configuration is invalid; the message lists all faults, one per line.
    UnknownVariantError
        The registry has no such name.

    Examples
    --------
    >>> import glove_registry
    >>> recipe = glove_registry.from_config({"name": "glove.6B.50d-first10k"})
    >>> len(recipe.vectors)
    10000
    >>> glove_registry.from_config({"name": "glove.6B.50d", "trainble": True})
    Traceback (most recent call last):
    ...
    glove_registry.errors.ConfigError: unknown key 'trainble': did you mean 'trainable'?
    """
    check_flags(progress=progress)
    if not isinstance(config, Mapping):
        raise ConfigError(
            f"expected a mapping with the key name and optionally "
            f"{', '.join([*_KEYS][1:])}; found {type(config).__name__}"
        )
    faults = [_explain_unknown(key) for key in config if key not in _KEYS]
    values = {}
    for key, (is_right, expected) in _KEYS.items():
        # A key without a value in YAML counts as missing.
        if config.get(key) is not None:
            values[key] = config[key]
            if not is_right(config[key]):
                faults.append(f"{key}: expected {expected}, found {quote(config[key])}")
    if "name" not in values:
        faults.append("the key 'name' is missing: add the name of a variant")
    elif "revision" in values and "@" in str(values["name"]):
        faults.append(
            f"name: {quote(values['name'])} has a revision, and the key 'revision' "
            "gives another: remove one of them"
        )
    if faults:
        raise ConfigError("\n".join(faults))
    options = {
        "registry": registry,
        "cache_dir": cache_dir,
        "offline": offline,
        "progress": progress,
    }
    if "specials" in values:
        values["specials"] = tuple(values["specials"])
    recipe = Recipe(**values, _options=options)
    # An unknown name is an error now, not after the data have been read.
    known = Registry.over_default(registry, cache_dir=cache_dir, offline=offline)
    known.find(recipe.reference)
    return recipe


def _is_text(value: object) -> bool:
    return isinstance(value, str) and bool(value.strip())


def _is_one_of(names: Collection[str], value: object) -> bool:
    # Others may compare themselves to a name in ways of their own, as arrays do.
    return isinstance(value, str) and value in names


def _is_flag(value: object) -> bool:
    return isinstance(value, bool)


def _is_list_of_tokens(value: object) -> bool:
    return isinstance(value, list | tuple) and all(isinstance(v, str) for v in value)


# A longer key is no misspelt one.
_LONGEST = 40

# The last two are policies of Keras.
_DTYPES = (
    *("float32", "float16", "bfloat16", "float64"),
    *("mixed_float16", "mixed_bfloat16"),
)

_KEYS: dict[str, tuple[Callable[[Any], bool], str]] = {
    "name": (_is_text, "the name of a variant"),
    "revision": (_is_text, "the name of a revision"),
    "sha256": (is_sha256, "64 hexadecimal digits in lower case, in quotes"),
    "trainable": (
        lambda value: _is_flag(value) or _is_one_of(("misses",), value),
        "true, false or misses",
    ),
    "mask_zero": (_is_flag, "true or false"),
    "oov": (is_oov_rule, f"one of {', '.join(OOV_RULES)}, or normal:SEED"),
    "case": (partial(_is_one_of, CASE_RULES), f"one of {', '.join(CASE_RULES)}"),
    "padding": (lambda value: isinstance(value, str), "a token, in quotes"),
    "specials": (_is_list_of_tokens, "a list of tokens, each in quotes"),
    "dtype": (partial(_is_one_of, _DTYPES), f"one of {', '.join(_DTYPES)}"),
    "store_dtype": (
        partial(_is_one_of, NUMBER_TYPES),
        f"one of {', '.join(NUMBER_TYPES)}",
    ),
}


def _explain_unknown(key: object) -> str:
    near = get_close_matches(str(key)[:_LONGEST], _KEYS, n=1)
    hint = f"did you mean {near[0]!r}?" if near else f"the keys are {', '.join(_KEYS)}"
    return f"unknown key {quote(key)}: {hint}"
