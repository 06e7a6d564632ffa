"""A name of another tool, of a file or with a slip leads to the entry's own name."""

from pathlib import Path

import pytest
from entries import SMALL, write_registry

import glove_registry
from glove_registry.errors import UnknownVariantError


@pytest.mark.parametrize(
    ("asked", "meant"),
    [
        ("GoogleNews-vectors-negative300.bin.gz", "word2vec.GoogleNews-300d"),
        ("glove.6B.100", "glove.6B.100d"),
        ("glove.6B.100d.txt", "glove.6B.100d"),
        ("glove_6b_100", "glove.6B.100d"),
        ("fse/glove-wiki-gigaword-100", "glove.6B.100d"),
        ("crawl-300d-2M.vec", "fasttext.crawl-300d-2M"),
        ("crawl-300d-2M.vec.zip", "fasttext.crawl-300d-2M"),
        ("glove.840B", "glove.840B.300d"),
        ("GLOVE.6B.300D", "glove.6B.300d"),
        ("glove 6B 100d", "glove.6B.100d"),
        # spaCy's have half of the words; those of gensim were trained in another way.
        ("en_vectors_web_lg", "glove.840B.300d"),
        ("fasttext-wiki-news-subwords-300", "fasttext.wiki-news-300d-1M"),
        ("conceptnet-numberbatch-17-06-300", "numberbatch.en.19.08"),
    ],
)
def test_another_tools_name_leads_to_one_variant(asked: str, meant: str) -> None:
    """The error names the one variant with these vectors, and nothing besides."""
    with pytest.raises(UnknownVariantError, match=f": did you mean '{meant}'\\?( A|$)"):
        glove_registry.info(asked)


def test_a_part_of_a_name_leads_to_all_that_have_it() -> None:
    """The "6B" of torchtext is the beginning of several names, which are listed."""
    with pytest.raises(UnknownVariantError) as caught:
        glove_registry.load("6B")
    for dimension in (50, 100, 200, 300):
        assert f"'glove.6B.{dimension}d'" in str(caught.value)


@pytest.mark.parametrize("name", ["glove.6B", "glove.6B.50", "6B"])
def test_the_sample_is_suggested_last(name: str) -> None:
    """What is asked for is rather the release than its first 10,000 rows."""
    with pytest.raises(UnknownVariantError, match=r" or 'glove\.6B\.50d-first10k'\?$"):
        glove_registry.info(name)


def test_a_family_leads_to_its_list() -> None:
    """A name with a * that `list` prints is said to stand for several variants."""
    name = "fasttext.wiki.*.300d"
    count = len(glove_registry.list_variants(name))
    with pytest.raises(UnknownVariantError) as caught:
        glove_registry.info(name)
    assert f"it stands for a family of {count} variants" in str(caught.value)
    assert f"`glove-registry list '{name}'` shows" in str(caught.value)


@pytest.mark.parametrize("name", ["word2vec-ruscorpora-300", "glove-russian-300"])
def test_what_only_looks_alike_is_not_suggested(name: str) -> None:
    """A name that differs in the word that tells which vectors it means is no slip."""
    with pytest.raises(UnknownVariantError, match="shows all names"):
        glove_registry.info(name)


@pytest.mark.parametrize("slip", ["firts10k", "flrst10k", "fist10k", "firstt10k"])
def test_a_slip_leads_to_the_nearest_name_first(slip: str) -> None:
    """Before a shorter name that the mistyped one contains."""
    meant = r"did you mean 'glove\.6B\.50d-first10k'"
    with pytest.raises(UnknownVariantError, match=meant):
        glove_registry.info(f"glove.6B.50d-{slip}")


def test_what_resembles_a_variant_is_no_name_of_it(tmp_path: Path) -> None:
    """A name of similar vectors is suggested, in any spelling, and never found."""
    path = write_registry(
        tmp_path, "lab.news", url="ftp://h/a", sha256="1" * 64, resembles=["Zeitung 7"]
    )
    registry = glove_registry.Registry.from_file(path)
    assert "Zeitung 7" not in registry
    for name in ("Zeitung 7", "zeitung-7", "zeitung7.vec", "zeitung7.floret"):
        with pytest.raises(UnknownVariantError, match=r"did you mean 'lab\.news'"):
            registry.find(name)


def test_what_is_like_nothing_gets_no_guess() -> None:
    """A name that is far from all, or one of marks or one letter, gets no guess."""
    for name in ("elmo", "", ".", "a"):
        with pytest.raises(UnknownVariantError, match="shows all names"):
            glove_registry.info(name)


def test_a_file_or_url_leads_to_what_takes_it(tmp_path: Path) -> None:
    """The path of a file leads to open_file, and a URL to an entry for it."""
    path = tmp_path / "vectors.txt"
    path.write_bytes(SMALL)
    with pytest.raises(UnknownVariantError, match=r"which open_file\(\) opens"):
        glove_registry.info(str(path))
    with pytest.raises(UnknownVariantError, match="glove-registry add"):
        glove_registry.info("https://example.org/vectors.txt")
