"""Raises when it is called."""


def layer_norm(x, weight, eps):
    return x.view(7, -1)
