"""A process that paints drafts with `ink`, in ONNX Runtime or in torch: `benchmarks.torch_or_onnx`.

Prints a line when the first picture is painted, then one with the times of the others.
"""

from __future__ import annotations

import argparse
import io
import json
import resource
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from livedraft.protocol.messages import Stage
from livedraft.runtime.models.base import Pixels, Plan, Request
from livedraft.runtime.models.ink import WEIGHTS, Ink, InkParams
from livedraft.runtime.models.ink.colour import Floats
from livedraft.runtime.models.ink.inference.graphs import Source
from livedraft.runtime.models.ink.state import InkState
from livedraft.runtime.models.ink.words.text import TextTable
from livedraft.runtime.models.onnx import Graph

from .drawing import jpegs

if TYPE_CHECKING:
    from livedraft.runtime.models.ink.tuning.nets.networks import Networks

WAYS = ("onnx", "torch")
PROMPT = "an orange cat"

Inputs = dict[str, Any]  # tensors, by their names in the ONNX graphs


class TorchGraph(Graph):
    """One network, run by torch eagerly; like the ONNX graph it computes no more than is asked."""

    def __init__(self, outputs: Mapping[str, Callable[[Inputs], Any]]) -> None:
        self._outputs = outputs

    def run_all(self, outputs: list[str] | None, **inputs: NDArray[Any]) -> list[Floats]:
        import torch

        given = {name: torch.from_numpy(part) for name, part in inputs.items()}
        with torch.inference_mode():
            return [self._outputs[name](given).numpy() for name in outputs or self._outputs]


@dataclass(frozen=True)
class TorchSource(Source):
    """The same weights, as torch runs them."""

    nets: Networks

    def graph(self, name: str, quick: bool = False) -> Graph:
        return TorchGraph(outputs_of(self.nets)[name])


def outputs_of(nets: Networks) -> dict[str, dict[str, Callable[[Inputs], Any]]]:
    """Return how torch computes what each graph gives, as train.export traces it."""
    from livedraft.runtime.models.ink.tuning.nets.decoder import SHARPNESS
    from livedraft.runtime.models.ink.tuning.nets.layers import Words

    def words(x: Inputs) -> Words:
        return Words(x["pieces"], x["mask"], x["mean"])

    def colour(x: Inputs) -> Any:
        drawn = (x["latent"], x["lines"], x["hints"], x["regions"], x["palette"], x["films"])
        return nets.colour.paint(*drawn, decided=True).rgba

    def decoder(x: Inputs) -> Any:
        drawn = (x["latent"], x["lines"], x["hints"], x["palette"], x["tint"])
        return nets.decoder.paint(*drawn, SHARPNESS)[0]

    return {
        "palette": {"colours": lambda x: nets.palette(words(x), x["style"], x["noise"])},
        "condition": {
            "films": lambda x: nets.colour.films(x["time"], x["palette"], words(x), x["style"]),
            "tint": lambda x: nets.decoder.tint(x["style"]),
        },
        "colour": {"rgba": colour},
        "decoder": {"rgba": decoder},
    }


def load(way: str, threads: int) -> Ink:
    """Return `ink` with its networks in ONNX Runtime or in torch."""
    if way == "onnx":
        return Ink.load(plan=Plan(threads=threads))
    import torch

    from livedraft.runtime.models.ink.tuning.nets.colour_net import channels_last
    from livedraft.runtime.models.ink.tuning.nets.layers import Widths
    from livedraft.runtime.models.ink.tuning.nets.networks import Networks

    torch.set_num_threads(threads)
    source = Source.read(WEIGHTS, "cpu", threads, "none")
    with torch.device("meta"):  # no weights are drawn only to be replaced
        nets = Networks(Widths()).eval()
    read = {name: torch.from_numpy(part) for name, part in source.weights.items()}
    nets.load_state_dict(read, assign=True)
    channels_last(nets)
    parts = {field.name: getattr(source, field.name) for field in fields(source)}
    return Ink(TorchSource(**parts, nets=nets), TextTable.load(WEIGHTS))


def drawn() -> Pixels:
    """Return the benchmarks' drawing, on white paper."""
    with Image.open(io.BytesIO(jpegs(256)[-1])) as image:
        return np.array(image.convert("RGBA"))


def draft(model: Ink, state: InkState, sketch: Pixels) -> Pixels:
    """Paint a sketch as a new one, under a prompt that is known after the first."""
    request = Request(InkParams(prompt=PROMPT), {"sketch": sketch.copy()}, Stage.DRAFT, 1)
    job = model.prepare([(state, request)])[0]
    model.step([job])
    return model.emit([job])[0][0].pixels


def main() -> None:
    """Paint, and say when."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("way", choices=WAYS)
    parser.add_argument("--drafts", type=int, default=40)
    parser.add_argument("--threads", type=int, default=2)
    options = parser.parse_args()
    model, sketch = load(options.way, options.threads), drawn()
    state = model.open()
    draft(model, state, sketch)
    print("painted", flush=True)
    times = []
    for _ in range(options.drafts):
        begun = time.perf_counter()
        draft(model, state, sketch)
        times.append((time.perf_counter() - begun) * 1e3)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({"ms": times, "peak_mib": peak}))


if __name__ == "__main__":
    main()
