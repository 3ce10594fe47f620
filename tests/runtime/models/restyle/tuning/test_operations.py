"""Operations with gradients of our own: they are torch's."""

from __future__ import annotations

import torch
from torch.nn import functional as F

from livedraft.runtime.models.restyle.tuning.operations import mirrored, normed


def test_a_mirrored_border_and_its_gradient() -> None:
    torch.manual_seed(0)
    given = torch.randn(2, 3, 6, 5, dtype=torch.double, requires_grad=True)
    assert torch.equal(mirrored(given), F.pad(given, (1, 1, 1, 1), mode="reflect"))
    assert torch.autograd.gradcheck(mirrored, (given,))
    last = torch.randn(2, 3, 6, 5).contiguous(memory_format=torch.channels_last)
    assert mirrored(last).is_contiguous(memory_format=torch.channels_last)


def test_a_styled_norm_and_its_gradient() -> None:
    torch.manual_seed(0)
    given = (2 * torch.randn(2, 3, 6, 5) + 1).requires_grad_()
    scale, shift = (torch.randn(2, 3, 1, 1, requires_grad=True) for _ in range(2))
    above = torch.randn(2, 3, 6, 5)
    ours = normed(given, scale, shift)
    theirs = F.instance_norm(given) * scale + shift
    assert torch.allclose(ours, theirs, atol=1e-5)
    pairs = zip(
        torch.autograd.grad(ours, (given, scale, shift), above),
        torch.autograd.grad(theirs, (given, scale, shift), above),
        strict=True,
    )
    assert all(torch.allclose(own, other, atol=1e-5) for own, other in pairs)
