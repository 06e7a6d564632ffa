"""Who is compared: a name, the way it goes, and what it keeps."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Contender:
    """One way from a text to the vectors.

    Attributes
    ----------
    key : str
        Short name, by which others refer to it.
    title : str
        What readers of the tables see.
    script : str
        The file in ``ways`` that is run.
    keeps : bool
        Whether a first use leaves something that later uses are faster by. Who keeps
        nothing does the same each time.
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

# In the order of their turns.
CONTENDERS = (FLOOR, THIS, TUTORIAL, ANCESTOR, GENSIM, REACH, POLARS, PANDAS)
