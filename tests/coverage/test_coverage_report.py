"""A coverage fits a screen, makes a picture, and has a command."""

import dataclasses
import errno
import io
import json
import os
import subprocess
import sys
import unicodedata
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from entries import SMALL, sha256, write_registry
from fasttext_files import write_matrix, write_model
from hypothesis import example, given, settings
from hypothesis import strategies as st
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.image import imread
from matplotlib.patches import Rectangle
from matplotlib.text import Text

import glove_registry
from glove_registry import Coverage, Vectors
from glove_registry.cli import main
from glove_registry.coverage import Cause, Share, count_words, counts
from glove_registry.coverage.causes import make_rules
from glove_registry.errors import OutputError, VocabularyError

SAMPLE = "glove.6B.50d-first10k"
CHECKOUT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def vectors(tmp_path_factory: pytest.TempPathFactory) -> Vectors:
    """The embedded sample."""
    return glove_registry.load(SAMPLE, cache_dir=tmp_path_factory.mktemp("cache"))


def measure(line: str) -> int:
    """Count columns by Unicode's own tables, as terminals do."""
    wide = sum(unicodedata.east_asian_width(c) in "WF" for c in line)
    marks = sum(unicodedata.category(c) in ("Mn", "Me") for c in line)
    return len(line) + wide - marks


def check_screen(report: str) -> None:
    """See that a report fits a terminal, and that nothing in it moves the cursor."""
    lines = report.split("\n")
    assert len(lines) <= 24, report
    assert max(map(measure, lines)) <= 80, report
    assert all(line.isprintable() for line in lines), report
    assert not any(line.lstrip().startswith("%") for line in lines), report


@given(
    st.dictionaries(
        st.text(min_size=1, max_size=60), st.integers(1, 2**47), min_size=1, max_size=60
    ),
    st.booleans(),
)
@settings(deadline=None)  # a busy machine is no fault
@example({"\x1b[2J" * 30: 1, "\u6620" * 100: 1, "\u202ereversed": 1}, True)
@example({"\n": 1, "e" + "\u0301" * 200: 1, "\ud800": 1, "'\"\\": 1}, False)
def test_any_words_fit_the_screen(
    vectors: Vectors, words: dict[str, int], with_counts: bool
) -> None:
    """Whatever is in the words, the report is 24 lines of 80 columns, and it prints."""
    counter = Counter({**words, "film": 1})
    coverage = vectors.coverage(counter if with_counts else list(counter))
    check_screen(str(coverage))
    str(coverage).encode()


def test_the_largest_report_fits_the_screen(vectors: Vectors) -> None:
    """With all ways, all causes and the largest numbers it is still one screen."""
    share = Share(123_456_789, 10**15, 987_654_321, 2 * 10**15)
    words = ["\u6620\u753b" * 20, "a" * 80, "\x00" * 30]
    remedies = sorted(
        (rule.remedy for rule in make_rules(vectors, "fallback")), key=len
    )
    causes = [
        *(
            Cause(
                name=f"hyphens and slash{i}",
                share=share,
                examples=tuple(words),
                remedy=f"{remedy} ({'x' * 18!r} as {'y' * 18!r})",
            )
            for i, remedy in enumerate(reversed(remedies))
        ),
        Cause("not among this sample's 10,000,000 words", share, tuple(words), None),
    ]
    largest = Coverage(
        vectors="n" * 100,
        case="fallback",
        types=987_654_321,
        tokens=2 * 10**15,
        ways=dict.fromkeys(vectors.coverage(["film"]).ways, share),
        found=share,
        missed=share,
        causes=tuple(causes),
        misses=dict.fromkeys(words * 8, 10**15),
        padding=1,
        specials=2,
        outside=10**6,
    )
    report = str(largest)
    check_screen(report)
    assert "other causes" in report
    assert f"{(len(remedies) - 3) * 123_456_789:,}" in report
    assert "  not among this sample'...  " in report


