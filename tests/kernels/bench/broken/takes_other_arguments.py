"""Takes other arguments than the operation."""


def layer_norm(x, gamma, beta):
    return x
