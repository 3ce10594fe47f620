"""Has the library's own operation compute it, by the name that torch knows it by."""

import torch


def layer_norm(x, weight, eps):
    operations = torch.ops
    return operations.livedraft.norm_modulate(x[None], weight=weight, eps=eps)[0]
