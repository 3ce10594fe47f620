"""Returns another dtype."""


def layer_norm(x, weight, eps):
    return x.double()
