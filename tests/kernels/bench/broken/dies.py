"""Kills its process."""

import ctypes

import torch


def layer_norm(x, weight, eps):
    ctypes.string_at(0)
    return torch.empty_like(x)
