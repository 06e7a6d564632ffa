"""Damage files and stores at random, and check that no damage goes unnoticed.

This runs as a separate process, as damage may crash it: ``python damage.py files 0
300`` checks the damaged files 0 to 299, ``stores`` does so for stores. Each case is a
line of output, and the same in each run; the first failure ends the process.
"""

import faulthandler
import os
import shutil
import sys
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext, suppress
from pathlib import Path
from random import Random

from plain_reader import NoVectors, read_plainly
from written_files import CONTAINERS, FORMS, Row, blocks_of, make_quick_folder

import glove_registry
from glove_registry import Registry
from glove_registry.cache import Cache
from glove_registry.errors import FormatError, GloveRegistryError
from glove_registry.store.numbers import NUMBER_TYPES
from glove_registry.store.verify import verify_items
from glove_registry.vectors import Vectors

# Limits of one case, which takes milliseconds, and of the process.
SECONDS = 20.0
MEMORY = 3 << 30

TOKENS = [
    b"the",
    b",",
    b"'s",
    b"nan",
    b"7",
    b"",
    b"\xc2\x85",
    b"\xff\0",
    b"a\r",
    b"the",
]
WITH_BLANKS = [b". . .", b" ", b"at x@y.org"]
NUMBERS = ["0", "-1.5", "0.41800", "1e-3", "+.5", "3.4e38", "-0", "12345678", "1E5"]
SCRAPS = [b" ", b"\n", b"\r\n", b"\0", b"1", b".", b"e", b"-", b"nan", b" 1.5", b"1e99"]
COUNTS = [b"0", b"1", b"2", b"3", b"4", b"9", b"-1", b"999999999", b"9" * 18, b"9" * 40]


def write_some_file(random: Random) -> bytes:
    """Return a few rows in any format and container, sometimes damaged inside it."""
    form = random.choice(list(FORMS))
    tokens = TOKENS if form == "word2vec-binary" else TOKENS + WITH_BLANKS
    if form == "fasttext":
        tokens = [token for token in tokens if b"\0" not in token]
    dimension = random.randint(1, 3)
    rows: list[Row] = [
        (random.choice(tokens), random.choices(NUMBERS, k=dimension))
        for _ in range(random.randint(1, 8))
    ]
    content = FORMS[form](rows)
    if random.random() < 0.4:
        content = damage(content, FORMS[form](rows[::-1]), random)
    return CONTAINERS[random.choice(list(CONTAINERS))](content)


# -- damage -------------------------------------------------------------------------


def damage(content: bytes, other: bytes, random: Random) -> bytes:
    """Return content damaged in one of these ways; `other` is another file."""
    return random.choice(DAMAGES)(content, other, random)


def pick(content: bytes, random: Random) -> int:
    """Return a place, often near an end, where headers are."""
    near = min(len(content), 60)
    return random.choice(
        [
            random.randint(0, len(content)),
            random.randint(0, near),
            len(content) - random.randint(0, near),
        ]
    )


def pick_slice(content: bytes, random: Random) -> tuple[int, int]:
    """Return the bounds of a short piece."""
    start = pick(content, random)
    return start, start + random.choice([1, 1, 2, 4, 8, 30])


def flip_bits(content: bytes, other: bytes, random: Random) -> bytes:
    """Flip one bit or a few."""
    changed = bytearray(content)
    for _ in range(random.choice([1, 1, 1, 2, 5])):
        if changed:
            changed[pick(content, random) - 1] ^= 1 << random.randrange(8)
    return bytes(changed)


def overwrite(content: bytes, other: bytes, random: Random) -> bytes:
    """Replace a piece by zeros, ones or random bytes."""
    start, stop = pick_slice(content, random)
    stop = min(stop, len(content))
    piece = random.choice([b"\0", b"\xff", random.randbytes(1)]) * (stop - start)
    return content[:start] + piece + content[stop:]


def cut_off(content: bytes, other: bytes, random: Random) -> bytes:
    """Remove the end or the beginning."""
    place = pick(content, random)
    return random.choice([content[:place], content[:place], content[place:]])


def delete(content: bytes, other: bytes, random: Random) -> bytes:
    """Remove a piece."""
    start, stop = pick_slice(content, random)
    return content[:start] + content[stop:]


def insert(content: bytes, other: bytes, random: Random) -> bytes:
    """Insert something."""
    place = pick(content, random)
    scrap = random.choice([*SCRAPS, random.randbytes(random.randint(1, 9))])
    return content[:place] + scrap + content[place:]


def repeat(content: bytes, other: bytes, random: Random) -> bytes:
    """Repeat a piece, or all of it."""
    start, stop = random.choice([pick_slice(content, random), (0, len(content))])
    return content[:stop] + content[start:stop] + content[stop:]


def swap(content: bytes, other: bytes, random: Random) -> bytes:
    """Swap two pieces."""
    a, b, c = sorted(pick(content, random) for _ in range(3))
    return content[:a] + content[b:c] + content[a:b] + content[c:]


def splice(content: bytes, other: bytes, random: Random) -> bytes:
    """Continue with another file from some place on, or after the end."""
    place = random.choice([pick(content, random), len(content)])
    return content[:place] + other[random.choice([0, pick(other, random)]) :]


