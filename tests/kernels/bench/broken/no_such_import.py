"""Imports what is not there."""

import torch.not_there


def layer_norm(x, weight, eps):
    return x
