"""polars: `read_csv`, saved as uncompressed Arrow IPC, later mapped and joined."""

import polars as pl
from polars_read import read_text
from task import SAVED, TASK, TEXT, finish, read_words

if TASK == "first":
    table = read_text(TEXT)
    table.write_ipc(f"{SAVED}/vectors.arrow", compression="uncompressed")
else:
    words = pl.LazyFrame({"word": read_words()})
    saved = pl.scan_ipc(f"{SAVED}/vectors.arrow")
    joined = words.join(saved, on="word", how="left", maintain_order="left")
    rows = joined.collect()
    finish(rows.drop("word").fill_null(0).to_numpy(order="c"))
