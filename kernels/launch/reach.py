"""How far apart a tensor's elements lie: offsets of 32 bits take half the instructions."""

from torch import Tensor


def far(*tensors: Tensor) -> bool:
    """Say whether an offset in any of these tensors takes 64 bits."""
    return max(map(_reach, tensors)) >= 1 << 31


def _reach(tensor: Tensor) -> int:
    """Return one more than the offset of the last element."""
    steps = zip(tensor.shape, tensor.stride(), strict=True)
    return 1 + sum((size - 1) * stride for size, stride in steps)
