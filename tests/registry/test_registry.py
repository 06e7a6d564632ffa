"""Names are looked up, layered and listed as the registry files say."""

import re
from pathlib import Path

import pytest
import yaml
from entries import sha256
from hypothesis import given, settings
from hypothesis import strategies as st

import glove_registry
from glove_registry import Registry
from glove_registry.errors import RegistryError, UnknownVariantError
from glove_registry.registry.languages import name_language

# Files that differ in their language, of which there are many.
FAMILY = re.compile(r"fasttext\.(?:cc|wiki)\.[a-z]+\.300d")
A, B = "a" * 64, "b" * 64
FACTS_6B_50D = "d8f717f8dd4b545cb7f418ef9f3d0c3e6e68a6f48b97d32f8b7aae40cb31f96f"


def write(path: Path, text: str) -> Path:
    """Write a registry file."""
    path.write_text(text)
    return path


def entry(name: str, *more: str) -> str:
    """Write the smallest entry."""
    lines = [f"url: https://example.org/{name}.txt", f"sha256: {A}", *more]
    return f"  {name}:\n" + "".join(f"    {line}\n" for line in lines)


def test_the_smallest_entry_is_a_name_a_url_and_a_sha256(tmp_path: Path) -> None:
    """Nothing but url and sha256 has to be written for a variant to be found."""
    path = write(tmp_path / "my.yaml", "variants:\n" + entry("my.corpus.100d"))

    variant = Registry.from_file(path).find("my.corpus.100d")

    assert variant.sources[0].url == "https://example.org/my.corpus.100d.txt"
    assert variant.anchor == A
    assert variant.origin == f"{path}:3"
    assert variant.dimension is None


def test_the_built_in_registry_has_every_release() -> None:
    """Each release that the project promises is an entry of the built-in registry."""
    names = {name for name in Registry.default() if not FAMILY.fullmatch(name)}
    assert names == {
        *(f"glove.6B.{d}d" for d in (50, 100, 200, 300)),
        "glove.42B.300d",
        "glove.840B.300d",
        *(f"glove.twitter.27B.{d}d" for d in (25, 50, 100, 200)),
        *(f"glove.2024.wikigiga.{d}d" for d in (50, 100, 200, 300)),
        "glove.2024.dolma.300d",
        "glove.6B.50d-first10k",
        "fasttext.crawl-300d-2M",
        "fasttext.wiki-news-300d-1M",
        "fasttext.wiki.en.bin",
        "numberbatch.en.19.08",
        "word2vec.GoogleNews-300d",
        "word2vec.GoogleNews-300d-SLIM",
    }


def test_families_have_the_published_checksums() -> None:
    """Names and checksums of 179 files of fastText are those of the public lists."""
    family = [v for v in glove_registry.list_variants() if FAMILY.fullmatch(v.name)]
    lines = sorted(f"{v.name} {v.sources[0].sha256}" for v in family)
    assert len(lines) == 179
    # Of the same lines, taken from those lists by another program.
    assert sha256("\n".join(lines).encode()) == (
        "5413b31838920a36f3615326ff2800e9d8176d19cfdafc91601b4c8eaf5b2360"
    )
    for variant in family:
        code = variant.name.split(".")[2]
        (source,) = variant.sources
        assert source.url.endswith((f"/wiki.{code}.vec", f"/cc.{code}.300.vec.gz"))
        assert source.attested in (1, 2)
        assert variant.dimension == 300
        assert variant.license == "CC-BY-SA-3.0"
        assert variant.citation
        assert variant.language


def test_odd_codes_of_wikipedia_are_the_right_languages() -> None:
    """The file of an edition has the tag of its language, not of its address."""
    # https://en.wikipedia.org/wiki/List_of_Wikipedias
    for code, tag in {
        "als": "gsw",
        "bh": "bho",
        "de": "de",
        "eml": "egl",
        "no": "nb",
        "sh": "sh",
        "simple": "en-simple",
    }.items():
        assert glove_registry.info(f"fasttext.wiki.{code}.300d").language == tag


def test_every_language_has_a_name() -> None:
    """People see the name of the language of each entry, not only its tag."""
    languages = {variant.language for variant in glove_registry.list_variants()}
    assert len(languages) == 174
    assert all(tag and name_language(tag) for tag in languages)


