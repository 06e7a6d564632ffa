"""reach: read from text, saved in its fast format."""

from reach import Reach
from task import SAVED, TASK, TEXT, finish, read_words

if TASK == "first":
    # A row of zeros for unknown words.
    Reach.load(TEXT, unk_word="<no such word>").save_fast_format(f"{SAVED}/vectors")
else:
    words = read_words()
    finish(Reach.load_fast_format(f"{SAVED}/vectors").vectorize(words))
