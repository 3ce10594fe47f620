"""stream_step and its coefficients against the samplers as their papers write them."""

import math
from typing import get_args

import pytest
import torch
from torch import Tensor

from livedraft.kernels import stream_step
from livedraft.kernels.steps import Level, Prediction, step_row, step_table

VARIANCE_PRESERVING: list[Level] = [(math.cos(t), math.sin(t)) for t in (1.2, 0.8, 0.3)]
CLEAN: Level = (1.0, 0.0)


def normal(*shape: int, seed: int = 0) -> Tensor:
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed))


def _close(made: Tensor, wanted: Tensor) -> None:
    torch.testing.assert_close(made, wanted, rtol=1e-4, atol=1e-4)


def predicted(kind: Prediction, x0: Tensor, noise: Tensor, level: Level) -> Tensor:
    """Return what a perfect model would put out."""
    alpha, sigma = level
    return {
        "eps": noise,
        "v": alpha * noise - sigma * x0,
        "x0": x0,
        "flow": noise - x0,
    }[kind]


@pytest.mark.parametrize("kind", get_args(Prediction))
@pytest.mark.parametrize("renoise", [True, False])
def test_a_perfect_model_leads_to_the_picture(
    backend: str, kind: Prediction, renoise: bool
) -> None:
    levels = [(1 - s, s) for s in (0.9, 0.6, 0.2)] if kind == "flow" else VARIANCE_PRESERVING
    x0, noise, fresh = normal(3, 4, 5, 6), normal(3, 4, 5, 6, seed=1), normal(3, 4, 5, 6, seed=2)
    then = [*levels[1:], CLEAN]
    alpha, sigma = torch.tensor(levels).view(3, 2, 1, 1, 1).unbind(1)
    rows = [step_row(kind, at, to, renoise=renoise) for at, to in zip(levels, then, strict=True)]
    output = torch.cat(
        [predicted(kind, x0[n], noise[n], level)[None] for n, level in enumerate(levels)]
    )
    made = stream_step(
        alpha * x0 + sigma * noise, output, step_table(rows), noise=fresh if renoise else None
    )
    next_alpha, next_sigma = torch.tensor(then).view(3, 2, 1, 1, 1).unbind(1)
    wanted = next_alpha * x0 + next_sigma * (fresh if renoise else noise)
    _close(made, wanted)


def test_flow_matching_is_an_euler_step(backend: str) -> None:
    x, velocity = normal(1, 4, 3, 5), normal(1, 4, 3, 5, seed=1)
    row = step_row("flow", (0.3, 0.7), (0.6, 0.4), renoise=False)
    made = stream_step(x, velocity, step_table([row]))
    torch.testing.assert_close(made, x + (0.4 - 0.7) * velocity)


def test_guidance_is_classifier_free(backend: str) -> None:
    x, with_text, without = (normal(2, 4, 3, 5, seed=n) for n in range(3))
    table = step_table([step_row("x0", (0.8, 0.6), CLEAN, guidance=g) for g in (1.0, 3.5)])
    made = stream_step(x, with_text, table, noise=x, unconditional=without)
    torch.testing.assert_close(made[0], with_text[0])
    torch.testing.assert_close(made[1], without[1] + 3.5 * (with_text[1] - without[1]))


def test_orders_of_memory_do_not_matter(backend: str) -> None:
    x, output, fresh = (normal(2, 4, 3, 5, seed=n) for n in range(3))
    table = step_table([step_row("eps", at, CLEAN) for at in VARIANCE_PRESERVING[:2]])
    expected = stream_step(x, output, table, noise=fresh)
    last = torch.channels_last
    turned = fresh.transpose(1, 3).contiguous().transpose(1, 3)  # neither order: copied
    mixed = stream_step(x.contiguous(memory_format=last), output, table, noise=turned)
    torch.testing.assert_close(mixed, expected)
    assert mixed.is_contiguous(memory_format=last)
    tokens = stream_step(x.flatten(2), output.flatten(2), table, noise=fresh.flatten(2))
    torch.testing.assert_close(tokens, expected.flatten(2))


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"output": normal(2, 4, 3, 6)}, r"output is \(2, 4, 3, 6\), latents \(2, 4, 3, 5\)"),
        ({"coefficients": torch.zeros(2, 8)}, "make them by step_table"),
        ({"coefficients": torch.zeros(1, 6)}, "make them by step_table"),
        ({"unconditional": normal(1, 4, 3, 5)}, r"unconditional is \(1, 4, 3, 5\)"),
        ({"noise": normal(2, 4, 5)}, r"noise is \(2, 4, 5\)"),
    ],
)
def test_what_does_not_fit_is_refused(changed: dict[str, Tensor], message: str) -> None:
    given = {
        "latents": normal(2, 4, 3, 5),
        "output": normal(2, 4, 3, 5),
        "coefficients": torch.zeros(2, 6),
    }
    with pytest.raises(ValueError, match=message):
        stream_step(**{**given, **changed})
