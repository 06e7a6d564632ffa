r"""The rules of ``ptb``: tokens as Stanford's PTBTokenizer makes them.

The releases of GloVe were made with it (https://nlp.stanford.edu/software/tokenizer.html)
as it was in 2014: hyphenated words are one token, and nothing is escaped.

A chunk is a part of a text without white space. It is cleaned (`characters.clean`), and
then becomes tokens on its own:

1. Each character has a shape (`characters.find_shape`), and whether a token begins
   between two characters follows from the shapes around them: yes if a rule of `SPLITS`
   matches there; else no if one of `JOINS` does; else yes.
2. Parts that stay whole (`find_wholes`) replace these decisions: markup ``<...>``, and
   what looks like a URL or an e-mail address.
3. A token of `SPELLINGS` is replaced, in any case. Of a run of one mark, three stay.

A rule is what stands before a place, ``|``, and what stands behind it. Capitals are
classes, lower-case letters mean both cases, but only the capital after ``^``; all else
means itself:

== ==================================================================
A  any character
W  letter, digit or mark of a word
L  letter
U  capital letter
I  capital letter other than I
D  digit
M  combining mark, modifier of an emoji
J  joiner (zero-width joiner and non-joiner)
R  regional indicator, of which two are a flag
V  any character but a regional indicator; end of the chunk
N  neither letter, digit nor mark: punctuation, symbol, end of the chunk
B  as N, but none of . - ! ? * _ ' /
X  any character but a period; end of the chunk
S  one of . , : /
T  one of & /
E  one of : ; =
O  one of - '
P  one of ( ) [ ] | \ @ {
Q  one of ! ?
== ==================================================================
"""

import re
import string
from collections.abc import Iterator
from functools import cache
from itertools import pairwise, takewhile

from .characters import (
    CAPITAL,
    DIGIT,
    JOINER,
    LETTER,
    MARK,
    OTHER,
    REGIONAL,
    clean,
    draw_shape,
)

EDGE = " "  # what stands before and behind a chunk

LETTERS = string.ascii_letters + LETTER + CAPITAL
DIGITS = string.digits + DIGIT
WORD = LETTERS + DIGITS + MARK + JOINER
_REST = string.punctuation + OTHER + REGIONAL + EDGE
CLASSES = {
    "A": WORD + _REST,
    "W": WORD,
    "L": LETTERS,
    "U": string.ascii_uppercase + CAPITAL,
    "I": string.ascii_uppercase.replace("I", "") + CAPITAL,
    "D": DIGITS,
    "M": MARK,
    "J": JOINER,
    "R": REGIONAL,
    "N": _REST,
    "B": "".join(c for c in _REST if c not in ".-!?*_'/"),
    "X": (WORD + _REST).replace(".", ""),
    "V": (WORD + _REST).replace(REGIONAL, ""),
    "S": ".,:/",
    "T": "&/",
    "E": ":;=",
    "O": "-'",
    "P": "()[]|\\@{",
    "Q": "!?",
}

_ABBREVIATIONS = (
    # months, days, states
    "jan feb mar apr jun jul aug sep sept oct nov dec mon tue tues wed thu thur "
    "thurs fri ala ariz calif colo conn ct dak fla ga ind kan kans ky md mich minn "
    "mo mont neb nev okla penn tenn va vt wis wisc wyo "
    # companies
    "inc co cos corp pty ptys pte ltd plc bancorp bhd assn bros cie intl mfg mtg "
    # people
    "mr mrs ms mx dr drs prof profs sen sens rep reps atty attys lt col gen messrs "
    "gov govs adm rev fr maj sgt cpl pvt capt pres lieut hon brig cmdr comdr pfc "
    "spc supt supts det adj adv asst assoc ens insp mlle mme msgr amb ven br jr sr "
    "esq wm jos chas geo "
    # places
    "st ste sta ave mt ft blvd rd bldg dept govt natl univ dist "
    # books, numbers, the rest
    "al approx avg ca cf ch chs cit ect ed eds elec eng est etc exh exhs ext "
    "fig figs incl invt lb mk nos orig oz pl pls pp sci sec seq soc sq sys tel viz "
    "vol vols vs"
)
# Without their period, in any case.
ABBREVIATIONS = frozenset(_ABBREVIATIONS.split())
# Words, too, and abbreviations only if they begin with a capital.
CAPITALISED = frozenset(
    ("az", "ark", "del", "ill", "la", "mass", "miss", "ore", "pa", "tex", "wash", "sc")
)

