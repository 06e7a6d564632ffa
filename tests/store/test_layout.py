"""The arrays of a store are numpy files, and its text is known by complete hashes."""

import io
from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from glove_registry.cache.places import FORMAT_VERSION
from glove_registry.registry import Member, Source, Variant
from glove_registry.store.layout import (
    Manifest,
    holds_text_of,
    make_header,
)


@given(
    dtype=st.sampled_from(["<f4", "<i4", "<i8"]),
    shape=st.lists(st.integers(0, 2**40), min_size=1, max_size=2).map(tuple),
)
def test_a_header_is_the_one_that_numpy_writes(
    dtype: str, shape: tuple[int, ...]
) -> None:
    """A header has the same bytes as numpy's, so that any tool can read the file."""
    file = io.BytesIO()
    np.lib.format.write_array_header_1_0(
        file, {"descr": dtype, "fortran_order": False, "shape": shape}
    )
    assert make_header(dtype, shape) == file.getvalue()


def test_headers_of_each_length_are_those_of_numpy() -> None:
    """A header is padded as numpy pads it, for numbers of any length."""
    for rows, columns in product((10**i for i in range(20)), repeat=2):
        shape = (rows, columns)
        file = io.BytesIO()
        np.lib.format.write_array_header_1_0(
            file, {"descr": "<f4", "fortran_order": False, "shape": shape}
        )
        assert make_header("<f4", shape) == file.getvalue()


OTHER = "b" * 64
TEXT, ARCHIVE = "1" * 64, "2" * 64
IN_ARCHIVE = {"url_sha256": ARCHIVE, "member": "a.txt"}


@pytest.mark.parametrize(
    ("member", "provenance", "same"),
    [
        (Member(sha256=TEXT), {}, True),
        (Member(sha256=TEXT), {"sha256": OTHER}, False),
        # A text that is known is not held to its archive.
        (Member(sha256=TEXT, name="b.txt"), IN_ARCHIVE, True),
        (Member(sha256=OTHER, name="a.txt"), IN_ARCHIVE, False),
        (Member(name="a.txt"), IN_ARCHIVE, True),
        (Member(name="b.txt"), IN_ARCHIVE, False),
        (Member(), IN_ARCHIVE, False),
        (Member(name="a.txt"), {**IN_ARCHIVE, "url_sha256": OTHER}, False),
        # The archive was not read to its end.
        (Member(name="a.txt"), {**IN_ARCHIVE, "url_sha256": None}, False),
        (Member(name="a.txt"), {}, False),
        # The file at the URL is the text itself.
        (Member(), {"sha256": ARCHIVE}, True),
        (Member(), {"url_sha256": ARCHIVE, "member": None}, True),
    ],
)
def test_whose_text_a_store_holds(
    member: Member, provenance: dict[str, str], same: bool
) -> None:
    """A text is known by its sha256, or by its archive's and the member's name."""
    manifest = Manifest(
        format_version=FORMAT_VERSION,
        rows=1,
        dimension=1,
        distinct=1,
        dtype="float32",
        provenance={"sha256": TEXT, **provenance},
        files={},
    )
    source = Source(url="https://example.org/a.zip", sha256=ARCHIVE)
    variant = Variant(name="a", sources=(source,), member=member)
    assert holds_text_of(manifest, variant) == same