def test_the_two_texts_of_6b_are_revisions_with_a_hash_each() -> None:
    """The two official texts of one name never share a source or a hash."""
    first = glove_registry.info("glove.6B.50d")
    second = glove_registry.info("glove.6B.50d@with-unk")

    assert first.revision == "original"
    assert first.member.sha256 == FACTS_6B_50D
    assert (first.rows, second.rows) == (400_000, 400_001)
    assert second.member.sha256 not in (None, first.member.sha256)
    assert not {s.url for s in first.sources} & {s.url for s in second.sources}
    assert not {s.sha256 for s in first.sources} & {s.sha256 for s in second.sources}


def test_no_hash_of_an_archive_is_also_a_member_s() -> None:
    """No checksum of the built-in registry stands for an archive and for a text."""
    registry = Registry.default()
    variants = [
        registry.find(f"{name}@{revision}" if revision else name)
        for name in registry
        for revision in registry.find(name).revisions or (None,)
    ]
    archives = {s.sha256 for v in variants for s in v.sources if s.sha256}
    members = {v.member.sha256 for v in variants if v.member.sha256}
    assert archives
    assert members
    assert not archives & members


# The checksums as they were published, by hand and not from registry.yaml: of the
# archive with its size, and of the text inside with its size and rows.
Z6B = (862_182_613, "617afb2fe6cbd085c235baf7a465b96f4112bd7f7ccb2b2cbd649fed9cbcf2fb")
Z6B2 = (862_182_753, "6471382cdd837544bf3ac72497a38715e845897d265b2b424b4761832009c837")
Z42 = (
    1_877_800_501,
    "03d5d7fa28e58762ace4b85fb71fe86a345ef0b5ff39f5390c14869da0fc1970",
)
Z840 = (
    2_176_768_927,
    "c06db255e65095393609f19a4cfca20bf3a71e20cc53e892aafa490347e3849f",
)
ZTW = (
    1_520_408_563,
    "792af52f795d1a32c9842a3240f5f3fe5e941a8ff6df5eb0f9d668092ebc019c",
)
ZWG = (301_036_094, "afa5e258ee38272db6394547c4b075ecbb7b2164e98542c8d1237b6029b35a65")
NONE = (None, None)
PUBLISHED = {
    "glove.6B.50d": (Z6B, (171_350_079, FACTS_6B_50D), 400_000),
    "glove.6B.100d": (
        Z6B,
        (
            347_116_733,
            "95dde4dfd627ab26608d33e76d1195ec059734bd29089ea52cadb08d07c64544",
        ),
        400_000,
    ),
    "glove.6B.200d": (
        Z6B,
        (None, "18870b0a7516e4a72b44d3c226c242d2d846008967d8ce40b94c723a94d1a32b"),
        400_000,
    ),
    "glove.6B.300d": (
        Z6B,
        (
            1_037_962_819,
            "91125602f730fea7ca768736c6f442e668b49db095682bf2aad375db061c21ed",
        ),
        400_000,
    ),
    "glove.6B.50d@with-unk": (
        Z6B2,
        (
            171_350_515,
            "c99ba128d1efdaa3496b7542ba599ecdd1dd6679114d3b5ce19f0ec208b4aa5b",
        ),
        400_001,
    ),
    "glove.6B.100d@with-unk": (Z6B2, NONE, None),
    "glove.6B.200d@with-unk": (Z6B2, NONE, None),
    "glove.6B.300d@with-unk": (Z6B2, NONE, None),
    "glove.42B.300d": (Z42, (5_025_028_820, None), 1_917_494),
    "glove.840B.300d": (
        Z840,
        (
            5_646_236_541,
            "9641ef45628fd8c5c0bc555c8944f7bad7bce36ae7be3cafff0bb109fe60883e",
        ),
        2_196_017,
    ),
    "glove.twitter.27B.25d": (
        ZTW,
        (
            257_699_726,
            "669c215344633180b53d91de0ccd18f6604b18471b3f4d8efe228d878ddf9244",
        ),
        1_193_514,
    ),
    "glove.twitter.27B.50d": (
        ZTW,
        (None, "beb2c5cae3f0aa5edb5b7dda7cdae2486118b128c222fbdbe543143002341056"),
        1_193_514,
    ),
    "glove.twitter.27B.100d": (
        ZTW,
        (None, "dc4cf7b54eae01fa483be0ba51e3d74ecfd880e0a2fbc67f3277bc128d7352cd"),
        1_193_514,
    ),
    "glove.twitter.27B.200d": (
        ZTW,
        (None, "26bc953cbe1077faf0f69aba80c45b3cd90a665bb4b96ebd10f8876f06eb1e48"),
        1_193_514,
    ),
    "glove.2024.wikigiga.50d": (
        ZWG,
        (
            842_192_707,
            "16c4253cb9a19045dcdc758b6a1eda52d3c37b894dea2601a45046b4300a8d10",
        ),
        1_291_147,
    ),
    "glove.2024.wikigiga.100d": (NONE, NONE, None),
    "glove.2024.wikigiga.200d": (NONE, NONE, None),
    "glove.2024.wikigiga.300d": (NONE, NONE, None),
    "glove.2024.dolma.300d": (NONE, NONE, None),
    "fasttext.crawl-300d-2M": (
        (
            1_523_785_255,
            "5bfffffbabdab299d4c9165c47275e8f982807a6eaca37ee1f71d3a79ddb544d",
        ),
        (None, "c85534cb2b7f816cb8d564129add1454a7a789d7b607af7aaa4e0d1c927e62ed"),
        None,
    ),
    "fasttext.wiki-news-300d-1M": (
        (None, "bdeb85f44892c505953e3654183e9cb0d792ee51be0992460593e27198d746f8"),
        NONE,
        None,
    ),
    "word2vec.GoogleNews-300d": (
        (
            1_647_046_227,
            "21c05ae916a67a4da59b1d006903355cced7de7da1e42bff9f0504198c748da8",
        ),
        NONE,
        3_000_000,
    ),
    "word2vec.GoogleNews-300d-SLIM": (
        (
            240_161_138,
            "3f9479046b1ee191bcf19458125886f899c03e3c888b9ba8c25dd948f43e181a",
        ),
        NONE,
        299_567,
    ),
    "fasttext.wiki.en.bin": (
        (None, "f4d87723baad28804f89c0ecf74fd0f52ac2ae194c270cb4c89b0a84f0bcf53b"),
        (None, "1d595f635fc9e302f271d5b4fdc05efaacbb16d2a76361050f22515079193fca"),
        None,
    ),
    "numberbatch.en.19.08": (
        (
            325_403_502,
            "90e57611eb71077ada9fd0b011fd0206de8ec13d035aced40b81b1a4d549c6a2",
        ),
        (None, "42f92fcd49a63baf4d643bde39c996079432b383077afddebac20c2844c9a6f7"),
        516_782,
    ),
}


