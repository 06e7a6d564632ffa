"""Why words have no vector.

A rule proposes what should stand in a word's place. Its cause is the word's if all of
that has a vector, so a rule applies only where the vectors themselves confirm it.
"""

import re
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from itertools import chain, compress
from string import punctuation
from typing import NamedTuple

from ..lookup.case import Case, match_words
from ..lookup.oov import split_phrase
from ..lookup.rows import Rows, find_whole
from ..lookup.special_tokens import is_piece
from .shares import quote_to_fit

# The smallest releases for a language have some 400,000 tokens. A smaller one misses
# common words as well, and "legends" is not "leg" and "ends" there.
SMALL_VOCABULARY = 100_000
# Releases begin with their most frequent tokens, among them placeholders and the words
# that others are made of. Farther down there is anything, by accident.
_LEADING = 1_000
_COMMON = 10_000
_LONGEST_EXAMPLE = 20

# As the script that prepared the tweets of glove.twitter writes them.
_PLACEHOLDERS = (
    (re.compile(r"https?://\S+|www\.\S+"), "<url>"),
    (re.compile(r"@\w+"), "<user>"),
    (re.compile(r"[-+]?[.\d]*\d[:,.\d]*"), "<number>"),
)
_MARKUP = re.compile(r"</?[A-Za-z]|/>|&#?\w+;|https?://|www\.\w")
# Texts have no C1 controls, but bytes of Windows-1252 read as Latin-1 do.
_C1_CONTROL = re.compile("[\u0080-\u009f]")
_STRAIGHT = str.maketrans("\u2018\u2019\u02bc\u00b4`\u201c\u201d", "'''''\"\"")
_BLANKED = str.maketrans(dict.fromkeys(punctuation, " "))
# Accents of Latin, Greek and Cyrillic letters; and characters of no width, such as a
# byte order mark or a soft hyphen. The vowel signs of other scripts are neither.
_ACCENT = re.compile("[\u0300-\u036f\u00ad\u200b-\u200f\u2060\ufeff]")
_CONTRACTION = re.compile(r"(.+)(n't|'(?:s|d|m|re|ve|ll))", re.IGNORECASE)
# Contractions whose apostrophe was deleted.
_BARE_CONTRACTION = re.compile(r"(.{2,})(nt|ve|ll|re)")
_SHORTEST_PART = 3
# Common words that are also endings: "enjoyable" is one word.
_ENDINGS = frozenset(
    {
        *("able", "age", "ally", "ant", "hood", "ill", "ing", "ion", "ish", "ism"),
        *("less", "like", "line", "ness", "red", "ship", "some", "ting", "wise"),
    }
)


class Rule(NamedTuple):
    """A cause and how it is recognized."""

    name: str
    remedy: str  # the subject of a sentence
    # From a word to what should stand in its place: None if the rule does not apply,
    # an empty sequence if it applies without a look-up.
    respell: Callable[[str], Sequence[str] | None]


def find_causes(
    vectors: Rows, words: Sequence[str], case: Case
) -> Iterator[tuple[str, str | None, list[int]]]:
    """Yield the causes why words have no vector, each word for one cause.

    Yields the cause's name, what to do about it with an example, and the positions of
    the words. Words that no rule explains come last, with None for what to do.
    """
    left: Sequence[int] = range(len(words))
    for rule in make_rules(vectors, case):
        tried = {i: p for i in left if (p := rule.respell(words[i])) is not None}
        # Many words have the same pieces.
        pieces = list(set(chain.from_iterable(tried.values())))
        found = set(compress(pieces, match_words(vectors, pieces).found))
        mended = {i: p for i, p in tried.items() if found.issuperset(p)}
        if mended:
            first, written = next(iter(mended.items()))
            example = quote_to_fit(words[first], _LONGEST_EXAMPLE)
            if (instead := " ".join(written)) not in ("", words[first]):
                example += f" as {quote_to_fit(instead, _LONGEST_EXAMPLE)}"
            yield rule.name, f"{rule.remedy} ({example})", [*mended]
            left = [i for i in left if i not in mended]
    if left:
        yield _name_unknown(vectors), None, [*left]


def _name_unknown(vectors: Rows) -> str:
    """Return what is said of words that no rule explains.

    In a whole release, these are rare, misspelled, or common in another corpus; but a
    sample lacks common words as well.
    """
    if find_whole(vectors) is None:
        return "unknown words"
    return f"not among this sample's {len(vectors):,} words"


