"""Returns nothing."""


def layer_norm(x, weight, eps):
    x.clone()
