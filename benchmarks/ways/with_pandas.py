"""pandas: `read_csv`, saved as uncompressed parquet, later read and reindexed."""

import csv

import numpy as np
import pandas as pd
from task import SAVED, TASK, TEXT, finish, read_words

if TASK == "first":
    with open(TEXT, "rb") as file:
        dimension = file.readline().count(b" ")
    names = ["word", *map(str, range(1, dimension + 1))]
    pd.read_csv(
        TEXT,
        sep=" ",
        names=names,
        index_col=False,
        quoting=csv.QUOTE_NONE,
        na_filter=False,
        dtype={"word": "str", **dict.fromkeys(names[1:], np.float32)},
    ).to_parquet(f"{SAVED}/vectors.parquet", compression=None)
else:
    words = read_words()
    table = pd.read_parquet(f"{SAVED}/vectors.parquet").set_index("word")
    rows = table.reindex(words, fill_value=0)
    finish(np.ascontiguousarray(rows.to_numpy(), np.float32))
