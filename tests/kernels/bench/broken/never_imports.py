"""Is never done with its import."""

while True:
    pass


def layer_norm(x, weight, eps):
    return x
