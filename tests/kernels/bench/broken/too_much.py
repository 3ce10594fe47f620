"""Returns a table where a row is asked for."""


def layer_norm(x, weight, eps):
    return x.new_zeros(1 << 20)
