"""A small model and table that floret 0.10.5 has written, and what it computes.

train_unsupervised(text, mode="floret", bucket=16, dim=2, minn=2, maxn=3, hashCount=2)
"""

import base64
import zlib

import numpy as np

_MODEL = (
    "c-"
    "q?~=C9Agz`(!+#H>)vh(t3%u>h22MiNT_VqIsM*N@Dk>|uIAU<;J~4+SL|sSGwyF^06voLmM"
    "u81L}PlEW(z+-K95KAW=!!MD*bwnOk3M4>bjlzy9dbzeyQNxR<<=I#6S;KE)893Xqnyge-Ir"
    "`jBNd4Bgd(<9cO4@&P@^;gK|<i3f!k92ifPu|45=iS5~*85-"
    "j@A+=(ViV2PzFYHQ9bA0JhCjRam%p=y>EG#-y*rdI4oJV=70P$dsyvQ$PtVTZ*3);M-"
    "18%DA6&nylE$7DtL1FqAp>*x>M!rD4T>M_7To;P+F<GH-"
    "JddJZ5DnG*rT}bp7m;zOS@OSf4+Oq!&}w>tqp@U"
)
MODEL = zlib.decompress(base64.b85decode(_MODEL))

# As by save_floret_vectors: with 5 digits, and a space after each number.
TABLE = b"""\
16 2 2 3 2 2166136261 < >
0 -0.019362 0.018272\x20
1 -0.006345 0.0059879\x20
2 -0.0095067 0.0089716\x20
3 -0.0044478 0.0041975\x20
4 -0.0080382 0.0075858\x20
5 -0.01269 0.011976\x20
6 -0.0041211 0.0038892\x20
7 -0.0080382 0.0075858\x20
8 -0.0077115 0.0072775\x20
9 -0.006345 0.0059879\x20
10 -0.0035904 0.0033883\x20
11 -0.0017952 0.0016942\x20
12 -0.0081402 0.007682\x20
13 -0.024625 0.023239\x20
14 -0.0041211 0.0038892\x20
15 -0.010262 0.0096845\x20
"""

WORDS = ["the", "film", "été", "日本", "</s>"]
# By get_word_vector, as float32.
VECTORS = {
    "the": ["-0x1.0b81120000000p-5", "0x1.f8e5500000000p-6"],
    "film": ["-0x1.885c4a0000000p-7", "0x1.7246d40000000p-7"],
    "été": ["-0x1.de3e3e0000000p-7", "0x1.c353520000000p-7"],
    "日本": ["-0x1.26c2a60000000p-7", "0x1.162b7c0000000p-7"],
    "</s>": ["0x0.0p+0", "0x0.0p+0"],
    "flimsical": ["-0x1.4d980a0000000p-7", "0x1.3ad1500000000p-7"],
    "Été": ["-0x1.56e83e0000000p-7", "0x1.439b5a0000000p-7"],
    "日": ["-0x1.0075ba0000000p-7", "0x1.e40ce20000000p-8"],
    "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx": [
        "-0x1.60ce0a0000000p-7",
        "0x1.4cf2720000000p-7",
    ],
}
ROWS = {
    word: np.array([*map(float.fromhex, numbers)], np.float32)
    for word, numbers in VECTORS.items()
}