def test_every_release_has_its_published_checksums_here() -> None:
    """No variant is added without the checksums that others have published."""
    names = {reference.partition("@")[0] for reference in PUBLISHED}
    expected = {name for name in Registry.default() if not FAMILY.fullmatch(name)}
    # The sample comes with this package alone.
    assert names == expected - {"glove.6B.50d-first10k"}


@pytest.mark.parametrize("reference", PUBLISHED)
def test_the_checksums_are_the_published_ones(reference: str) -> None:
    """Every size, hash and number of rows is the one that was published for it."""
    archive, member, rows = PUBLISHED[reference]
    found = glove_registry.info(reference)
    for source in found.sources:
        assert (source.bytes, source.sha256) == archive
    assert (found.member.bytes, found.member.sha256) == member
    assert found.rows == rows


def test_the_built_in_registry_is_what_another_parser_reads() -> None:
    """PyYAML's own loader sees the same names, sizes and member hashes."""
    path = Path(__file__).parents[2] / "registry.yaml"
    raw = yaml.safe_load(path.read_text(encoding="utf-8"))
    registry = Registry.from_file(path)
    assert set(raw["variants"]) == set(registry)
    for name, given_ in raw["variants"].items():
        for revision, facts in given_.get("revisions", {None: given_}).items():
            found = registry.find(f"{name}@{revision}" if revision else name)
            member = facts.get("member", {})
            if isinstance(member, str):
                member = {"name": member}
            assert found.member.name == member.get("name")
            assert found.member.sha256 == member.get("sha256")
            assert found.member.bytes == member.get("bytes")
            group = raw.get("groups", {}).get(given_.get("group"), {})
            assert found.dimension == {**group, **given_}["dimension"]


