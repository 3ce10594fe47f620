"""Makes matrix products less exact for everybody."""

import torch

torch.backends.cuda.matmul.allow_tf32 = True


def layer_norm(x, weight, eps):
    wide = x.float() - x.float().mean(-1, keepdim=True)
    return (wide * (wide.square().mean(-1, keepdim=True) + eps).rsqrt() * weight).to(x.dtype)
