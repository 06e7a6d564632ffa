"""polars: `read_csv`, saved as uncompressed Arrow IPC, later mapped and joined."""

import polars as pl
from task import SAVED, TASK, TEXT, finish, read_words

if TASK == "first":
    with open(TEXT, "rb") as file:
        dimension = file.readline().count(b" ")
    numbers = {str(i): pl.Float32 for i in range(1, dimension + 1)}
    pl.read_csv(
        TEXT,
        has_header=False,
        separator=" ",
        quote_char=None,
        schema={"word": pl.String, **numbers},
    ).write_ipc(f"{SAVED}/vectors.arrow", compression="uncompressed")
else:
    words = pl.LazyFrame({"word": read_words()})
    table = pl.scan_ipc(f"{SAVED}/vectors.arrow")
    joined = words.join(table, on="word", how="left", maintain_order="left")
    rows = joined.collect()
    finish(rows.drop("word").fill_null(0).to_numpy(order="c"))