def test_an_unknown_name_gets_the_nearest_ones() -> None:
    """A slip in a name is answered by the name that was meant."""
    with pytest.raises(UnknownVariantError, match=r"did you mean 'glove\.6B\.100d'"):
        glove_registry.info("Glove-6b-100d")


def test_a_registry_of_the_working_folder_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`add` writes it, and nothing reads it by itself: the error says to pass it."""
    monkeypatch.chdir(tmp_path)
    text = f"variants:\n  my.3d:\n    url: ./v.txt\n    sha256: {'0' * 64}\n"
    write(tmp_path / "registry.yaml", text)
    told = r"pass registry='registry\.yaml' \(--registry registry\.yaml\)"
    with pytest.raises(UnknownVariantError, match=told):
        glove_registry.load("my.3d")
    with pytest.raises(UnknownVariantError, match=r"called 'my\.4d': "):
        glove_registry.load("my.4d")
    write(tmp_path / "registry.yaml", "variants: [")
    with pytest.raises(UnknownVariantError) as caught:
        glove_registry.load("my.3d")
    assert "working folder" not in str(caught.value)


def test_an_unknown_revision_gets_the_ones_there_are() -> None:
    """A revision that does not exist is answered by those that do."""
    with pytest.raises(UnknownVariantError, match="'original', 'with-unk'"):
        glove_registry.info("glove.6B.50d@2013")
    with pytest.raises(UnknownVariantError, match="single revision"):
        glove_registry.info("glove.840B.300d@original")


@pytest.mark.parametrize("name", ["", "../x", "glove.6B.50d/..", None, 3, b"glove"])
def test_what_is_no_name_is_unknown(name: object) -> None:
    """Anything that is no name of the registry is one error, never a path."""
    with pytest.raises(UnknownVariantError):
        glove_registry.info(name)  # type: ignore[arg-type]


@settings(max_examples=30)
@given(st.text())
def test_any_text_is_found_or_unknown(name: str) -> None:
    """No text whatever makes a look-up fail in another way."""
    registry = Registry.default()
    if name.partition("@")[0] in registry:
        return
    with pytest.raises(UnknownVariantError):
        registry.find(name)


def test_groups_give_what_an_entry_leaves_out(tmp_path: Path) -> None:
    """A field of the entry wins over its group, which wins over the group's group."""
    text = (
        "groups:\n"
        "  outer: {license: MIT, corpus: outer, tokens: 1B}\n"
        "  inner: {group: outer, corpus: inner, tokens: 2B}\n"
        "variants:\n" + entry("v", "group: inner", "tokens: 3B")
    )
    found = Registry.from_file(write(tmp_path / "r.yaml", text)).find("v")
    assert (found.license, found.corpus, found.tokens) == ("MIT", "inner", "3B")


def test_revisions_are_joined_by_name(tmp_path: Path) -> None:
    """A group gives each revision its source, the entry gives each its member."""
    text = (
        "groups:\n  g:\n    revisions:\n"
        f"      one: {{url: 'https://example.org/1.zip', sha256: {A}, rows: 5}}\n"
        f"      two: {{url: 'https://example.org/2.zip', sha256: {B}, rows: 6}}\n"
        "variants:\n  v:\n    group: g\n    revisions:\n"
        f"      one: {{member: {{name: a, sha256: {B}}}}}\n"
        "      two: {member: b}\n"
    )
    registry = Registry.from_file(write(tmp_path / "r.yaml", text))
    one, two = registry.find("v"), registry.find("v@two")
    assert (one.revision, one.rows, one.member.name, one.anchor) == ("one", 5, "a", B)
    assert (two.revision, two.rows, two.member.name, two.anchor) == ("two", 6, "b", B)
    assert two.member.sha256 is None


def test_a_registry_takes_several_paths(tmp_path: Path) -> None:
    """Paths are str or path-like, and a single one is refused, not read by letters."""
    path = write(tmp_path / "own.yaml", "variants:\n" + entry("mine"))
    assert list(Registry([path])) == list(Registry([str(path)])) == ["mine"]
    for single in (path, str(path)):
        with pytest.raises(TypeError, match=r"expected several paths: write \["):
            Registry(single)  # type: ignore[arg-type]