def make_rules(vectors: Rows, case: Case) -> list[Rule]:
    """Return the rules for a release, in the order in which to try them.

    What a rule proposes is looked up with "fallback" in either case, as another case
    is a cause by itself.
    """
    leading = frozenset(vectors.tokens[:_LEADING])
    rules = [
        Rule(
            "pieces of words",
            "A tokenizer of whole words",
            lambda word: () if is_piece(word) else None,
        ),
        Rule(
            "wrong encoding",
            "Decoding the text anew, as UTF-8 or Windows-1252,",
            _respell_encoding,
        ),
        Rule(
            "placeholders",
            "Writing links, users and numbers as these vectors do",
            lambda word: _respell_placeholder(word, leading),
        ),
        Rule(
            "markup and links",
            "Taking out markup and links",
            lambda word: () if _MARKUP.search(word) else None,
        ),
        Rule(
            "letter forms",
            "Normalizing Unicode, accents and apostrophes",
            _respell_letters,
        ),
        Rule("punctuation", "Splitting off punctuation", _respell_punctuation),
        Rule(
            "contractions",
            "Splitting contractions, as Penn Treebank tokenizers do,",
            _respell_contraction,
        ),
        Rule(
            "phrases",
            "oov='parts', the mean of a phrase's words,",
            lambda word: parts if len(parts := split_phrase(word)) > 1 else None,
        ),
        Rule("hyphens and slashes", "Splitting at hyphens and slashes", _respell_parts),
    ]
    if len(vectors) >= SMALL_VOCABULARY:
        common = frozenset(map(str.lower, vectors.tokens[:_COMMON]))
        rules.append(
            Rule(
                "run together",
                "Putting spaces in place of punctuation, which TextVectorization "
                "deletes,",
                lambda word: _respell_joined(word, common),
            )
        )
    if case == "exact":
        also = " together with case='fallback'"
        rules = [r._replace(remedy=r.remedy.rstrip(",") + also) for r in rules]
        rules.insert(0, Rule("case", "case='fallback'", lambda word: [word]))
    return rules


def _respell_encoding(word: str) -> Sequence[str] | None:
    if word.isascii():
        return None
    if _C1_CONTROL.search(word):
        return ()
    try:
        word.encode("cp1252").decode("utf-8")
    except UnicodeError:
        return None
    return ()


def _respell_placeholder(word: str, leading: frozenset[str]) -> Sequence[str] | None:
    for pattern, placeholder in _PLACEHOLDERS:
        if placeholder in leading and pattern.fullmatch(word):
            return (placeholder,)
    # word2vec.GoogleNews-300d has ## for all numbers of two digits, and so on.
    if "##" in leading and any(map(str.isdigit, word)):
        return (re.sub(r"\d", "#", word),)
    return None


def _respell_letters(word: str) -> Sequence[str] | None:
    if word.isascii():
        return None
    usual = _normalize(word)
    if usual == word:
        usual = _ACCENT.sub("", unicodedata.normalize("NFD", word))
    return (usual,) if usual != word else None


def _respell_punctuation(word: str) -> Sequence[str] | None:
    if word.isalnum():
        return None
    inner = _strip_marks(word)
    if not inner:
        return tuple(word)  # ?!?! is four tokens
    return (inner,) if inner != word else None


def _respell_contraction(word: str) -> Sequence[str] | None:
    if word.isalnum():
        return None
    contraction = _CONTRACTION.fullmatch(_strip_marks(word))
    return contraction.groups() if contraction else None


def _respell_parts(word: str) -> Sequence[str] | None:
    if word.isalnum():
        return None
    parts = _blank_marks(_normalize(word)).split()
    return parts if len(parts) > 1 else None


def _respell_joined(word: str, common: frozenset[str]) -> Sequence[str] | None:
    word = word.lower()
    if not word.isalpha():
        return None
    if word.endswith("br"):  # "movie.<br />", and no English word
        return word[:-2], "br"
    contraction = _BARE_CONTRACTION.fullmatch(word)
    if contraction and contraction[1] in common:
        return contraction.groups()
    for i in range(_SHORTEST_PART, len(word) - _SHORTEST_PART + 1):
        first, second = word[:i], word[i:]
        if first in common and second in common and second not in _ENDINGS:
            return first, second
    return None


def _normalize(word: str) -> str:
    """Return a word with letters in their usual form, and ASCII apostrophes and quotes.

    >>> _normalize("don\u2019t"), _normalize("\uff46ilm")
    ("don't", 'film')
    """
    if word.isascii() and "`" not in word:
        return word
    # In this order, as NFKC turns an acute accent into a space and a combining accent.
    return unicodedata.normalize("NFKC", word.translate(_STRAIGHT))


def _strip_marks(word: str) -> str:
    """Return a word without the marks at both ends.

    >>> _strip_marks('("well-made"),')
    'well-made'
    """
    word = _normalize(word)
    if word.isascii():  # as most of a text is; this is faster by far
        return word.strip(punctuation)
    blanked = _blank_marks(word)
    return word[len(blanked) - len(blanked.lstrip()) : len(blanked.rstrip())]


def _blank_marks(word: str) -> str:
    """Return a word with a space in place of each mark; vowel signs are letters."""
    if word.isascii():
        return word.translate(_BLANKED)
    return "".join(
        c if c.isalnum() or unicodedata.category(c)[0] in "MC" else " " for c in word
    )
