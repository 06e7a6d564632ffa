"""What the default registry knows, or another one: variants by name or by words."""

import os
from typing import TYPE_CHECKING

from .layers import Registry

if TYPE_CHECKING:
    from .variant import Variant
    from .variant_names import VariantName


def list_variants(
    pattern: str = "*",
    *,
    dimension: int | None = None,
    language: str | None = None,
    registry: Registry | str | os.PathLike[str] | None = None,
) -> "list[Variant]":
    """List the variants of the registry, each at its default revision.

    Parameters
    ----------
    pattern : str
        A name or an alias; a shell pattern for them such as ``"glove.*.300d"``; or a
        part of a name, of the corpus or of the language. Case is ignored, except that
        of a complete name.
    dimension : int, optional
        Only variants with so many numbers in a vector.
    language : str, optional
        Only variants of this language: a tag of BCP 47 such as ``"de"``, which also
        stands for ``"de-AT"``, or a name such as ``"German"`` or ``"Deutsch"``.
    registry : str, path-like or Registry, optional
        As for `load`.

    Returns
    -------
    list of Variant
        In the order of the registry.

    Raises
    ------
    TypeError
        `pattern` or `language` is not a str, or `dimension` not an int.
    ValueError
        `language` is neither a tag nor a name.

    Examples
    --------
    >>> import glove_registry
    >>> [variant.name for variant in glove_registry.list_variants("glove.twitter.*")]
    ... # doctest: +NORMALIZE_WHITESPACE
    ['glove.twitter.27B.25d', 'glove.twitter.27B.50d', 'glove.twitter.27B.100d',
     'glove.twitter.27B.200d']
    >>> [variant.name for variant in glove_registry.list_variants("gigaword",
    ...                                                           dimension=200)]
    ['glove.6B.200d', 'glove.2024.wikigiga.200d']
    """
    return Registry.over_default(registry).list_variants(
        pattern, dimension=dimension, language=language
    )


def search(
    text: str, *, registry: Registry | str | os.PathLike[str] | None = None
) -> "list[Variant]":
    """Find variants by words about them, the best match first.

    The words are those of names, aliases, corpus, language, dimension, description and
    licence, or begin one of them. Returned are the variants that have the most words of
    the text; all of them, unless no variant has all. Those that `load` accepts come
    before those without a checksum; then rare words count more than frequent ones,
    names more than descriptions, and small vectors come before large ones.

    Parameters
    ----------
    text : str
        For example ``"german wikipedia 300"``; case and accents are ignored.
    registry : str, path-like or Registry, optional
        As for `load`.

    Returns
    -------
    list of Variant
        Empty if no variant has any of the words.

    Raises
    ------
    TypeError
        `text` is not a str.

    Examples
    --------
    >>> import glove_registry
    >>> [variant.name for variant in glove_registry.search("twitter 100")]
    ['glove.twitter.27B.100d']
    """
    return Registry.over_default(registry).search(text)


def info(
    name: "VariantName | str",
    *,
    registry: Registry | str | os.PathLike[str] | None = None,
) -> "Variant":
    """Return what the registry knows about a variant, without fetching anything.

    Parameters
    ----------
    name : str
        ``"name"`` or ``"name@revision"``.
    registry : str, path-like or Registry, optional
        As for `load`.

    Returns
    -------
    Variant

    Raises
    ------
    UnknownVariantError
        There is no such name; the message suggests the nearest ones.

    Examples
    --------
    >>> import glove_registry
    >>> variant = glove_registry.info("glove.6B.50d-first10k")
    >>> variant.license, variant.cased
    ('PDDL-1.0', False)
    """
    return Registry.over_default(registry).find(name)
