"""Prints a great deal, and is wrong."""


def layer_norm(x, weight, eps):
    print("x" * 100_000)
    return x.clone()
