"""Raises while it is imported."""

WIDTH = 1 // 0


def layer_norm(x, weight, eps):
    return x