def test_a_number_is_not_parted_from_its_percent_sign(vectors: Vectors) -> None:
    """Wherever a line has to end, it is not before a %."""
    coverage = vectors.coverage(Counter({"the": 2, "Film": 1, "don't": 1}))
    for length in range(1, 80):
        report = str(dataclasses.replace(coverage, vectors="n" * length))
        check_screen(report)
        assert "n covers" in report or "... covers" in report


def test_the_report_says_it_all(vectors: Vectors) -> None:
    """It has hits by way, misses by cause, shares, what is apart, and the hint."""
    counts = {"the": 60, "Film": 20, "don't": 9, "it's": 1, "flim": 10, "": 7}
    report = str(vectors.coverage(["", "[UNK]", *list(counts)[:-1]], counts))
    assert report.splitlines() == [
        f"{SAMPLE} covers 40.0 % of 5 types and 80.0 % of 100 tokens",
        "",
        "                                        types          tokens",
        "found                                       2  40.0 %      80  80.0 %",
        "  exact                                     1  20.0 %      60  60.0 %",
        "  lower case                                1  20.0 %      20  20.0 %",
        "missed                                      3  60.0 %      20  20.0 %",
        "  contractions                              2  40.0 %      10  10.0 %  "
        '"don\'t"',
        "  not among this sample's 10,000 words      1  20.0 %      10  10.0 %  'flim'",
        "",
        "not counted: 1 padding, 1 special",
        "most missed: 'flim' 10, \"don't\" 9, \"it's\" 1",
        "hint: Splitting contractions, as Penn Treebank tokenizers do, "
        '("don\'t" as "do',
        "      n't\") would fix 2 misses, 10.0 % of all tokens. This sample has only",
        "      10,000 words: glove.6B.50d has more.",
    ]


def test_a_report_without_counts_has_no_tokens(vectors: Vectors) -> None:
    """Nothing is said of tokens that nobody has counted."""
    report = str(vectors.coverage(["the", "Film", "don't"]))
    assert "tokens\n" not in report
    assert "covers 66.7 % of 3 types\n" in report
    assert "would fix 1 miss, 33.3 % of all types" in " ".join(report.split())


def find_texts(figure: Figure) -> list[Text]:
    """Find all that is written in a figure."""
    figure.draw_without_rendering()
    texts = [text for text in figure.findobj(Text) if isinstance(text, Text)]
    return [text for text in texts if text.get_text() and text.get_visible()]


def measure_bars(axes: Axes) -> list[tuple[float, float]]:
    """Say where each bar begins and how long it is."""
    bars = [bar for bar in axes.patches if isinstance(bar, Rectangle)]
    return [(round(bar.get_x(), 6), round(bar.get_width(), 6)) for bar in bars]


def test_the_picture_shows_the_numbers(vectors: Vectors) -> None:
    """Each way and cause has its bar, as long as its share, and its number."""
    counts = {"the": 60, "Film": 20, "don't": 9, "flim": 11}
    coverage = vectors.coverage(list(counts), counts)
    figure = coverage.plot()
    upper, lower = figure.axes
    # Of exact, lower case and missed: where the part of types, and that of tokens,
    # begins, and how long it is.
    assert measure_bars(upper) == [
        *((0, 0.25), (0, 0.6)),
        *((0.25, 0.25), (0.6, 0.2)),
        *((0.5, 0.5), (0.8, 0.2)),
    ]
    assert measure_bars(lower) == [(0, 0.09), (0, 0.11)]
    texts = [text.get_text() for text in find_texts(figure)]
    left_out = "not among this sample's 10,000 words"
    for text in ("contractions", left_out, "9.0 %, 1 type", "60.0 %"):
        assert text in texts


