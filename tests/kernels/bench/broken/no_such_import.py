# type: ignore
"""Imports what is not there."""

import torch.not_there  # noqa: F401


def layer_norm(x, weight, eps):
    return x
