"""Has the library's own operation compute it."""

from livedraft.kernels.ops.norm_modulate import reference


def layer_norm(x, weight, eps):
    return reference(x[None], weight=weight, eps=eps)[0]
