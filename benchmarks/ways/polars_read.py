"""polars: `read_csv` alone; nothing is verified, saved or looked up."""

import polars as pl
from task import TEXT


def read_text(path: str) -> pl.DataFrame:
    """Read a text of GloVe's: a column for the word, and one for each number."""
    with open(path, "rb") as file:
        dimension = file.readline().count(b" ")
    numbers = {str(i): pl.Float32 for i in range(1, dimension + 1)}
    return pl.read_csv(
        path,
        has_header=False,
        separator=" ",
        quote_char=None,
        schema={"word": pl.String, **numbers},
    )


if __name__ == "__main__":
    read_text(TEXT)