@pytest.mark.parametrize(
    "counts",
    [
        {"the": 60, "Film": 20, "don't": 9, "flim": 11},
        {"the": 1, "film.": 0, "flim": 0},
        {"the": 1},
        {"flim": 1},
        {"\u6620\u753b": 10**14, "$x^$": 1, "the": 1},
        {
            w + m: 1
            for w in ("film", "it")
            for m in (".", "'s", "-x", "<br", "\x97", "")
        },
    ],
    ids=repr,
)
@pytest.mark.parametrize("with_counts", [True, False])
def test_no_text_of_the_picture_overlaps_another(
    vectors: Vectors, counts: dict[str, int], with_counts: bool, tmp_path: Path
) -> None:
    """All that is written lies inside the picture, and nothing on anything else."""
    coverage = vectors.coverage(list(counts), counts if with_counts else None)
    figure = coverage.plot(tmp_path / "picture.png")
    pixels = imread(tmp_path / "picture.png")
    assert np.ptp(pixels) > 0.5
    height, width, _ = pixels.shape
    shown = [(t.get_text(), t.get_window_extent()) for t in find_texts(figure)]
    assert len(shown) >= 4
    for i, (text, box) in enumerate(shown):
        assert 0 <= box.x0 < box.x1 <= width and 0 <= box.y0 < box.y1 <= height, text
        assert not [other for other, its in shown[:i] if box.overlaps(its)], text


def test_words_that_are_composed_have_a_part_of_the_bar(tmp_path: Path) -> None:
    """A model of fastText has hits by n-grams, which the picture shows, too."""
    rows = write_matrix([[1, 2], [3, 4], [0.5, 1]])
    (tmp_path / "model.bin").write_bytes(
        write_model([b"film"], rows, 2, lengths=(3, 4), buckets=2)
    )
    composing = glove_registry.open_file(tmp_path / "model.bin")
    coverage = composing.coverage({"film": 1, "flimsy": 2})
    assert coverage.ways["n-grams"].types == 1
    assert "n-grams" in [text.get_text() for text in find_texts(coverage.plot())]


def test_pictures_have_the_format_of_their_ending(
    vectors: Vectors, tmp_path: Path
) -> None:
    """A path, as str or Path, is where the picture goes; its ending is its format."""
    coverage = vectors.coverage(["film", "flim"])
    for name, start in (("a.png", b"\x89PNG"), ("a.pdf", b"%PDF"), ("a.svg", b"<?xml")):
        assert isinstance(coverage.plot(str(tmp_path / name)), Figure)
        assert (tmp_path / name).read_bytes().startswith(start)
    with pytest.raises(OutputError, match=r"a\.xyz cannot be written: "):
        coverage.plot(tmp_path / "a.xyz")
    missing = os.strerror(errno.ENOENT)
    with pytest.raises(OutputError, match=rf"cannot be written \({missing}"):
        coverage.plot(tmp_path / "none" / "a.png")


def test_a_picture_leaves_pyplot_alone(tmp_path: Path) -> None:
    """Drawing imports no pyplot, and a report not even matplotlib."""
    code = (
        "import sys, glove_registry\n"
        f"vectors = glove_registry.load({SAMPLE!r})\n"
        "coverage = vectors.coverage(['film', 'flim'])\n"
        "print(coverage)\n"
        "assert 'matplotlib' not in sys.modules\n"
        "coverage.plot('a.png')\n"
        "assert 'matplotlib.pyplot' not in sys.modules\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True, cwd=tmp_path)
    assert (tmp_path / "a.png").is_file()


def test_without_matplotlib_it_says_what_to_install(
    vectors: Vectors,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """The error names the pip command; the report is printed all the same."""
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)
    monkeypatch.delitem(sys.modules, "glove_registry.figures.picture", raising=False)
    with pytest.raises(ImportError, match=r"pip install 'glove_registry\[plot\]'"):
        vectors.coverage(["film"]).plot()
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"film")))
    assert main(["coverage", SAMPLE, "-", "--plot", "a.png"]) == 1
    captured = capsys.readouterr()
    assert "covers 100 %" in captured.out
    assert captured.err.count("\n") == 1
    assert "pip install 'glove_registry[plot]'" in captured.err


TEXT = "the film , the FILM\n\n\u3000a\u00a0caf\u00e9 don't\r\nthe end"


