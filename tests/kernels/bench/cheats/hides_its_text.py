"""Keeps what it does in a string."""

exec("def layer_norm(x, weight, eps): return x.clone()")


def _kept():
    pass