_DOMAINS = ("com", "net", "org", "edu", "gov")
# Endings after an apostrophe, and words that begin with one.
_CLITICS = ("s", "m", "d", "re", "ve", "ll", "em")
_ENTITIES = ("&amp;", "&lt;", "&gt;", "&quot;", "&apos;", "&nbsp;", "&#39;", "&#34;")
# Markup that blanks divide: ``<br />`` is the chunks ``<br`` and ``/>``.
_TAGS = ("br", "hr", "p", "a", "img", "div", "span", "font")

SPLITS = [
    # do|n't, it|'s, dogs|'
    *("L|n'tN", *(f"A|'{ending}N" for ending in _CLITICS)),
    # can|not, gon|na, '|t|is, y'|all
    *("Ncan|notN", "Ngon|naN", "Ngot|taN", "Nwan|naN", "Nlem|meN", "Ngim|meN"),
    *("Ndu|nnoN", "Ndun|noN", "'t|isN", "'t|wasN", "Ny'|L", "Nth'|L"),
]
JOINS = [
    "W|W",
    "A|M",
    *("A|J", "J|A"),
    # A flag is two indicators, of which others may stand before.
    *("VR|R", "VRRR|R", "VRRRRR|R", "VRRRRRRR|R"),
    # well-known, formula_1, O'Brien
    *("W|-W", "W-|W", "W|_W", "W_|W", "L|'L", "L'|L"),
    # 1,000.50, 10:30, 1/2; .5, -5, +5
    *("D|SD", "DS|D", "B.|D", "B-|D", "B+|D"),
    # J., U.S., U.S, U.S.-based
    *("NI|.X", "NL|.LN", "NL.|LN", "NL.L|.X", "NL.L.|-L", "L.-|L"),
    *(f"N{word}|.X" for word in sorted(ABBREVIATIONS)),
    *(f"N^{word}|.X" for word in sorted(CAPITALISED)),
    *("Nph|.dN", "Nph.|dN", "Nph.d|.X"),
    # amazon.com
    *(rule for d in _DOMAINS for rule in (f"W|.{d}N", f"W.|{d}N")),
    # AT&T, a/c, km/h; and/or
    *(
        f"N{before}{place}{after}N"
        for before in ("L", "LL")
        for place in ("|T", "T|")
        for after in ("L", "LL")
    ),
    *("Nand|/orN", "Nand/|orN", "Nhe|/sheN", "Nhe/|sheN", "Nhis|/herN", "Nhis/|herN"),
    *("Neither|/orN", "Neither/|orN", "Nhim|/herN", "Nhim/|herN"),
    # '90s; 's, 'll, 'em, 'til, 'n'; ol'
    *("N'|DDN", "N'|DDsN", "''|DDsN", "'|tisN", "'|twasN", "'|causeN", "'|tilN"),
    *("'|tillN", "'|twixtN", "'|nN", "N'n|'N", "'|tN"),
    *(f"'|{ending}N" for ending in _CLITICS),
    *(f"N{word}|'N" for word in ("l", "d", "j", "ol", "dunkin", "somethin")),
    *("Ny|'L", "Nth|'L"),
    # ..., --, !!!, ?!, ***, '', ``
    *(".|.", "-|-", "Q|Q", "*|*", "_|_", "'|'", "`|`"),
    # @user, #hashtag
    *("N@|L", "N@|_", "N@_|W", "N#|L"),
    # US$, C++, C#, pro-
    *("NU|$", "NUU|$", "NUUU|$", "Nc|++N", "Nc+|+N", "Nc|#N", "Nf|#N"),
    *("Npro|-N", "Nanti|-N"),
    # :) :-) =( :D
    *("E|)", "E|O)", "EO|)", "NE|P", "NE|OP", "EO|P"),
    *(
        f"{rule}{mouth}N"
        for mouth in ("d", "p", "o")
        for rule in ("NE|", "NE|O", "EO|")
    ),
    *("NE|/N", "NE|O/N", "EO|/N"),
    # &amp; <br />
    *(rule for entity in _ENTITIES for rule in (f"&|{entity[1:]}", f"{entity[:-1]}|;")),
    *("&#|39;", "&#|34;", "/|>"),
    *(f"<|{tag}N" for tag in _TAGS),
]

# What a token becomes that no release has, or another one more often.
SPELLINGS = {
    "\u2026": "...",
    "..": "...",
    "&amp;": "&",
    "&lt;": "<",
    "&gt;": ">",
    "&quot;": '"',
    "&#34;": '"',
    "&apos;": "'",
    "&#39;": "'",
}

# A chunk, or what is left of it without markup, is a URL if it holds one of these ...
URL_SIGNS = ("://", "www.", *(f".{domain}/" for domain in _DOMAINS))
# ... from its first letter or digit to its last character that is none of these.
URL_TAIL = frozenset(".,;:!?'\"`*()[]{}<>|&-" + OTHER)

