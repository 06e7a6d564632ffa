"""Frozen facts about one variant at one revision."""

from dataclasses import dataclass
from typing import Literal

from .formats import Format
from .names import Tokenizer
from .resource import Resource


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Variant(Resource):
    """One set of word vectors, at one revision, as the registry describes it.

    Attributes
    ----------
    name : str
        The name of the authors' file, for example ``"glove.6B.100d"``.
    revision : str or None
        Which of several texts published under that name; None if there is only one.
    revisions : tuple of str
        All revisions of the entry; the first is the default.
    sources : tuple of Source
        Where this revision can be fetched, in the order in which they are tried.
    member : Member
        The text inside the file at a source.
    group : str or None
        The group that the entry takes facts from.
    dimension : int or None
        Numbers in a vector, if the entry states it.
    rows : int, "any" or None
        Number of words, if the entry states it; ``"any"``: as many as the file has,
        whatever its header announces.
    language : str or None
        Of the corpus, as a tag of BCP 47 such as ``"de"``.
    cased : bool or None
        Whether the corpus kept upper case.
    tokenizer : str or None
        How texts become tokens, for example ``"tweets"``; None: not stated, and texts
        are split by ``"ptb"``.
    format : str or None
        How the vectors are written, for example ``"word2vec"``; None: detected from the
        file.
    prefix : str or None
        What the tokens of the file begin with, and those of the variant do not; rows
        without it are left out.
    aliases : tuple of str
        Names that other tools use for these vectors, and that lead to this variant.
    sample_of : str or None
        Name of the variant of whose words these are some; None if all are here.
    resembles : tuple of str
        Names that other tools use for similar vectors; they lead to a suggestion.
    description, license, citation, homepage, corpus, tokens : str or None
        For people. `tokens` is the size of the corpus; `citation` is BibTeX.
    choose_when : str or None
        When to choose it rather than another, for people: what follows the words
        "Choose this when".
    origin : str
        ``file:line`` of the entry.

    Examples
    --------
    >>> import glove_registry
    >>> variant = glove_registry.info("glove.6B.100d")
    >>> variant.dimension, variant.rows, variant.revision
    (100, 400000, 'original')
    """

    revision: str | None = None
    revisions: tuple[str, ...] = ()
    group: str | None = None
    dimension: int | None = None
    rows: int | Literal["any"] | None = None
    language: str | None = None
    cased: bool | None = None
    tokenizer: Tokenizer | None = None
    format: Format | None = None
    prefix: str | None = None
    aliases: tuple[str, ...] = ()
    sample_of: str | None = None
    resembles: tuple[str, ...] = ()
    corpus: str | None = None
    tokens: str | None = None
    choose_when: str | None = None

    @property
    def row_count(self) -> int | None:
        """`rows` if it is a number, else None."""
        return None if self.rows == "any" else self.rows

    @property
    def reference(self) -> str:
        """``name`` or ``name@revision``, as :func:`glove_registry.load` accepts it."""
        return f"{self.name}@{self.revision}" if self.revision else self.name
