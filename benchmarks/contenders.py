"""The libraries that are compared."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Contender:
    """One way from a text to the vectors.

    Attributes
    ----------
    key : str
        Short name, used in code.
    title : str
        Name in tables.
    script : str
        The file in ``ways`` that is run.
    keeps : bool
        Whether the first use saves something that makes later uses faster; otherwise
        all uses do the same.
    parts : tuple of str
        The parts of the benchmark in which it is run.
    """

    key: str
    title: str
    script: str
    keeps: bool = True
    parts: tuple[str, ...] = ("first", "later")


FLOOR = Contender(
    "floor", "python and `import numpy` alone", "floor.py", False, ("later",)
)
THIS = Contender(
    "this",
    "**glove_registry**",
    "this_package.py",
    parts=("first", "later", "cold", "load"),
)
ZIP = Contender(
    "zip", "**glove_registry**, from a zip", "this_package.py", parts=("first",)
)
TUTORIAL = Contender("tutorial", "the Keras tutorial's loop", "tutorial.py", False)
ANCESTOR = Contender("kerasglove", "kerasglove's loop", "ancestor.py", False)
GENSIM = Contender(
    "gensim", "gensim", "with_gensim.py", parts=("first", "later", "cold")
)
REACH = Contender("reach", "reach", "with_reach.py")
POLARS = Contender("polars", "polars", "with_polars.py")
BARE_READ = Contender(
    "polars-read", "polars, `read_csv` alone", "polars_read.py", False, ("first",)
)
PANDAS = Contender("pandas", "pandas", "with_pandas.py")

# In the order in which they are run.
CONTENDERS = (
    FLOOR,
    THIS,
    ZIP,
    TUTORIAL,
    ANCESTOR,
    GENSIM,
    REACH,
    BARE_READ,
    POLARS,
    PANDAS,
)
