"""Write the trained networks of `ink` into the package: `python -m training.ink.train.export`.

weights.safetensors holds all running averages as float16; the four ONNX graphs beside it hold no
weights, and the two small ones let LoRAs override their matrices in every run. With `--graphs` the
graphs alone are written anew, for the weights that the folder has.
"""

from __future__ import annotations

import argparse
import json
import warnings
from pathlib import Path

import onnx
import torch
from onnx import TensorProto, helper
from safetensors.torch import load_file, save_file
from torch import Tensor, nn

from livedraft.runtime.models.ink import WEIGHTS
from livedraft.runtime.models.ink.inference.graphs import SMALL
from livedraft.runtime.models.ink.layout import (
    CELLS,
    COLOURS,
    PALETTE_NOISE,
    REGIONS,
    SIZE,
    TEXT_DIM,
)
from livedraft.runtime.models.ink.tuning.nets.decoder import SHARPNESS
from livedraft.runtime.models.ink.tuning.nets.layers import Widths, Words
from livedraft.runtime.models.ink.tuning.nets.networks import Networks

from ..data.dataset import CACHE
from .drawing import RECIPES

OPSET = 17
PARTS = ("palette", *RECIPES)


class PaletteGraph(nn.Module):
    def __init__(self, nets: Networks) -> None:
        super().__init__()
        self.palette = nets.palette

    def forward(
        self, pieces: Tensor, mask: Tensor, mean: Tensor, style: Tensor, noise: Tensor
    ) -> Tensor:
        result: Tensor = self.palette(Words(pieces, mask, mean), style, noise)
        return result


class ConditionGraph(nn.Module):
    def __init__(self, nets: Networks) -> None:
        super().__init__()
        self.colour, self.decoder = nets.colour, nets.decoder

    def forward(
        self,
        time: Tensor,
        palette: Tensor,
        pieces: Tensor,
        mask: Tensor,
        mean: Tensor,
        style: Tensor,
    ) -> tuple[Tensor, Tensor]:
        films = self.colour.films(time, palette, Words(pieces, mask, mean), style)
        return films, self.decoder.tint(style)


class ColourGraph(nn.Module):
    def __init__(self, nets: Networks) -> None:
        super().__init__()
        self.colour = nets.colour

    def forward(
        self,
        latent: Tensor,
        lines: Tensor,
        hints: Tensor,
        regions: Tensor,
        palette: Tensor,
        films: Tensor,
    ) -> Tensor:
        drawn = (latent, lines, hints, regions, palette, films)
        return self.colour.paint(*drawn, decided=True).rgba


class DecoderGraph(nn.Module):
    def __init__(self, nets: Networks) -> None:
        super().__init__()
        self.decoder = nets.decoder

    def forward(
        self, latent: Tensor, lines: Tensor, hints: Tensor, palette: Tensor, tint: Tensor
    ) -> Tensor:
        return self.decoder.paint(latent, lines, hints, palette, tint, SHARPNESS)[0]


GRAPHS: dict[str, tuple[type[nn.Module], tuple[str, ...]]] = {
    "palette": (PaletteGraph, ("colours",)),
    "condition": (ConditionGraph, ("films", "tint")),
    "colour": (ColourGraph, ("rgba",)),
    "decoder": (DecoderGraph, ("rgba",)),
}


def example(nets: Networks, batch: int = 2) -> dict[str, Tensor]:
    """Return inputs of every name that a graph takes."""
    films = sum(block.film.out_features for block in nets.colour.blocks())
    return {
        "noise": torch.randn(batch, PALETTE_NOISE),
        "time": torch.zeros(batch),
        "pieces": torch.rand(batch, 3, TEXT_DIM),
        "mask": torch.ones(batch, 3, dtype=torch.bool),
        "mean": torch.rand(batch, TEXT_DIM),
        "style": torch.zeros(batch, dtype=torch.long),
        "palette": torch.rand(batch, COLOURS, 4),
        "latent": torch.rand(batch, 4, CELLS, CELLS),
        "lines": torch.rand(batch, 1, SIZE, SIZE),
        "hints": torch.rand(batch, 4, CELLS, CELLS),
        "regions": torch.rand(batch, REGIONS, CELLS, CELLS),
        "films": torch.rand(batch, films),
        "tint": torch.rand(batch, nets.decoder.tint_dim),
    }


