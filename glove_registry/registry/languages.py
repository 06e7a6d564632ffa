"""Languages as tags of BCP 47, such as ``de`` or ``sr-Latn`` (RFC 5646)."""

import re
from collections.abc import Iterable

from .spelling import did_you_mean
from .words import fold

# What is well-formed by https://www.rfc-editor.org/rfc/rfc5646#section-2.1, but for
# older tags that are listed there, and for languages of four letters or more, of which
# none exists: "German" is a mistake.
_LETTER, _ANY = "[A-Za-z]", "[A-Za-z0-9]"
_PRIVATE = f"[Xx](?:-{_ANY}{{1,8}})+"
LANGUAGE_PATTERN = (
    f"(?:{_LETTER}{{2,3}}(?:-{_LETTER}{{3}}){{0,3}}"  # language
    f"(?:-{_LETTER}{{4}})?"  # script
    f"(?:-(?:{_LETTER}{{2}}|[0-9]{{3}}))?"  # region
    f"(?:-(?:{_ANY}{{5,8}}|[0-9]{_ANY}{{3}}))*"  # variants
    f"(?:-[A-WYZa-wyz0-9](?:-{_ANY}{{2,8}})+)*"  # extensions
    f"(?:-{_PRIVATE})?|{_PRIVATE})"
)
LONGEST_TAG = 100


def normalize_language(tag: str) -> str | None:
    """Return a tag in the usual case of its parts; None if it is not well-formed.

    Examples
    --------
    >>> normalize_language("SR-LATN-rs")
    'sr-Latn-RS'
    """
    if len(tag) > LONGEST_TAG or not re.fullmatch(LANGUAGE_PATTERN, tag):
        return None
    first, *others = tag.lower().split("-")
    parts = [first]
    for part in others:
        # https://www.rfc-editor.org/rfc/rfc5646#section-2.1.1
        if len(parts[-1]) == 1:
            parts.append(part)
        elif len(part) == 2:
            parts.append(part.upper())
        else:
            parts.append(part.capitalize() if len(part) == 4 else part)
    return "-".join(parts)


def name_language(tag: str) -> str | None:
    """Return the English name of a language, or of the one it is a variety of.

    None if no name is known.

    Examples
    --------
    >>> name_language("de"), name_language("en-simple"), name_language("pt-BR")
    ('German', 'Simple English', 'Portuguese')
    """
    return next(iter(list_language_names(tag)), None)


def list_language_names(tag: str) -> list[str]:
    """Return the English name of a language, and its own if it is one of the largest.

    Examples
    --------
    >>> list_language_names("de-AT"), list_language_names("nds")
    (['German', 'Deutsch'], ['Low German'])
    """
    from .language_names import NAMES, OWN_NAMES  # only what people see has names

    while tag not in NAMES and "-" in tag:
        tag = tag.rpartition("-")[0]
    return [names[tag] for names in (NAMES, OWN_NAMES) if tag in names]


def describe_language(tag: str | None) -> str:
    """Return a language as its name and its tag, for people; empty for None.

    Examples
    --------
    >>> describe_language("de"), describe_language("qaa")
    ('German (de)', 'qaa')
    """
    name = name_language(tag or "")
    return f"{name} ({tag})" if name else tag or ""


def find_tags(language: str) -> tuple[str, ...]:
    """Return the tags that a language stands for, which is a tag or a name.

    A name is the English one or, of the largest languages, also their own. Raises
    `ValueError` if it is neither.

    Examples
    --------
    >>> find_tags("pt-BR"), find_tags("german"), find_tags("francais")
    (('pt-BR',), ('de',), ('fr',))
    """
    from .language_names import NAMES, OWN_NAMES

    if not isinstance(language, str):
        raise TypeError(f"language={language!r}: expected a text such as 'de'")
    asked = fold(language)
    named = [*NAMES.items(), *OWN_NAMES.items()]
    tags = [tag for tag, name in named if fold(name) == asked]
    if tag := normalize_language(language):
        tags.append(tag)
    if tags:
        return tuple(tags)
    raise ValueError(
        f"language={language!r}: expected a tag of BCP 47, such as de or pt-BR, or the "
        "English name of a language"
        + did_you_mean(language.title(), [name for _, name in named])
    )


def has_tag(tag: str | None, tags: Iterable[str]) -> bool:
    """Return whether a tag is one of others, or begins with one, as RFC 4647 filters.

    Examples
    --------
    >>> has_tag("pt-BR", ["de", "pt"]), has_tag("pt", ["pt-BR"])
    (True, False)
    """
    # https://www.rfc-editor.org/rfc/rfc4647#section-3.3.1
    return tag is not None and any(f"{tag}-".startswith(f"{each}-") for each in tags)
