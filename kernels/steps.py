"""What a sampler's step is to a kernel: six numbers a row, since every step of it is linear.

With x the noisy latents at (alpha, sigma), x = alpha * x0 + sigma * noise, and m the model's
output after guidance, all that `stream_step` computes is

    x0   = x0_latents * x + x0_output * m
    next = next_x0 * x0 + next_noise * noise + next_latents * x

so a batch may hold rows of different steps, samplers, guidance and kinds of prediction.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal, NamedTuple

import torch
from torch import Tensor

Prediction = Literal["eps", "v", "x0", "flow"]  # what the model puts out
Level = tuple[float, float]  # alpha, sigma; (1 - sigma, sigma) where the prediction is "flow"


class StepRow(NamedTuple):
    """One row of `stream_step`'s coefficients, in the order of its columns."""

    x0_latents: float
    x0_output: float
    next_x0: float
    next_noise: float
    next_latents: float
    guidance: float = 1.0  # 1: none


def step_row(
    prediction: Prediction,
    at: Level,
    then: Level,
    *,
    renoise: bool = True,
    guidance: float = 1.0,
    skip: float = 0.0,
    out: float = 1.0,
) -> StepRow:
    """Return the coefficients of one row that goes from one noise level to the next.

    renoise: with fresh noise, as consistency models (LCM, turbo) are sampled; otherwise along
        the model's own noise, as DDIM and Euler do. The last step's `then` is (1, 0).
    guidance: classifier-free guidance's scale.
    skip, out: a consistency model's boundary conditions, x0 = skip * x + out * prediction.

    Source: LCM (arXiv 2310.04378) for skip and out.
    """
    (alpha, sigma), (next_alpha, next_sigma) = at, then
    match prediction:
        case "eps":
            own, output = 1 / alpha, -sigma / alpha
        case "v":
            own, output = alpha, -sigma
        case "x0":
            own, output = 0.0, 1.0
        case "flow":
            own, output = 1.0, -sigma
    own, output = skip + out * own, out * output
    if renoise:
        ways = (next_alpha, next_sigma, 0.0)
    else:
        kept = next_sigma / sigma  # of the noise that is in x
        ways = (next_alpha - kept * alpha, 0.0, kept)
    return StepRow(own, output, *ways, guidance)


def folded(table: Tensor) -> Tensor:
    """Return what rows of a table, (…, 6), come to for `stepped`, (…, 4) float32."""
    of_x, of_m, to_x0, noise, to_x, guidance = table.double().unbind(-1)
    return torch.stack([to_x0 * of_x + to_x, to_x0 * of_m, noise, guidance], -1).float()


def stepped(
    columns: Sequence[Any], x: Tensor, m: Tensor, noise: Tensor | None, base: Tensor | None
) -> Tensor:
    """Return the next latents, as `stream_step` makes them, by plain arithmetic.

    Where a launch costs nothing, on a CPU, it takes a fraction of the time, with what rows are
    `folded` to: numbers of one, or tensors of several. ``base`` is the output without conditioning.
    """
    of_x, of_m, of_noise, guidance = columns
    if base is not None:
        m = base + guidance * (m - base)
    made: Tensor = of_x * x + of_m * m
    return made if noise is None else made + of_noise * noise


def step_table(rows: Sequence[StepRow], device: torch.device | str = "cpu") -> Tensor:
    """Return the coefficients of a batch, (batch, 6) float32, copied without waiting for a GPU."""
    table = torch.tensor(rows, dtype=torch.float32)
    if torch.device(device).type == "cuda":
        table = table.pin_memory()
    return table.to(device, non_blocking=True)
