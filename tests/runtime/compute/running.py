"""What tests of execution share: a network like a denoiser, and doubles of what records graphs.

``Rerun`` stands for CUDA graphs: it does the recorded work again, on inputs and outputs that stay
in place. What only a GPU can show (that capturing works) the benchmark of the engine checks.
"""

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn

from livedraft.runtime.compute.execution import Execution

Work = Callable[[], None]


class Rerun:
    """Records by keeping the work, replays by doing it."""

    def __init__(self) -> None:
        self.replays = 0

    def record(self, work: Work, device: torch.device) -> Work:
        def replay() -> None:
            self.replays += 1
            work()

        return replay


class Net(nn.Module):
    """Takes what denoisers take: nested conditions, a list, a plain value."""

    def __init__(self) -> None:
        super().__init__()
        torch.manual_seed(0)
        self.inner = nn.Linear(8, 8)
        self.calls = 0

    def forward(
        self, x: Tensor, t: Tensor, cond: dict[str, Any] | None = None, scale: float = 1.0
    ) -> tuple[Tensor, dict[str, Tensor]]:
        self.calls += 1
        made = self.inner(x) * t[:, None] * scale
        if cond is not None:
            made = made + cond["text"] + sum(cond["more"])
        return made, {"mean": made.mean(1)}


def inputs(seed: int, rows: int = 2, cond: bool = True) -> dict[str, Any]:
    g = torch.Generator().manual_seed(seed)
    x, t, text, a, b = (torch.randn(rows, 8, generator=g) for _ in range(5))
    more = {"cond": {"text": text, "more": [a, b]}} if cond else {}
    return {"x": x, "t": t[:, 0], **more}


def timed(**us: float) -> Callable[..., float]:
    """A stopwatch that says what it is told, in the order in which ways are measured."""
    told = iter(us.values())
    return lambda run, device: next(told)


def graph(net: nn.Module, recorder: Any = None, **more: Any) -> Execution:
    more.setdefault("measure", timed(eager=9.0, graph=3.0))
    return Execution(net, "graph", "net", recorder=recorder or Rerun(), **more)


def same(made: Any, true: Any) -> None:
    torch.testing.assert_close(made[0], true[0], rtol=0, atol=0)
    torch.testing.assert_close(made[1]["mean"], true[1]["mean"], rtol=0, atol=0)
