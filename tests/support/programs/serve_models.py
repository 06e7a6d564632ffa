"""Serve exported models with TensorFlow alone: neither Keras nor this package.

Print, as JSON, which models were served, and their sizes.
"""

import json
import sys
from pathlib import Path

# Before TensorFlow, which would import Keras on demand.
for absent in ("glove_registry", "keras", "tf_keras"):
    sys.modules[absent] = None  # type: ignore[assignment]

import numpy as np  # noqa: E402
import tensorflow as tf  # noqa: E402

folder = Path(sys.argv[1])
found: dict[str, int] = {}

for path in sorted(folder.iterdir()):
    maker = path.name.removesuffix(".tflite").partition("-")[0]
    if path.suffix == ".tflite":
        interpreter = tf.lite.Interpreter(str(path))
        (given,) = interpreter.get_input_details()
        (wanted,) = interpreter.get_output_details()
        noted = np.load(folder / f"{maker}.npz")
        interpreter.resize_tensor_input(given["index"], noted["x"].shape)
        interpreter.allocate_tensors()
        interpreter.set_tensor(given["index"], noted["x"])
        interpreter.invoke()
        predicted = interpreter.get_tensor(wanted["index"])
        found[path.name] = path.stat().st_size
    elif path.is_dir():
        noted = np.load(folder / f"{maker}.npz")
        served = tf.saved_model.load(str(path))
        predicted = served.serve(noted["x"]).numpy()
        files = (file for file in path.rglob("*") if file.is_file())
        found[path.name] = sum(file.stat().st_size for file in files)
    else:
        continue
    np.testing.assert_allclose(predicted, noted["predicted"], atol=1e-5)

print(json.dumps(found))
