"""Has a kernel that Triton does not take."""

import torch
import triton


@triton.jit
def _rows(x, out):
    this_is_nowhere(x, out)


def layer_norm(x, weight, eps):
    out = torch.empty_like(x)
    _rows[(x.shape[0],)](x, out)
    return out
