"""Languages are tags of BCP 47, inherited and written in one way."""

import re

import pytest
from entries import sha256
from hypothesis import given
from hypothesis import strategies as st

from glove_registry.registry.languages import LANGUAGE_PATTERN, normalize_language
from glove_registry.registry.reader import read_registry

# From the examples of RFC 5646, appendix A, and of its section on the case of tags.
WELL_FORMED = """
    de fr ja zh-Hant sr-Latn zh-cmn-Hans-CN cmn-Hans-CN yue-HK zh-yue-HK sr-Latn-RS
    sl-rozaj sl-rozaj-biske sl-nedis de-CH-1901 sl-IT-nedis hy-Latn-IT-arevela de-DE
    en-US es-419 de-CH-x-phonebk az-Arab-x-AZE-derbend x-whatever qaa-Qaaa-QM-x-southern
    de-Qaaa sr-Latn-QM sr-Qaaa-RS en-US-u-islamcal zh-CN-a-myext-x-private
    en-a-myext-b-another mn-Cyrl-MN mN-cYrL-Mn en-CA-x-ca be-tarask en-simple
"""
NOT_WELL_FORMED = """
    a de_AT German German-AT abcdefghi de- -de de--AT a-DE x x- de-x de-419-DE 1de de.AT
    español de-AT-12 ar-a-x
"""


@pytest.mark.parametrize("tag", WELL_FORMED.split())
def test_tags_of_the_rfc_are_accepted(tag: str) -> None:
    """A tag that the RFC gives as an example is accepted and stays the same tag."""
    found = normalize_language(tag)
    assert found is not None
    assert found.lower() == tag.lower()
    assert normalize_language(tag.upper()) == found


@pytest.mark.parametrize("tag", NOT_WELL_FORMED.split())
def test_other_texts_are_refused(tag: str) -> None:
    """Names of locales, halves of tags and other texts are no tags."""
    assert normalize_language(tag) is None


def test_the_parts_of_a_tag_get_their_usual_case() -> None:
    """Parts are written as the RFC's section 2.1.1 says, with its own examples."""
    for tag in ("mn-Cyrl-MN", "en-CA-x-ca", "az-Latn-x-latn", "en-GB-a-bb"):
        assert normalize_language(tag.swapcase()) == tag


@given(st.from_regex(LANGUAGE_PATTERN, fullmatch=True))
def test_normalizing_twice_changes_nothing(tag: str) -> None:
    """A normalized tag is well-formed and already normal, whatever the tag."""
    found = normalize_language(tag)
    if found is not None:
        assert re.fullmatch(LANGUAGE_PATTERN, found)
        assert normalize_language(found) == found
        assert found.lower() == tag.lower()


def test_an_entry_inherits_its_language_but_not_its_attestation() -> None:
    """The language is a group's or the entry's own; `attested` is of one checksum."""
    text = f"""
groups:
  family: {{language: DE-at}}
variants:
  german: {{group: family, url: "https://a.org/a", sha256: {sha256(b"a")}, attested: 2}}
  french:
    group: family
    language: fr
    sources:
      - {{url: "https://a.org/b", sha256: {sha256(b"b")}, attested: 1}}
      - {{url: "https://b.org/b", sha256: {sha256(b"b")}}}
    member: {{sha256: {sha256(b"c")}, attested: 3}}
"""
    entries = read_registry(text, None)
    german, french = (entries[name].variants[0] for name in ("german", "french"))
    assert (german.language, french.language) == ("de-AT", "fr")
    assert [s.attested for s in german.sources] == [2]
    assert [s.attested for s in french.sources] == [1, None]
    assert (german.member.attested, french.member.attested) == (None, 3)
