"""`Coverage`: how much of a vocabulary has a vector, and why the rest has none."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import islice
from os import PathLike
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from ..figures import save_figure
from ..lookup.case import Case, match_words
from ..lookup.rows import Rows, find_whole
from ..lookup.vocabulary import DEFAULT_OPTIONS, VocabularyOptions
from ..messages.layout import format_count
from .causes import SMALL_VOCABULARY, find_causes
from .counts import read_counts
from .screen import render, summarize
from .shares import Cause, Share, format_share

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_EXAMPLES = 3
_TOP = 20
# A hint is given for causes of at least this share of the misses.
_WORTH_A_HINT = 0.1
_MOST_HINTS = 2


def _no_indices() -> NDArray[np.int64]:
    return np.zeros(0, np.int64)


@dataclass(frozen=True, slots=True, repr=False)
class Coverage:
    """How much of a vocabulary has a vector; returned by ``Vectors.coverage``.

    When printed, it is a report that fits a terminal of 80 columns and 24 lines. A type
    is a word of the vocabulary; a token is an occurrence of a word in the texts.
    Padding and special tokens such as ``[UNK]`` count neither as hits nor as misses.

    Attributes
    ----------
    vectors : str
        Name of the vectors.
    case : {"fallback", "exact"}
    types : int
        Number of words in the vocabulary.
    tokens : int or None
        Number of their occurrences; None without counts.
    ways : mapping of str to Share
        The hits by the spelling that was found: ``"exact"``, ``"lower case"``, ...;
        and ``"n-grams"`` for words without a row of which the release has n-grams.
    found, missed : Share
        All hits; all misses.
    causes : tuple of Cause
        The misses by cause, the largest first, and words of an unknown cause last.
        Each miss has one cause.
    misses : mapping of str to int or None
        Every miss with its count: the most frequent first, or in the order of the
        vocabulary without counts.
    padding, specials : int
        Numbers of padding tokens, and of other special tokens, in the vocabulary.
    outside : int or None
        Number of occurrences of words outside the vocabulary; None if unknown.
    size : int or None
        Number of tokens in the vectors; None if unknown.
    sample_of : str or None
        Name of the release of whose words these vectors have some; None if they have
        all, as far as the registry or `Vectors.subset` says.
    found_indices, missed_indices : ndarray of int64
        Indices of the words with a vector, in the order of the vocabulary; and of the
        words without, in the order of `misses`.

    Examples
    --------
    >>> import glove_registry
    >>> vectors = glove_registry.load("glove.6B.50d-first10k")
    >>> counts = {"film": 6, "Good": 2, "don't": 1, "flim": 1}
    >>> print(vectors.coverage(list(counts), counts))
    glove.6B.50d-first10k covers 50.0 % of 4 types and 80.0 % of 10 tokens
    <BLANKLINE>
                                            types          tokens
    found                                       2  50.0 %       8  80.0 %
      exact                                     1  25.0 %       6  60.0 %
      lower case                                1  25.0 %       2  20.0 %
    missed                                      2  50.0 %       2  20.0 %
      contractions                              1  25.0 %       1  10.0 %  "don't"
      not among this sample's 10,000 words      1  25.0 %       1  10.0 %  'flim'
    <BLANKLINE>
    most missed: "don't" 1, 'flim' 1
    hint: Splitting contractions, as Penn Treebank tokenizers do, ("don't" as "do
          n't") would fix 1 miss, 10.0 % of all tokens. This sample has only 10,000
          words: glove.6B.50d has more.
    """

    vectors: str
    case: Case
    types: int
    tokens: int | None
    ways: Mapping[str, Share]
    found: Share
    missed: Share
    causes: tuple[Cause, ...]
    misses: Mapping[str, int | None]
    padding: int
    specials: int
    outside: int | None
    size: int | None = None
    sample_of: str | None = None
    found_indices: NDArray[np.int64] = field(default_factory=_no_indices, compare=False)
    missed_indices: NDArray[np.int64] = field(
        default_factory=_no_indices, compare=False
    )

    @property
    def top_misses(self) -> list[tuple[str, int | None]]:
        """The first 20 misses, with their counts."""
        return list(islice(self.misses.items(), _TOP))

    @property
    def hint(self) -> str:
        """Advice on the causes of most misses, in a sentence or two."""
        if not self.misses:
            return "Every word has a vector."
        enough = _WORTH_A_HINT * self.missed.weight
        weighty = [cause for cause in self.causes if cause.share.weight >= enough]
        known = [cause for cause in weighty if cause.remedy]
        unit = "types" if self.tokens is None else "tokens"
        hints = [
            f"{cause.remedy} would fix "
            f"{format_count(cause.share.types, 'miss', 'misses')}, "
            f"{format_share(cause.share.weight)} of all {unit}."
            for cause in known[:_MOST_HINTS]
        ]
        if len(known) < len(weighty):
            if self.sample_of is not None:
                hints.append(
                    f"This sample has only {self.size:,} words: {self.sample_of} has "
                    "more."
                )
            elif self.size is not None and self.size < SMALL_VOCABULARY:
                hints.append(
                    f"These vectors have only {format_count(self.size, 'token')}: a "
                    "larger release knows more words, common ones among them."
                )
            elif not known:
                hints.append(
                    "Most of the misses are words that these vectors do not have in "
                    "any spelling, such as names: they get what the rule oov= says, "
                    "and a layer with trainable=True learns them."
                )
        return " ".join(hints)

    def to_dict(self) -> dict[str, Any]:
        """Return all but the long tail of misses, as plain values for JSON.

        Examples
        --------
        >>> import glove_registry
        >>> vectors = glove_registry.load("glove.6B.50d-first10k")
        >>> vectors.coverage(["film", "films", "filmz"]).to_dict()["found"]["types"]
        2
        """
        return {
            "vectors": self.vectors,
            "case": self.case,
            "types": self.types,
            "tokens": self.tokens,
            "found": self.found.to_dict(),
            "missed": self.missed.to_dict(),
            "ways": {way: share.to_dict() for way, share in self.ways.items()},
            "causes": [
                {
                    "name": cause.name,
                    **cause.share.to_dict(),
                    "examples": list(cause.examples),
                }
                for cause in self.causes
            ],
            "top_misses": [{"word": w, "count": n} for w, n in self.top_misses],
            "padding": self.padding,
            "specials": self.specials,
            "outside": self.outside,
            "size": self.size,
            "sample_of": self.sample_of,
            "hint": self.hint,
        }

    def plot(self, path: "str | PathLike[str] | None" = None) -> "Figure":
        """Plot the hits by spelling and the misses by cause.

        Parameters
        ----------
        path : str or path-like, optional
            File to save the figure to; its extension decides the format.

        Returns
        -------
        matplotlib.figure.Figure

        Raises
        ------
        ImportError
            matplotlib is not installed.
        OutputError
            The file cannot be written, or its format is unknown.

        Examples
        --------
        >>> import glove_registry
        >>> vectors = glove_registry.load("glove.6B.50d-first10k")
        >>> figure = vectors.coverage(["film", "flim"]).plot()
        >>> len(figure.axes)
        2
        """
        from .plot import draw

        figure = draw(self)
        if path is not None:
            save_figure(figure, path)
        return figure

    def __str__(self) -> str:
        return render(self)

    def _repr_html_(self) -> str:
        from .screen import render_html

        return render_html(self)

    def __repr__(self) -> str:
        return f"<Coverage: {summarize(self)}>"


def find_coverage(
    vectors: Rows,
    vocabulary: Any,
    counts: Any = None,
    *,
    case: Case = "fallback",
    options: VocabularyOptions = DEFAULT_OPTIONS,
) -> Coverage:
    """Return how much of a vocabulary has a vector, as `Vectors.coverage` does."""
    read, numbers, outside = read_counts(vocabulary, counts, options)
    matches = match_words(vectors, read.words, case)
    ways, is_found = dict(matches.ways), matches.found
    if vectors.has_subwords:
        is_composed = np.zeros(len(read.words), np.bool_)
        without = np.flatnonzero(~is_found)
        is_composed[without] = vectors.compose(read.words[i] for i in without)[1]
        ways["n-grams"], is_found = is_composed, is_found | is_composed
    missing = np.flatnonzero(~is_found)
    if numbers is not None:
        # Stable: equally frequent words stay in the vocabulary's order.
        missing = missing[np.argsort(-numbers[missing], kind="stable")]
    missed = [read.words[i] for i in missing.tolist()]
    all_tokens = None if numbers is None else int(numbers.sum())

    def measure(part: NDArray[np.int64]) -> Share:
        tokens = None if numbers is None else int(numbers[part].sum())
        return Share(len(part), tokens, len(read.words), all_tokens)

    causes = [
        Cause(
            name,
            measure(missing[which]),
            tuple(missed[i] for i in which[:_EXAMPLES]),
            remedy,
        )
        for name, remedy, which in find_causes(vectors, missed, case)
    ]
    causes.sort(key=lambda cause: (cause.remedy is None, -cause.share.weight))
    of_misses = [None] * len(missed) if numbers is None else numbers[missing].tolist()
    return Coverage(
        vectors=vectors.name,
        case=case,
        types=len(read.words),
        tokens=all_tokens,
        ways={w: measure(np.flatnonzero(hits)) for w, hits in ways.items()},
        found=measure(np.flatnonzero(is_found)),
        missed=measure(missing),
        causes=tuple(causes),
        misses=dict(zip(missed, of_misses, strict=True)),
        padding=len(read.padding),
        specials=len(read.specials),
        outside=outside,
        size=len(vectors),
        sample_of=find_whole(vectors),
        found_indices=read.indices[matches.found],
        missed_indices=read.indices[missing],
    )
