"""Variants of a group that differ in one part of their names are a family."""

from hypothesis import given
from hypothesis import strategies as st

from glove_registry.registry import Variant
from glove_registry.registry.families import Family, fold_families
from glove_registry.registry.resource import Source

SOURCES = (Source(url="https://example.org/a"),)


def make(name: str, group: str | None = "g", language: str | None = None) -> Variant:
    """Make a variant."""
    return Variant(
        name=name, sources=SOURCES, group=group, language=language, origin="file:1"
    )


def show(folded: list[Variant | Family]) -> list[str]:
    """Show what was folded."""
    return [
        f"{one.pattern} {one.size}" if isinstance(one, Family) else one.name
        for one in folded
    ]


def test_a_family_stands_where_its_first_variant_stood() -> None:
    """What belongs to none stays in place, also between the variants of a family."""
    codes = ("de", "fr", "it", "es", "pt")
    family = [make(f"lab.{code}.300d", language=code) for code in codes]
    others = [make("first"), make("between.de.100d"), make("last", group=None)]
    listed = [others[0], *family[:2], others[1], *family[2:], others[2]]
    assert show(fold_families(listed)) == [
        "first",
        "lab.*.300d 5 languages",
        "between.de.100d",
        "last",
    ]


def test_what_is_no_family_is_listed_one_by_one() -> None:
    """Few variants, of no group, of several groups, or with two parts that differ."""
    for listed in (
        [make(f"lab.{n}.300d") for n in range(4)],
        [make(f"lab.{n}.300d", group=None) for n in range(9)],
        [make(f"lab.{n}.300d", group=f"g{n}") for n in range(9)],
        [make(f"lab.{n}.{n}d") for n in range(9)],
    ):
        assert fold_families(listed) == listed


def test_without_languages_of_their_own_they_are_variants() -> None:
    """Runs of one language are counted as variants."""
    listed = [make(f"lab.seed-{n}.50d", language="en") for n in range(6)]
    assert show(fold_families(listed)) == ["lab.*.50d 6 variants"]


@given(
    st.lists(
        st.tuples(
            st.sampled_from("ab"), st.sampled_from("xyz"), st.sampled_from("123456789")
        ),
        unique=True,
    )
)
def test_each_variant_is_listed_once(parts: list[tuple[str, ...]]) -> None:
    """No variant is lost or doubled, and a family's pattern has one star."""
    listed = [make(".".join(name)) for name in parts]
    seen: list[Variant] = []
    for one in fold_families(listed):
        if isinstance(one, Family):
            assert len(one.variants) >= 5
            assert one.pattern.split(".").count("*") == 1
            seen += one.variants
        else:
            seen.append(one)
    assert sorted(v.name for v in seen) == sorted(v.name for v in listed)
