"""Returns another shape."""


def layer_norm(x, weight, eps):
    return x.sum(-1)
