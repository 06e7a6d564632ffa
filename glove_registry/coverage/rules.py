"""How the causes of a miss are known.

A rule says what should stand in a word's place. Its cause is the word's if all of that
has a vector, so that no rule holds where these very vectors do not bear it out.
"""

import re
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from string import punctuation
from typing import TypeAlias

from ..lookup.case import Case
from ..lookup.rows import Rows
from ..lookup.special_tokens import is_piece

Respell: TypeAlias = Callable[[str], Sequence[str] | None]

# All releases begin with their most frequent tokens. Placeholders, and the words that
# others are made of, are there; far from it, there is everything, by some accident.
_LEADING = 1_000
_COMMON = 10_000
# Of releases for a language the smallest have some 400,000 tokens. Where there are
# fewer, a word without a vector can be any word, and "legends" be no "leg" and "ends".
SMALL_VOCABULARY = 100_000

# As the script that made ready the tweets for glove.twitter writes them.
_PLACEHOLDERS = (
    (re.compile(r"https?://\S+|www\.\S+"), "<url>"),
    (re.compile(r"@\w+"), "<user>"),
    (re.compile(r"[-+]?[.\d]*\d[:,.\d]*"), "<number>"),
)
_MARKUP = re.compile(r"</?[A-Za-z]|/>|&#?\w+;|https?://|www\.\w")
# No text has C1 controls, but bytes of Windows-1252 read as Latin-1 do.
_C1_CONTROL = re.compile("[\u0080-\u009f]")
_STRAIGHT = str.maketrans("\u2018\u2019\u02bc\u00b4`\u201c\u201d", "'''''\"\"")
_BLANKED = str.maketrans(dict.fromkeys(punctuation, " "))
# Accents of Latin, Greek and Cyrillic letters; and what takes no room, such as a byte
# order mark or a soft hyphen. The vowel signs of other scripts are neither.
_ACCENT = re.compile("[\u0300-\u036f\u00ad\u200b-\u200f\u2060\ufeff]")
_CONTRACTION = re.compile(r"(.+)(n't|'(?:s|d|m|re|ve|ll))", re.IGNORECASE)
# What is left of contractions whose apostrophe was deleted.
_SHORT_ENDS = re.compile(r"(.{2,})(nt|ve|ll|re)")
_SHORTEST_PART = 3
# Common words that are also endings: "enjoyable" is a word of its own.
_ENDINGS = frozenset(
    {
        *("able", "age", "ally", "ant", "hood", "ill", "ing", "ion", "ish", "ism"),
        *("less", "like", "line", "ness", "red", "ship", "some", "ting", "wise"),
    }
)


@dataclass(frozen=True, slots=True)
class Rule:
    """A cause, and how it is known.

    Attributes
    ----------
    name : str
        Of the cause.
    remedy : str
        What would mend it, as the subject of a sentence.
    respell : callable
        Gives what should stand in a word's place: None if the word is not of this
        kind, nothing at all if it needs no look-up to know that it is.
    """

    name: str
    remedy: str
    respell: Respell


def make_rules(rows: Rows, case: Case) -> list[Rule]:
    """Make the rules for some vectors, in the order in which they are to be tried.

    Parameters
    ----------
    rows : Rows
    case : {"fallback", "exact"}
        How words are looked up. What a rule gives is looked up with "fallback" in any
        case, as letters in another case are a cause by themselves.
    """
    leading = frozenset(rows.tokens[:_LEADING])
    common = frozenset(map(str.lower, rows.tokens[:_COMMON]))
    rules = [
        Rule("pieces of words", "A tokenizer of whole words", _respell_piece),
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
        Rule("markup and links", "Taking out markup and links", _respell_markup),
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
        Rule("hyphens and slashes", "Splitting at hyphens and slashes", _respell_marks),
    ]
    if len(rows) >= SMALL_VOCABULARY:
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
        rules = [replace(r, remedy=r.remedy.rstrip(",") + also) for r in rules]
        rules.insert(0, Rule("case", "case='fallback'", lambda word: [word]))
    return rules


def _respell_piece(word: str) -> Sequence[str] | None:
    return () if is_piece(word) else None


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
    return (re.sub(r"\d", "#", word),) if "##" in leading and _has_digit(word) else None


def _respell_markup(word: str) -> Sequence[str] | None:
    return () if _MARKUP.search(word) else None


def _respell_letters(word: str) -> Sequence[str] | None:
    if word.isascii():
        return None
    usual = _write_usually(word)
    if usual == word:
        usual = _ACCENT.sub("", unicodedata.normalize("NFD", word))
    return (usual,) if usual != word else None


def _respell_punctuation(word: str) -> Sequence[str] | None:
    if word.isalnum():
        return None
    inner = _take_inner(word)
    if not inner:
        return tuple(word)  # ?!?! is four tokens
    return (inner,) if inner != word else None


def _respell_contraction(word: str) -> Sequence[str] | None:
    if word.isalnum():
        return None
    contraction = _CONTRACTION.fullmatch(_take_inner(word))
    return contraction.groups() if contraction else None


def _respell_marks(word: str) -> Sequence[str] | None:
    if word.isalnum():
        return None
    parts = _blank_marks(_write_usually(word)).split()
    return parts if len(parts) > 1 else None


def _respell_joined(word: str, common: frozenset[str]) -> Sequence[str] | None:
    word = word.lower()
    if not word.isalpha():
        return None
    if word.endswith("br"):  # "movie.<br />", and no English word
        return word[:-2], "br"
    ended = _SHORT_ENDS.fullmatch(word)
    if ended and ended[1] in common:
        return ended.groups()
    for i in range(_SHORTEST_PART, len(word) - _SHORTEST_PART + 1):
        first, second = word[:i], word[i:]
        if first in common and second in common and second not in _ENDINGS:
            return first, second
    return None


def _write_usually(word: str) -> str:
    """Write letters in their usual form, and apostrophes and quotes as ASCII has them.

    Examples
    --------
    >>> _write_usually("don\u2019t"), _write_usually("\uff46ilm")
    ("don't", 'film')
    """
    if word.isascii() and "`" not in word:
        return word
    # In this order: compatibility makes a space and an accent of an acute.
    return unicodedata.normalize("NFKC", word.translate(_STRAIGHT))


def _take_inner(word: str) -> str:
    """Take away the marks at both ends of a word.

    Examples
    --------
    >>> _take_inner('("well-made"),')
    'well-made'
    """
    word = _write_usually(word)
    if word.isascii():  # as most of a text is; this is faster by far
        return word.strip(punctuation)
    blanked = _blank_marks(word)
    return word[len(blanked) - len(blanked.lstrip()) : len(blanked.rstrip())]


def _blank_marks(word: str) -> str:
    """Put a space in the place of each mark; vowel signs are letters."""
    if word.isascii():
        return word.translate(_BLANKED)
    return "".join(
        c if c.isalnum() or unicodedata.category(c)[0] in "MC" else " " for c in word
    )


def _has_digit(word: str) -> bool:
    return any(map(str.isdigit, word))
