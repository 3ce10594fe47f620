"""All networks of `ink` together, under the names that their weights have in the file."""

from __future__ import annotations

import torch
from torch import nn

from ....onnx import Weights
from .colour_net import ColourNet
from .decoder import LineDecoder
from .layers import Widths
from .palette_net import PaletteNet


class Networks(nn.Module):
    """The parts that weights.safetensors holds."""

    def __init__(self, widths: Widths) -> None:
        super().__init__()
        self.palette = PaletteNet(widths)
        self.colour = ColourNet(widths)
        self.decoder = LineDecoder(widths)

    def read(self, weights: Weights) -> None:
        """Take the weights of a file."""
        self.load_state_dict({name: torch.from_numpy(value) for name, value in weights.items()})