def trace(name: str, nets: Networks, folder: Path) -> list[str]:
    """Write one ONNX graph; return the names of the weights to be given when it is loaded."""
    kind, outputs = GRAPHS[name]
    graph = kind(nets).eval()
    names = inputs_of(graph)
    inputs = example(nets)
    axes = {n: {0: "batch"} for n in (*names, *outputs)}
    for words in {"pieces", "mask"} & set(names):
        axes[words][1] = "words"
    if name == "decoder":  # paints any size
        for maps, first in (("latent", 2), ("hints", 2), ("lines", 2), ("rgba", 2)):
            axes[maps] |= {first: f"{maps}_height", first + 1: f"{maps}_width"}
    file = Path(folder, f"{name}.onnx")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the exporter's remarks on traced constants
        torch.onnx.export(
            graph,
            tuple(inputs[n] for n in names),
            file,
            dynamo=False,
            opset_version=OPSET,
            do_constant_folding=False,
            input_names=names,
            output_names=list(outputs),
            dynamic_axes=axes,
        )
    kept = without_weights(file, {n for n, _ in graph.named_parameters()})
    if name in SMALL:
        open_to_change(file, kept)
    return kept


def inputs_of(graph: nn.Module) -> list[str]:
    """Return the names of a graph's inputs in their order."""
    code = type(graph).forward.__code__
    return list(code.co_varnames[1 : code.co_argcount])


def without_weights(file: Path, names: set[str]) -> list[str]:
    """Mark the initializers of those names as kept elsewhere; return which the graph has."""
    model = onnx.load(file)
    kept = [tensor for tensor in model.graph.initializer if tensor.name in names]
    for tensor in kept:
        tensor.ClearField("raw_data")
        tensor.data_location = TensorProto.EXTERNAL
        tensor.external_data.add(key="location", value="weights")
    file.write_bytes(model.SerializeToString())
    return [tensor.name for tensor in kept]


def open_to_change(file: Path, weights: list[str]) -> None:
    """List the matrices of a graph as inputs too: who feeds one overrides it, as LoRAs do."""
    model = onnx.load(file, load_external_data=False)
    taken = {value.name for value in model.graph.input}
    for tensor in model.graph.initializer:
        if tensor.name in weights and tensor.name.endswith(".weight") and len(tensor.dims) == 2:
            if tensor.name not in taken:
                info = helper.make_tensor_value_info(tensor.name, TensorProto.FLOAT, tensor.dims)
                model.graph.input.append(info)
    file.write_bytes(model.SerializeToString())


def export(cache: Path, folder: Path, widths: Widths | None = None) -> None:
    """Write graphs and weights of the parts' running averages."""
    nets = Networks(widths or Widths())
    for part in PARTS:
        state = torch.load(cache / f"{part}.pt", weights_only=True)
        nets.get_submodule(part).load_state_dict(state["ema"])
    write(nets, folder)


def export_graphs(folder: Path, widths: Widths | None = None) -> None:
    """Write the graphs anew for a folder's own weights."""
    nets = Networks(widths or Widths())
    nets.load_state_dict(load_file(folder / "weights.safetensors"))
    write(nets, folder)


def write(nets: Networks, folder: Path) -> None:
    """Write graphs and weights."""
    weights = {name: value.half().contiguous() for name, value in nets.state_dict().items()}
    uses = {name: trace(name, nets, folder) for name in GRAPHS}
    save_file(weights, folder / "weights.safetensors", {"graphs": json.dumps(uses)})


def main() -> None:
    """Parse the command line and export."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cache", type=Path, default=CACHE)
    parser.add_argument("--folder", type=Path, default=WEIGHTS)
    parser.add_argument("--graphs", action="store_true", help="write the graphs alone")
    options = parser.parse_args()
    if options.graphs:
        export_graphs(options.folder)
    else:
        export(options.cache, options.folder)


if __name__ == "__main__":
    main()