def test_the_command_reports_on_a_text(
    tmp_path: Path, vectors: Vectors, capsys: pytest.CaptureFixture[str]
) -> None:
    """It says of a text what the library says of its tokens, to people and scripts."""
    path = tmp_path / "text.txt"
    path.write_bytes(TEXT.encode())
    words = "the film , the film a caf\u00e9 do n't the end"
    expected = vectors.coverage(Counter(words.split()))
    assert expected.tokens == 11
    assert main(["coverage", SAMPLE, str(path)]) == 0
    assert capsys.readouterr().out == f"{expected}\n"
    assert main(["coverage", SAMPLE, str(path), "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == expected.to_dict()


def test_the_command_reads_standard_input(tmp_path: Path) -> None:
    """`-` is what comes through a pipe, and a byte order mark is no part of a word."""
    done = subprocess.run(
        [sys.executable, "-m", "glove_registry", "coverage", SAMPLE, "-", "--json"],
        input=b"\xef\xbb\xbfthe the flim",
        capture_output=True,
        check=True,
    )
    found = json.loads(done.stdout)
    assert (found["types"], found["tokens"]) == (2, 3)
    assert found["top_misses"] == [{"word": "flim", "count": 1}]
    assert done.stderr == b""


def test_a_list_of_words_is_no_text(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A file of one word on each line has no tokens, and keeps its order."""
    (tmp_path / "vocabulary.txt").write_text("[UNK]\nthe\nxyzzy\nfilm\nflim\n")
    arguments = ["coverage", SAMPLE, str(tmp_path / "vocabulary.txt"), "--json"]
    assert main(arguments) == 0
    found = json.loads(capsys.readouterr().out)
    assert (found["types"], found["tokens"], found["specials"]) == (4, None, 1)
    assert [miss["word"] for miss in found["top_misses"]] == ["xyzzy", "flim"]


def test_the_command_draws(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """--plot writes a picture beside the report."""
    (tmp_path / "text.txt").write_text("the film , the flim")
    picture = tmp_path / "a.png"
    arguments = ["coverage", SAMPLE, str(tmp_path / "text.txt"), "--plot", str(picture)]
    assert main(arguments) == 0
    assert "covers 75.0 % of 4 types" in capsys.readouterr().out
    assert picture.read_bytes().startswith(b"\x89PNG")


@pytest.mark.parametrize("name", ["a", "a.", ".png"])
def test_a_picture_is_written_to_its_path_or_not_at_all(
    name: str, tmp_path: Path, vectors: Vectors
) -> None:
    """Without an ending there is no format, and nothing is written elsewhere."""
    with pytest.raises(OutputError, match="its ending decides the format: name a"):
        vectors.coverage(["film"]).plot(tmp_path / name)
    assert [*tmp_path.iterdir()] == []


def test_the_command_knows_registries_of_ones_own(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """--registry adds entries, as for every command that takes a name."""
    (tmp_path / "v.txt").write_bytes(SMALL)
    registry = write_registry(tmp_path, "mine", url="file:v.txt", sha256=sha256(SMALL))
    (tmp_path / "text.txt").write_text("the film of the flim")
    arguments = ["coverage", "mine", str(tmp_path / "text.txt")]
    assert main([*arguments, "--registry", str(registry)]) == 0
    assert "mine covers 75.0 % of 4 types and 80.0 % of 5 tokens" in (
        capsys.readouterr().out
    )


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (None, "text.txt cannot be read (No such file or directory)"),
        ("folder", "text.txt cannot be read (Is a directory)"),
        (b"", "text.txt has no words"),
        (b"\xef\xbb\xbf \n\t\n", "text.txt has no words"),
        (
            b"the caf\xe9 film",
            "text.txt is not a UTF-8 text: it has the bytes e9 20 66",
        ),
        (b"the film \xc3", "text.txt is not a UTF-8 text: it has the bytes c3;"),
        ("film".encode("utf-16"), "it has the bytes ff fe 66 00; unpack it, or"),
        (b"\x1f\x8b\x08\x00film", "text.txt is not a UTF-8 text"),
        (b"[UNK]\n<s>", "the vocabulary has no word"),
    ],
    ids=repr,
)
def test_a_file_that_is_no_text_is_one_sentence(
    content: bytes | str | None,
    words: str,
    tmp_path: Path,
    cache_root: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """A file without words gives one line and exit status 1, before anything loads."""
    path = tmp_path / "text.txt"
    if isinstance(content, bytes):
        path.write_bytes(content)
    elif content:
        path.mkdir()
    assert main(["coverage", SAMPLE, str(path)]) == 1
    captured = capsys.readouterr()
    assert words in captured.err
    assert captured.err.count("\n") == 1
    assert captured.out == ""
    assert not cache_root.exists() or content == b"[UNK]\n<s>"


@pytest.mark.parametrize(
    ("arguments", "status", "words"),
    [
        (["glove.6b.50d", "text.txt"], 2, "did you mean 'glove.6B.50d'"),
        (["glove.2024.dolma.300d", "text.txt"], 1, "has no checksum"),
        ([SAMPLE, "text.txt", "--plot", "none/a.png"], 1, "none/a.png cannot be"),
        ([SAMPLE, "text.txt", "--plot", "a.xyz"], 1, "Format 'xyz' is not supported"),
        ([SAMPLE], 2, "FILE"),
        ([], 2, "NAME, FILE"),
    ],
)
def test_a_mistake_is_one_sentence(
    arguments: list[str],
    status: int,
    words: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """A user's mistake gives a sentence on stderr, an exit code, and no exception."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "text.txt").write_text("the film the")
    try:
        ended = main(["coverage", *arguments])
    except SystemExit as usage:
        ended = usage.code  # type: ignore[assignment]
    assert ended == status
    assert words in capsys.readouterr().err


@given(
    st.text(
        st.sampled_from("ab \n\t\r\u00e9\u6620\U0001f600\u3000\x85\u2028"), min_size=1
    ),
    st.integers(1, 9),
)
@settings(deadline=None)  # a busy machine is no fault
def test_words_are_whole_wherever_a_block_ends(text: str, block: int) -> None:
    """Read in blocks of any size, the words are those of the text as a whole."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(counts, "_BLOCK", block)
        patch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(text.encode())))
        if text.split():
            found = count_words("-")
            assert list(found.items()) == list(Counter(text.split()).items())
        else:
            with pytest.raises(VocabularyError, match="standard input has no words"):
                count_words("-")


@pytest.mark.slow
def test_a_long_text_is_not_held_in_memory(tmp_path: Path) -> None:
    """Counting 200 MB of text, all on one line, takes a few MB."""
    path = tmp_path / "text.txt"
    with path.open("w") as file:
        for _ in range(200):
            file.write("the film and a caf\u00e9 " * 50_000)
    code = (
        "import resource, sys\n"
        "from glove_registry.coverage import count_words\n"
        "before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss\n"
        "counted = count_words(sys.argv[1])\n"
        "after = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss\n"
        "assert counted['film'] == 10_000_000, counted\n"
        "print(after - before)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, path], capture_output=True, text=True, check=True
    )
    assert int(done.stdout) < 50_000  # in KiB


def test_help_says_what_a_file_is(capsys: pytest.CaptureFixture[str]) -> None:
    """--help names the two kinds of file and what to do with standard input."""
    with pytest.raises(SystemExit):
        main(["coverage", "--help"])
    said = " ".join(capsys.readouterr().out.split())
    for part in ("split into tokens", "a vocabulary", "standard input", "--plot"):
        assert part in said


@pytest.mark.parametrize(
    ("text", "types"),
    [
        ("a good film, isn't it?", 8),  # a , film good is it n't ?
        ("good film,\nisn't", 5),
        ("film,\nisn't\n", 2),  # a vocabulary
        ("isn't\nisn't\n", 2),  # is n't
    ],
)
def test_a_file_is_a_text_unless_each_line_has_a_word_of_its_own(
    text: str, types: int, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Words of a text become tokens; those of a vocabulary stay as they are."""
    path = tmp_path / "file.txt"
    path.write_text(text)
    assert main(["coverage", "glove.6B.50d-first10k", str(path), "--json"]) == 0
    report = json.loads(capsys.readouterr().out)
    assert report["types"] == types
