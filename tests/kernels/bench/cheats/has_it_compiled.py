"""Is Inductor's kernel, not its own."""

import torch


@torch.compile
def layer_norm(x, weight, eps):
    wide = x.float() - x.float().mean(-1, keepdim=True)
    return (wide * (wide.square().mean(-1, keepdim=True) + eps).rsqrt() * weight).to(x.dtype)
