"""Load models without this package, and compare them with recorded results.

Print, as JSON, which files were loaded, and whether the results agree.
"""

import json
import sys
from pathlib import Path
from typing import Any

import keras
import numpy as np
from numpy.typing import NDArray

# As if the package were not installed.
sys.modules["glove_registry"] = None  # type: ignore[assignment]

folder = Path(sys.argv[1])
backend = keras.config.backend()
found: dict[str, list[str]] = {}


def check(name: str, predicted: NDArray[Any], maker: str) -> None:
    """Record a loaded model if its predictions are as before."""
    expected = np.load(folder / f"{maker}.npz")["predicted"][: len(predicted)]
    np.testing.assert_allclose(predicted, expected, atol=1e-5)
    found.setdefault(maker, []).append(name)


for path in sorted(folder.glob("*.keras")):
    maker = path.stem
    noted = np.load(folder / f"{maker}.npz")
    model = keras.saving.load_model(path)
    parts = getattr(model.layers[0], "layers", [model.layers[0]])
    assert all(type(part).__module__.startswith("keras.") for part in parts)
    assert sum(type(part) is keras.layers.Embedding for part in parts) in (1, 3)
    assert (model.layers[0].get_weights()[0] == noted["weights"]).all()
    check("keras", model.predict(noted["x"], verbose=0), maker)
    fresh = keras.models.clone_model(model)
    fresh.load_weights(folder / f"{maker}.weights.h5")
    check("weights", fresh.predict(noted["x"], verbose=0), maker)
    if backend == "tensorflow":
        # Exports that Keras does not support on the model's own backend.
        model.export(folder / f"{maker}.tflite", format="litert", verbose=False)
        model.export(folder / f"{maker}-of-tensorflow", verbose=False)

if backend == "torch":
    import torch

    # Keras exports to Torch for one text at a time.
    for path in folder.glob("*.pt2"):
        x = torch.from_numpy(np.load(folder / f"{path.stem}.npz")["x"][:1])
        exported = torch.export.load(path).module()
        check("export", exported(x).detach().numpy(), path.stem)

print(json.dumps(found))