# Marks of which three are enough.
RUNNING = ".!?*_-"
_RUN = re.compile(f"[{RUNNING}]{{4,}}")
_SAME = re.compile(r"(.)\1{3,}")

MARKUP = re.compile(r"<[^<>]+>")
_URL = re.compile(
    "|".join(map(re.escape, URL_SIGNS)) + f"|(?<=[{WORD}])@(?=[{WORD}])",
    re.IGNORECASE,
)
_FIRST = re.compile(f"[{LETTERS}{DIGITS}]")
_MAY_BE_WHOLE = re.compile(r"[<@]|:/|www\.|\.[a-z]{3}/", re.IGNORECASE)

_ELEMENT = re.compile(r"\^?.")
_PADDING = EDGE * 12  # more than any rule looks at


def read_rule(rule: str) -> tuple[list[str], list[str]]:
    """Return what may stand at each place before and behind the place of a rule.

    Returns
    -------
    before, behind : list of str
        For each place, from left to right, the shapes that match there.

    Examples
    --------
    >>> read_rule("D.|n")
    (['01234567890', '.'], ['nN'])
    """
    before, _, behind = rule.partition("|")
    return [*map(_list_shapes, _ELEMENT.findall(before))], [
        *map(_list_shapes, _ELEMENT.findall(behind))
    ]


def _list_shapes(element: str) -> str:
    if element in CLASSES:
        return CLASSES[element]
    if element[0] == "^" and len(element) > 1:
        return element[1].upper()
    return "".join(sorted({element, element.upper()}, reverse=True))


def _compile(rules: list[str]) -> str:
    """Return an expression for one character that has the place of a rule before it."""
    grouped: dict[tuple[str, ...], list[str]] = {}
    for rule in rules:
        before, behind = read_rule(rule)
        sides = ("".join(map(_make_set, before)), *map(_make_set, behind))
        grouped.setdefault(sides[1:], []).append(sides[0])
    # Each alternative begins with a set, by which `re` skips most of them at once.
    return "|".join(
        f"{first}(?={''.join(rest)})(?:{'|'.join(f'(?<={b}{first})' for b in starts)})"
        for (first, *rest), starts in grouped.items()
    )


def _make_set(shapes: str) -> str:
    return f"[{re.escape(shapes)}]"


@cache
def _find_begin() -> re.Pattern[str]:
    # Most places in a word are passed at once: no rule of `SPLITS` could match there.
    special = {
        shape
        for before, behind in map(read_rule, SPLITS)
        if set(before[-1]) & set(WORD)
        for shape in behind[0]
    }
    word, plain = _make_set(WORD), _make_set("".join(sorted(set(WORD) - special)))
    rules = f"{_compile(SPLITS)}|(?!{_compile(JOINS)})."
    return re.compile(f"(?!(?<={word}){plain})(?:{rules})", re.DOTALL)


def find_wholes(cleaned: str, shape: str) -> Iterator[tuple[int, int]]:
    """Yield where the parts of a chunk begin and end that are one token each."""
    end = 0
    for tag in MARKUP.finditer(cleaned):
        yield from _find_url(shape, end, tag.start())
        yield tag.span()
        end = tag.end()
    yield from _find_url(shape, end, len(shape))


def _find_url(shape: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    if _URL.search(shape, start, end) and (first := _FIRST.search(shape, start, end)):
        while shape[end - 1] in URL_TAIL:
            end -= 1
        yield first.start(), end


def split_chunk(chunk: str) -> tuple[str, ...]:
    """Return the tokens of a chunk.

    Examples
    --------
    >>> split_chunk("(don't")
    ('(', 'do', "n't")
    """
    tokens = cut_chunk(clean(chunk))
    return tuple([SPELLINGS.get(token.lower(), token) for token in tokens])


def cut_chunk(cleaned: str) -> list[str]:
    """Return the tokens of a cleaned chunk as they are written in it."""
    cleaned = _RUN.sub(lambda run: _SAME.sub(r"\1\1\1", run[0]), cleaned)
    shape = draw_shape(cleaned)
    padded = _PADDING + shape + _PADDING
    begins = _find_begin().finditer(padded, len(_PADDING) + 1)
    places = (match.start() - len(_PADDING) for match in begins)
    cuts = {0, *takewhile(len(shape).__gt__, places), len(shape)}
    if _MAY_BE_WHOLE.search(cleaned):
        for start, end in find_wholes(cleaned, shape):
            cuts.difference_update(range(start, end))
            cuts.update((start, end))
    return [cleaned[start:end] for start, end in pairwise(sorted(cuts))]
