"""Networks in ONNX Runtime: the one place that opens them, for every model."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from livedraft.errors import MissingExtraError, WeightsError

try:
    import onnxruntime as ort
    from onnxruntime.capi.onnxruntime_pybind11_state import (
        Fail,
        InvalidArgument,
        InvalidGraph,
        InvalidProtobuf,
        NotImplemented,
    )
except ModuleNotFoundError:
    raise MissingExtraError("server", "a model of ours") from None

__all__ = ["Floats", "Graph", "Weights", "opened", "ort", "providers"]  # nobody else imports it

Floats = NDArray[np.float32]
Weights = Mapping[str, Floats]

CPU = ("CPUExecutionProvider",)


class Graph:
    """One network, ready to run."""

    def __init__(self, session: ort.InferenceSession, changed: Weights | None = None) -> None:
        self._session, self._changed = session, dict(changed or {})

    def run(self, **inputs: NDArray[Any]) -> Floats:
        """Return the first output."""
        return self.run_all(None, **inputs)[0]

    def run_all(self, outputs: list[str] | None, **inputs: NDArray[Any]) -> list[Floats]:
        """Return the named outputs, or all; what only the others need is not computed."""
        found: list[Any] = list(self._session.run(outputs, inputs | self._changed))
        return found

    def shape(self, name: str) -> list[int | str]:
        """Return the shape of an input, with names of what may be any number."""
        found: list[int | str] = next(
            value.shape for value in self._session.get_inputs() if value.name == name
        )
        return found

    def property(self, name: str) -> str:
        """Return what the file says of itself under a name, or nothing."""
        said: str = self._session.get_modelmeta().custom_metadata_map.get(name, "")
        return said

    def with_changed(self, weights: Weights) -> Graph:
        """Return the same network with some of its weights changed; it costs nothing to make.

        Only a graph that takes them as inputs too can do so.
        """
        open_to_change = {value.name for value in self._session.get_overridable_initializers()}
        return Graph(self._session, {n: w for n, w in weights.items() if n in open_to_change})


def opened(
    graph: bytes,
    name: str,
    *,
    threads: int = 0,
    on: tuple[str, ...] = CPU,
    weights: Weights | None = None,
    fix: str = "reinstall livedraft",
) -> Graph:
    """Return a network, with weights that its file does not hold.

    ``name`` and ``fix`` are for who reads the error; ``threads`` of 0 are all cores, ``on`` names
    execution providers, see ``providers``. Raises WeightsError for what is no network, or lacks
    weights.
    """
    options = ort.SessionOptions()
    options.intra_op_num_threads = threads
    # A thread that spins for work takes the core from whoever shares the machine: a browser.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    options.log_severity_level = 3
    held = weights or {}
    try:
        values = [ort.OrtValue.ortvalue_from_numpy(weight) for weight in held.values()]
        options.add_external_initializers(list(held), values)
        return Graph(ort.InferenceSession(graph, options, list(on)))
    except (Fail, InvalidArgument, InvalidGraph, InvalidProtobuf, NotImplemented) as error:
        raise WeightsError(f"{name} cannot be opened: {error}", fix=fix) from error


def providers(device: str, model: str) -> tuple[str, ...]:
    """Return ONNX Runtime's execution providers for a device; raise WeightsError for none here."""
    if device == "cpu":
        return CPU
    wanted = "CUDAExecutionProvider" if device.startswith("cuda") else ""
    if wanted not in ort.get_available_providers():
        raise WeightsError(
            f"{model} cannot run on device {device!r} here",
            fix="use device cpu; or for cuda: pip install onnxruntime-gpu",
        )
    return (wanted, *CPU)
