"""Linear layers whose weights are held in eight bits, and the swap of a network's for them."""

from __future__ import annotations

from .linear import EIGHT_BITS, RowLinear
from .swap import Swap, products, suited

__all__ = ["EIGHT_BITS", "RowLinear", "Swap", "products", "suited"]
