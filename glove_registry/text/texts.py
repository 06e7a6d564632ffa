"""Texts in any container, one after the other, as the words of each."""

from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from math import isnan
from typing import Any, TypeAlias

from ..errors import TextError
from ..lookup.rows import Rows
from ..messages.printable import quote
from .tokenizers import tokenize

# What pandas has in place of a missing text, besides None and NaN.
_MISSING_TYPES = ("NAType", "NaTType")


Texts: TypeAlias = Iterable[str] | Iterable[Iterable[str]]


def read_texts(vectors: Rows, texts: Texts) -> Iterator[Sequence[str]]:
    """Yield the words of each text, none of which is kept.

    Parameters
    ----------
    vectors : Rows
        Their tokenizer splits texts.
    texts : iterable of str, or iterable of iterables of str
        Texts, or the words of each text. All must be of one kind.

    Raises
    ------
    TextError
        `texts` is a single text, has no order or more than one dimension, or is not
        iterable; or one of the texts or words is not a str.
    """
    check_container(texts)
    tokenizer = vectors.tokenizer
    is_split = None
    for number, text in enumerate(texts):
        if is_text := isinstance(text, str):
            words: Sequence[str] = tokenize(text, tokenizer)
        else:
            words = _list_words(text, number)
        if is_split is is_text:
            kinds = ("a list of words", "a text")
            raise TextError(
                f"texts[{number}] is {kinds[is_text]}, but those before it are "
                f"{('texts', 'lists of words')[is_text]}: pass only texts, or only "
                "lists of words"
            )
        is_split = not is_text
        yield words


def check_container(texts: Any) -> None:
    """Raise `TextError` if something is not texts, one after the other."""
    if isinstance(texts, str):
        raise TextError(
            f"expected several texts, found one str: write [{quote(texts)}]"
        )
    kind = type(texts).__name__
    if isinstance(texts, bytes | bytearray):
        raise TextError(
            f"expected several texts, found {kind} {quote(texts)}: write "
            "[text.decode()]"
        )
    if isinstance(texts, Mapping):
        raise TextError(f"expected texts, found {kind}: pass list(texts.values())")
    if isinstance(texts, Set):
        raise TextError(
            f"expected texts in an order, found {kind}: pass sorted(texts), so that it "
            "is known which vector is which text's"
        )
    dimensions = getattr(texts, "ndim", 1)
    if dimensions == 0 or not isinstance(texts, Iterable):
        raise TextError(
            f"expected an iterable of texts, found {kind} {quote(texts)}: write "
            "['a text']"
        )
    # Otherwise, a data frame would yield the names of its columns.
    if dimensions != 1:
        shape = getattr(texts, "shape", ())
        raise TextError(
            f"expected texts in one dimension, found {kind} of shape {tuple(shape)}: "
            "choose one column, such as frame['text'] or texts[:, 0]"
        )


def _list_words(text: Any, number: int) -> Sequence[str]:
    """Return the words of a text that is already split."""
    if not isinstance(text, list | tuple):
        if (fault := _explain_type(text)) is not None:
            kind, found = type(text).__name__, quote(text)
            raise TextError(f"texts[{number}] is {kind} {found}: {fault}")
        text = [*text]
    words: Sequence[str] = text
    for kind_of_word in set(map(type, words)):
        if not issubclass(kind_of_word, str):
            place = [*map(type, words)].index(kind_of_word)
            raise TextError(
                f"texts[{number}][{place}] is {kind_of_word.__name__} "
                f"{quote(words[place])}: expected a word (str)"
            )
    return words


def _explain_type(text: Any) -> str | None:
    """Return what to pass instead of something that is not words in an order."""
    is_nan = isinstance(text, float) and isnan(text)
    if text is None or is_nan or type(text).__name__ in _MISSING_TYPES:
        return (
            "leave it out, or replace it by an empty text, in pandas with "
            "texts.fillna('')"
        )
    if isinstance(text, bytes | bytearray):
        return "pass text.decode()"
    is_ordered = isinstance(text, Iterable) and not isinstance(text, Mapping | Set)
    if not is_ordered or getattr(text, "ndim", 1) != 1:
        return "expected a str, or a list of words"
    return None