def test_a_registry_of_ones_own_lies_above_the_built_in_one(tmp_path: Path) -> None:
    """registry= adds names and keeps the built-in ones."""
    path = write(tmp_path / "my.yaml", "variants:\n" + entry("mine"))
    assert glove_registry.info("mine", registry=path).name == "mine"
    assert glove_registry.info("glove.6B.50d", registry=path).dimension == 50


def test_the_environment_names_more_registries(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """GLOVE_REGISTRY_PATH is read at call time and may name several files."""
    first = write(tmp_path / "1.yaml", "variants:\n" + entry("one"))
    second = write(tmp_path / "2.yaml", "variants:\n" + entry("two"))
    with pytest.raises(UnknownVariantError):
        glove_registry.info("one")
    import os

    monkeypatch.setenv("GLOVE_REGISTRY_PATH", f"{first}{os.pathsep}{second}")
    assert glove_registry.info("one").origin.startswith(str(first))
    assert glove_registry.info("two").origin.startswith(str(second))


def test_a_built_in_name_is_replaced_only_on_purpose(tmp_path: Path) -> None:
    """A second entry of a name is refused, naming both places, unless it overrides."""
    path = write(tmp_path / "my.yaml", "variants:\n" + entry("glove.6B.50d"))
    with pytest.raises(RegistryError, match=r"my\.yaml:3.*registry\.yaml:\d+"):
        glove_registry.info("glove.6B.50d", registry=path)

    text = "variants:\n" + entry("glove.6B.50d", "override: true")
    write(path, text)
    assert glove_registry.info("glove.6B.50d", registry=path).anchor == A


def test_a_twin_by_case_is_refused_across_files(tmp_path: Path) -> None:
    """A name that differs from a built-in one in case alone is refused."""
    path = write(
        tmp_path / "my.yaml", "variants:\n" + entry("GloVe.6B.50d", "override: true")
    )
    with pytest.raises(RegistryError, match=r"as 'glove\.6B\.50d'"):
        glove_registry.info("GloVe.6B.50d", registry=path)


def test_a_relative_file_url_starts_beside_its_registry(tmp_path: Path) -> None:
    """file:data/v.txt means the folder of the registry file, from anywhere."""
    text = f"variants:\n  v:\n    url: file:data/v%20w.txt\n    sha256: {A}\n"
    found = Registry.from_file(write(tmp_path / "r.yaml", text)).find("v")
    assert found.sources[0].url == (tmp_path / "data" / "v w.txt").as_uri()


def test_patterns_list_by_name() -> None:
    """A shell pattern lists names without regard to case, in the file's order."""
    names = [v.name for v in glove_registry.list_variants("GLOVE.6b.*0d")]
    assert names == [f"glove.6B.{d}d" for d in (50, 100, 200, 300)]
    assert glove_registry.list_variants("nothing*") == []
    with pytest.raises(TypeError, match="expected a part of a name"):
        glove_registry.list_variants(None)  # type: ignore[arg-type]


def test_every_variant_says_how_to_cite_it_or_is_in_doubt() -> None:
    """Each built-in entry has a BibTeX citation and a homepage."""
    for variant in glove_registry.list_variants():
        assert variant.citation is not None
        assert re.match(r"@\w+\{\w+,", variant.citation)
        assert variant.homepage is not None


def test_every_variant_says_when_to_choose_it(tmp_path: Path) -> None:
    """Each built-in entry completes the sentence, and an entry's own wins."""
    for variant in Registry.default().list_revisions():
        assert variant.choose_when, variant.name
        assert variant.choose_when.rstrip().endswith("."), variant.name
        # It follows the words "Choose this when".
        assert variant.choose_when[0].islower(), variant.name
    text = (
        "groups:\n  g: {choose_when: outer}\n"
        "variants:\n"
        + entry("a", "group: g")
        + entry("b", "group: g", "choose_when: x")
    )
    mine = Registry.from_file(write(tmp_path / "r.yaml", text))
    assert [v.choose_when for v in mine.list_variants()] == ["outer", "x"]
