"""`Coverage`: how much of a vocabulary has a vector, as numbers and in words."""

from collections.abc import Sequence
from dataclasses import dataclass
from os import PathLike
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ..lookup.case import Case, match_words
from ..lookup.rows import Rows
from .causes import group_by_cause
from .counts import Counted
from .findings import Findings
from .screen import render, summarize
from .shares import Cause, Share

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_EXAMPLES = 3


@dataclass(frozen=True, slots=True, repr=False)
class Coverage(Findings):
    """How much of a vocabulary has a vector; made by ``Vectors.coverage``.

    Printed, it is a report that fits a terminal of 80 columns and 24 lines. A type is a
    word of the vocabulary, a token is an occurrence of one in the texts. Padding and
    special tokens such as ``[UNK]`` are neither hits nor misses.

    Attributes
    ----------
    vectors : str
        Name of the vectors.
    case : {"fallback", "exact"}
    types : int
        Words of the vocabulary.
    tokens : int or None
        How often they occur, all together; None if there are no counts.
    ways : mapping of str to Share
        The hits by how they were found: ``"exact"``, ``"lower case"``, ...
    found, missed : Share
        All hits; all misses.
    causes : tuple of Cause
        The misses by cause, the largest first, and last those without one that is
        known. Each miss has one.
    misses : mapping of str to int or None
        Every miss and its count: the most frequent first if there are counts, else in
        the order of the vocabulary.
    padding, specials : int
        How many tokens of the vocabulary are padding or another special token.
    outside : int or None
        Tokens that the counts have, and whose words the vocabulary does not; None if
        that is not known.
    size : int or None
        Tokens that have a vector, of any vocabulary; None if not known.

    Examples
    --------
    >>> import glove_registry
    >>> vectors = glove_registry.load("glove.6B.50d-first10k")
    >>> counts = {"film": 6, "Good": 2, "don't": 1, "flim": 1}
    >>> print(vectors.coverage(list(counts), counts))
    glove.6B.50d-first10k covers 50.0 % of 4 types and 80.0 % of 10 tokens
    <BLANKLINE>
                     types          tokens
    found                2  50.0 %       8  80.0 %
      exact              1  25.0 %       6  60.0 %
      lower case         1  25.0 %       2  20.0 %
    missed               2  50.0 %       2  20.0 %
      contractions       1  25.0 %       1  10.0 %  "don't"
      unknown words      1  25.0 %       1  10.0 %  'flim'
    <BLANKLINE>
    most missed: "don't" 1, 'flim' 1
    hint: Splitting contractions, as Penn Treebank tokenizers do, ("don't" as "do
          n't") would mend 1 miss, 10.0 % of all tokens. These vectors have 10,000
          tokens alone: a larger release knows more words, common ones among them.
    """

    def plot(self, path: "str | PathLike[str] | None" = None) -> "Figure":
        """Draw what is found and how, and why the rest is missed.

        Parameters
        ----------
        path : str or path-like, optional
            Where to save the picture; the ending decides on its format.

        Returns
        -------
        matplotlib.figure.Figure

        Raises
        ------
        ImportError
            matplotlib is not installed.
        OutputError
            The picture cannot be written there, or there is no format of that ending.
        """
        from .plot import draw, save

        figure = draw(self)
        if path is not None:
            save(figure, path)
        return figure

    def __str__(self) -> str:
        return render(self)

    def __repr__(self) -> str:
        return f"<Coverage: {summarize(self)}>"


def find_coverage(rows: Rows, counted: Counted, case: Case = "fallback") -> Coverage:
    """Find out how much of a vocabulary has a vector.

    Parameters
    ----------
    rows : Rows
    counted : Counted
        What `read_counted` gives.
    case : {"fallback", "exact"}
        As for `match`.

    Returns
    -------
    Coverage
    """
    words, counts = counted.vocabulary.words, counted.counts
    matches = match_words(rows, words, case)
    missing = np.flatnonzero(~matches.found)
    if counts is not None:
        # Stable: words that are equally frequent stay in the vocabulary's order.
        missing = missing[np.argsort(-counts[missing], kind="stable")]
    missed_words = [words[i] for i in missing.tolist()]
    all_tokens = None if counts is None else int(counts.sum())

    def share(which: NDArray[np.int64] | NDArray[np.bool_]) -> Share:
        part = np.arange(len(words))[which]
        tokens = None if counts is None else int(counts[part].sum())
        return Share(len(part), tokens, len(words), all_tokens)

    causes = [
        Cause(
            name=group.cause,
            share=share(missing[group.words]),
            examples=tuple(missed_words[i] for i in group.words[:_EXAMPLES]),
            remedy=group.remedy,
        )
        for group in group_by_cause(rows, missed_words, case)
    ]
    causes.sort(key=lambda cause: (cause.remedy is None, -cause.share.weight))
    return Coverage(
        vectors=rows.name,
        case=case,
        types=len(words),
        tokens=all_tokens,
        ways={way: share(which) for way, which in matches.ways.items()},
        found=share(matches.found),
        missed=share(missing),
        causes=tuple(causes),
        misses=_count(missed_words, counts, missing),
        padding=len(counted.vocabulary.padding),
        specials=len(counted.vocabulary.specials),
        outside=counted.outside,
        size=len(rows),
    )


def _count(
    words: Sequence[str],
    counts: NDArray[np.int64] | None,
    which: NDArray[np.int64],
) -> dict[str, int | None]:
    if counts is None:
        return dict.fromkeys(words)
    return dict(zip(words, counts[which].tolist(), strict=True))
