"""The rules of ``tweets``: what the authors of GloVe did to tweets, chunk by chunk.

They published a script (Romain Paulus and Jeffrey Pennington,
https://nlp.stanford.edu/projects/glove/preprocess-twitter.rb). Its rules, in its order:

1. ``http://...``, ``https://...`` and ``www....`` are ``<url>``.
2. Slashes are tokens of their own.
3. ``@`` and a name are ``<user>``.
4. Emoticons, with eyes ``8 : = ;`` and perhaps a nose ``' ` -``: ``<smile>`` for mouths
   of ``)`` and ``d``, also from the other side; then ``<lolface>`` for ``p``,
   ``<sadface>`` for ``(``, ``<neutralface>`` for ``| l *``. ``<3`` is ``<heart>``.
5. Digits with periods, commas, colons and a sign are ``<number>``, in words, too.
6. A hashtag is ``<hashtag>`` and its text: split before each capital; or, if all of it
   is in capitals, with ``<allcaps>`` behind it.
7. Of ``! ? .`` several times, the last one is left, with ``<repeat>`` behind it.
8. Of a letter that ends a word three times or more, one is left, with ``<elong>``
   behind the word.
9. A word in capitals has ``<allcaps>`` behind it, and all is lower case.

What is left is split as by ``lower-ptb``: the release has ``n't`` and ``'s``. And:

- Letters and digits of an emoticon are none of a word: ``8pm``, ``word:``.
- By the script, rule 9 is for any two characters that are neither lower case nor digits
  nor ``()<>'`-``, blanks, punctuation and its own marks included, and glues its mark to
  the next word. Here it is for words of at least two letters, all of them capitals, and
  a mark is a token: it is never split, nor in capitals.
- Letters and capitals are those of Unicode; ``HTTP://`` is a URL, too. What is written
  as a mark already, such as ``<user>``, stays whole.
- Characters are cleaned first, as by ``ptb``: curly quotes become straight ones.
"""

import re
from collections.abc import Iterator

from .characters import clean
from .ptb import MARKUP, cut_chunk

_NAMES = (
    *("url", "user", "smile", "lolface", "sadface", "neutralface", "heart"),
    *("number", "hashtag", "repeat", "elong", "allcaps"),
)
# While the rules are applied, a mark is one of the characters that mean nothing in
# Unicode. The text's own, if it has any, become the one that `clean` makes of NUL.
_MARKS = {name: chr(0xFDE0 + number) for number, name in enumerate(_NAMES)}
_OWN = {ord(mark): "\ufdd0" for mark in _MARKS.values()}
_TOKENS = {mark: f"<{name}>" for name, mark in _MARKS.items()}
_HASHTAG, _REPEAT = _MARKS["hashtag"], _MARKS["repeat"]
_ELONG, _ALLCAPS = _MARKS["elong"], _MARKS["allcaps"]

_EYES, _NOSE = r"(?:[:=;]|(?<![^\W_])8)", "['`-]?"
_EYES_LAST = r"(?:[:=;]|8(?![^\W_]))"
_END = r"(?![^\W_])"

# No expression tries a place again that an earlier attempt has passed: a chunk of a
# million equal characters takes no more than its length.
_RULES = [
    (re.compile(pattern, re.IGNORECASE), new)
    for pattern, new in (
        (r"https?://\S+\b|www\.(?:\w+\.)+\S*", _MARKS["url"]),
        ("/", " / "),
        ("@[a-z0-9_]+", _MARKS["user"]),
        (
            rf"{_EYES}{_NOSE}(?:[)d]+{_END}|\)+)"
            rf"|(?:(?<!\))\)+|(?<![)\w])[)d]+){_NOSE}{_EYES_LAST}",
            _MARKS["smile"],
        ),
        (rf"{_EYES}{_NOSE}p+{_END}", _MARKS["lolface"]),
        (rf"{_EYES}{_NOSE}\(+", _MARKS["sadface"]),
        (rf"{_EYES}{_NOSE}(?:[|*]|l{_END})", _MARKS["neutralface"]),
        ("<3", _MARKS["heart"]),
        (r"(?:[-+]|(?<!\.))\.*[0-9][:,.0-9]*", _MARKS["number"]),
        (r"#(\S+)", lambda match: _mark_hashtag(match[1])),
        (r"[!?.]*[!?.]([!?.])", rf" \1{_REPEAT}"),
    )
]
# Without one of these, none of them matches.
_MAY_MATCH = re.compile(r"[/@:;=<0-9#!?.]")
_RUN = re.compile(r"(\w)\1+")
_WORD = re.compile(r"([^\W\d_]{2,})((?:'[^\W\d_]+)?)")
_PART = re.compile(f"[{''.join(_TOKENS)}]|[^ {''.join(_TOKENS)}]+")


def _mark_hashtag(body: str) -> str:
    if body == body.upper():
        return f" {_HASHTAG}{body.lower()}{_ALLCAPS}"
    split = "".join(f" {c}" if c.isupper() else c for c in body)
    return f" {_HASHTAG}{split} "


def _mark_run(match: re.Match[str]) -> str:
    run = match[0]
    ends_word = not re.match(r"\w", match.string[match.end() : match.end() + 1])
    return run[0] + _ELONG if len(run) > 2 and ends_word else run


def _mark_capitals(match: re.Match[str]) -> str:
    word, ending = match.groups()
    if not word.isupper():
        return match[0]
    if ending.isupper():  # DON'T, unlike NASA's
        return match[0].lower() + _ALLCAPS
    return word.lower() + _ALLCAPS + ending


def split_chunk(chunk: str) -> tuple[str, ...]:
    """Return the tokens of a chunk.

    Examples
    --------
    >>> split_chunk("@you:")
    ('<user>', ':')
    >>> split_chunk("#SoGOOOD!!!")
    ('<hashtag>', 'so', 'g', 'o', 'o', 'o', 'd', '!', '<repeat>')
    """
    cleaned = clean(chunk).translate(_OWN)
    tokens: list[str] = []
    end = 0
    for markup in MARKUP.finditer(cleaned):
        tokens += [*_split(cleaned[end : markup.start()]), markup[0].lower()]
        end = markup.end()
    return (*tokens, *_split(cleaned[end:]))


def _split(text: str) -> Iterator[str]:
    if _MAY_MATCH.search(text):
        for pattern, new in _RULES:
            text = pattern.sub(new, text)
    text = _WORD.sub(_mark_capitals, _RUN.sub(_mark_run, text))
    for part in _PART.findall(text):
        if part in _TOKENS:
            yield _TOKENS[part]
        else:
            yield from (token.lower() for token in cut_chunk(part))
