"""Characters of texts become those that releases have."""

import sys
import unicodedata

import pytest

from glove_registry.text.characters import clean, find_composed, find_shape
from glove_registry.text.tokenizers import tokenize

CLEANED = {
    "e\u0301te\u0301": "\u00e9t\u00e9",
    # Two marks in either order, and one of them composed already.
    "e\u0323\u0302 e\u0302\u0323": "\u1ec7 \u1ec7",
    "\u00ea\u0323 \u1eb9\u0302": "\u1ec7 \u1ec7",
    # No character has both marks: they stay as they are.
    "x\u0301\u0323 \u0301": "x\u0301\u0323 \u0301",
    "\u212a\u212b\u2126": "K\u00c5\u03a9",
    "co\u00adop\u200b\ufeff": "coop",
    "\u0646\u200c\u06cc": "\u0646\u200c\u06cc",
    "\u2018\u2019\u201c\u201d\u2011": "''\"\"-",
}


@pytest.mark.parametrize("given", CLEANED)
def test_each_character_becomes_what_releases_have(given: str) -> None:
    """Quotes, invisible characters, compatible letters, and letters with marks."""
    assert clean(given) == CLEANED[given]


def test_letters_and_marks_are_composed_as_by_unicode() -> None:
    """Each letter that has marks is composed from all that is equivalent to it."""
    composed = find_composed()
    assert len(composed) > 941
    for sequence, character in composed.items():
        assert unicodedata.normalize("NFC", sequence) == character
        assert clean(sequence) == character
    for character in map(chr, range(sys.maxunicode + 1)):
        sequence = unicodedata.normalize("NFD", character)
        is_syllable = "\uac00" <= character <= "\ud7a3"
        if len(sequence) > 1 and not is_syllable:
            whole = unicodedata.normalize("NFC", sequence)
            assert composed.get(sequence, sequence) == whole


def test_characters_for_private_use_are_letters() -> None:
    """They are in the highest planes, far behind the parts of flags."""
    assert find_shape("\U000f0000") == find_shape("\ue000") == find_shape("x\u00e4"[1])
    assert find_shape("\U000e0067") == find_shape("\u0301")


def test_words_keep_their_marks_and_joiners() -> None:
    """Vowel signs and joiners are part of a word; a mark between words is not."""
    hindi, persian = (
        "\u0928\u092e\u0938\u094d\u0924\u0947",
        "\u0645\u06cc\u200c\u062e\u0648",
    )
    found = tokenize(f"{hindi}, {persian} o'neil's well-made- a_b", "words")
    assert found == [hindi, persian, "o'neil's", "well-made", "a", "b"]


def test_entities_are_read_in_any_case() -> None:
    """HTML knows them in capitals, too."""
    assert tokenize("&AMP; &amp; &Lt;", "ptb") == ["&", "&", "<"]