def renumber(content: bytes, other: bytes, random: Random) -> bytes:
    """Change a number of the first line, which may be a header."""
    line, end, rest = content.partition(b"\n")
    fields = line.split(b" ")
    fields[random.choice([0, -1])] = random.choice(COUNTS)
    return b" ".join(fields) + end + rest


DAMAGES: list[Callable[[bytes, bytes, Random], bytes]] = [
    *(flip_bits, overwrite, cut_off, delete, insert),
    *(repeat, swap, splice, renumber),
]


# -- verdicts -----------------------------------------------------------------------


def judge_file(folder: Path, random: Random) -> str:
    """Check that a file, probably damaged, gives the rows it contains or an error."""
    content = write_some_file(random)
    if random.random() < 0.6:
        content = damage(content, write_some_file(random), random)
    path, cache = folder / "file", folder / "cache"
    path.write_bytes(content)
    block = random.choice([None, 7, 50])
    try:
        tokens, numbers = read_plainly(content)
        # A token that occurs twice means its first row.
        expected = tokens, numbers, [*map(tokens.index, tokens), -1]
    except NoVectors:
        expected = None
    try:
        with blocks_of(block) if block else nullcontext(), ignoring_warnings():
            vectors = glove_registry.open_file(path, cache_dir=cache)
    except FormatError as error:
        assert expected is None, f"refused: {error}"  # noqa: PT017 - pytest is not here
        assert [*cache.glob("stores/*"), *cache.glob("tmp/*")] == []
        return "refused"
    assert use(vectors) == expected
    assert len([*cache.glob("stores/*"), *cache.glob("tmp/*")]) == 1
    return "read"


def judge_store(folder: Path, random: Random) -> str:
    """Check that a damaged store is compiled again, or that `verify` finds it."""
    rows = [(b"w%d" % i, [str(i), str(-i / 3)]) for i in range(40)]
    path, root = folder / "file", folder / "cache"
    path.write_bytes(FORMS["glove"](rows))
    dtype = random.choice(NUMBER_TYPES)

    def load() -> Vectors:
        return glove_registry.open_file(path, cache_dir=root, dtype=dtype)

    expected = use(load())
    (store,) = (root / "stores").iterdir()
    before = {file.name: file.read_bytes() for file in store.iterdir()}
    name, other = random.sample(sorted(before), 2)
    if random.random() < 0.2:
        return change_while_mapped(load(), store / name, before[other], random)
    # A changed size is noticed at once: mostly it is kept.
    harm = random.choice([flip_bits, flip_bits, overwrite, swap, damage])
    (store / name).write_bytes(harm(before[name], before[other], random))
    try:
        vectors = load()
    except GloveRegistryError:
        return "refused"
    # Look-ups read what is whole, and the numbers are mapped as long as they were.
    assert vectors.rows([f"w{row}" for row in range(40)]).tolist() == [*range(40)]
    tokens, numbers, found = use(vectors)
    assert (tokens, found) == (expected[0], expected[2])
    files = sorted(set(before) - {"manifest.json"})
    after = {file: (store / file).read_bytes() for file in files}
    assert [len(after[file]) for file in files] == [len(before[file]) for file in files]
    changed = [file for file in files if after[file] != before[file]]
    if not changed:
        assert numbers == expected[1]
        return "whole"
    assert changed == ["vectors.npy"]
    assert any(verdict.fault for verdict in verify_items(Cache(root), Registry()))
    return "changed"


def change_while_mapped(
    vectors: Vectors, path: Path, other: bytes, random: Random
) -> str:
    """Check that damage to a store in use gives anything but a crash."""
    content = path.read_bytes()
    harm = random.choice([flip_bits, overwrite, swap])
    with path.open("r+b") as opened:
        opened.write(harm(content, other, random)[: len(content)])
    # A scale may be so large that rows overflow, which is a warning.
    expected = IndexError, ValueError, MemoryError, RuntimeWarning
    with suppress(*expected):
        vectors.rows([f"w{row}" for row in range(40)])
    with suppress(*expected):
        use(vectors)
    return "mapped"


@contextmanager
def ignoring_warnings() -> Iterator[None]:
    """Ignore warnings about a file, which is damaged here."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


def use(vectors: Vectors) -> tuple[list[bytes], list[bytes], list[int]]:
    """Read everything: return tokens, numbers, and the rows of words."""
    words = list(vectors.tokens)
    for row in range(len(vectors)):
        vectors.tokens[row]
    found = [vectors.row(word) if word in vectors else -1 for word in [*words, "none"]]
    tokens = [word.encode("utf-8", "surrogateescape") for word in words]
    return tokens, [row.tobytes() for row in vectors.matrix], found


def main(what: str, first: str, count: str) -> None:
    """Check a number of cases from a first one on."""
    judge = {"files": judge_file, "stores": judge_store}[what]
    with suppress(ImportError):
        import resource

        # However much a header announces, no more is asked for than is there.
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    # What goes wrong where nobody can catch it, such as a file that is never closed.
    sys.unraisablehook = lambda fault: (sys.__unraisablehook__(fault), os._exit(1))
    with make_quick_folder() as folder:
        for number in range(int(first), int(first) + int(count)):
            print(number, end=" ", flush=True)
            faulthandler.dump_traceback_later(SECONDS, exit=True)
            case = Path(folder, str(number))
            case.mkdir()
            print(judge(case, Random(f"{what} {number}")), flush=True)
            shutil.rmtree(case)


if __name__ == "__main__":
    main(*sys.argv[1:])
