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
    """

    key: str
    title: str
    script: str
    keeps: bool = True


THIS = Contender("this", "**glove_registry**", "this_package.py")
FLOOR = Contender("floor", "python and `import numpy` alone", "floor.py", keeps=False)
TUTORIAL = Contender(
    "tutorial", "the Keras tutorial's loop", "tutorial.py", keeps=False
)
ANCESTOR = Contender("kerasglove", "kerasglove's loop", "ancestor.py", keeps=False)
GENSIM = Contender("gensim", "gensim", "with_gensim.py")
REACH = Contender("reach", "reach", "with_reach.py")
POLARS = Contender("polars", "polars", "with_polars.py")
PANDAS = Contender("pandas", "pandas", "with_pandas.py")

# In the order in which they are run.
CONTENDERS = (FLOOR, THIS, TUTORIAL, ANCESTOR, GENSIM, REACH, POLARS, PANDAS)
