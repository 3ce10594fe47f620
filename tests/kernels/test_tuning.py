"""Settings are climbed to, wrong ones never win, and what torch is ahead of is told."""

import math
from collections.abc import Callable
from dataclasses import replace
from itertools import product
from pathlib import Path
from typing import Any

import pytest
import torch

from livedraft.kernels import capability, tuning
from livedraft.kernels.capability import Config
from livedraft.kernels.compiled import planned_at
from livedraft.kernels.dispatch import VARIABLE, Op
from livedraft.kernels.ops import NAMES, op
from livedraft.kernels.ops.gelu_tanh import OP, SPEC
from livedraft.kernels.tuning import Settings, climbed, tuned

CPU = torch.device("cpu")
WORKLOADS = tuple(replace(w, real=True) for w in SPEC.workloads if not w.real)


class Pretended:
    """A clock, for want of a GPU: kernels take what the settings say, torch what is given."""

    def __init__(self, cost: Callable[[Settings], float], eager: float, compiled: float) -> None:
        self.cost = cost
        self.ways = {"ours": 0.0, "eager": eager, "compiled": compiled}

    def __call__(self, call: Callable[[], object]) -> float:
        function = getattr(call, "func", None)  # ours is bound by a closure, torch's partially
        if function is None:
            return self.cost(capability.settings("gelu_tanh", CPU))
        return self.ways["eager" if function is SPEC.reference else "compiled"]


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> Op[..., Any]:
    """Return an operation whose small shapes pass for those of models, on a capable device."""
    monkeypatch.delenv(VARIABLE, raising=False)
    monkeypatch.setattr(torch, "compile", lambda function: lambda **inputs: function(**inputs))
    return Op(replace(SPEC, workloads=WORKLOADS), OP.empty, capable=lambda device: True)


def away(**best: int) -> Callable[[Settings], float]:
    """Return a cost that grows with the distance from the best settings."""
    return lambda settings: 1 + sum(abs(math.log2(settings[k] / v)) for k, v in best.items())


@pytest.mark.parametrize("best", [{"elements": 8192, "warps": 1}, {"elements": 512, "warps": 8}])
def test_settings_are_climbed_to_from_either_side(best: dict[str, int]) -> None:
    found, cost = climbed({"elements": 2048, "warps": 4}, away(**best))
    assert (found, cost) == (best, 1)


def test_a_gain_within_the_noise_is_none() -> None:
    start = {"elements": 2048}
    assert climbed(start, lambda s: 1 - 0.01 * math.log2(s["elements"])) == (start, 0.89)


def test_no_setting_is_tried_twice_and_none_is_out_of_bounds() -> None:
    tried: list[int] = []

    def cost(settings: Settings) -> float:
        tried.append(settings["elements"])
        return 1 / settings["elements"]

    assert climbed({"elements": 2048}, cost)[0] == {"elements": 2048 * tuning.REACH}
    assert len(tried) == len(set(tried))


@pytest.mark.parametrize("name", NAMES)
def test_every_setting_that_is_tried_can_be_planned_with(name: str) -> None:
    """What a GPU cannot run is seen to; what cannot even be planned would end the tuning."""
    shipped = capability.settings(name, CPU)
    workload = next(w for w in op(name).spec.workloads if w.real)
    for setting, factor in product(shipped, (1 / tuning.REACH, tuning.REACH)):
        tried = {**shipped, setting: max(int(shipped[setting] * factor), 1)}
        before = capability.trial.set(Config({name: tried}))
        assert planned_at(name, workload)[0]
        capability.trial.reset(before)


def test_an_operation_is_tuned_and_what_is_ahead_of_it_told(made: Op[..., Any]) -> None:
    clock = Pretended(away(elements=4096, warps=8), eager=2.0, compiled=0.8)
    found = tuned(made, CPU, clock)
    assert found.settings == {"elements": 4096, "warps": 8}
    assert found.us == pytest.approx(1)
    assert found.before_us == pytest.approx(clock.cost(capability.settings("gelu_tanh", CPU)))
    assert found.before_us > found.us
    assert found.behind == {"compiled": pytest.approx(1.25)}
    assert capability.trial.get() is None


class Overfull:
    """Stands for a kernel whose settings ask for more than a GPU has."""

    def __getitem__(self, grid: object) -> Any:
        raise RuntimeError("out of resource: shared memory")


def test_settings_that_torch_steps_in_for_never_win(
    made: Op[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    plan = made.plan()

    def planned(*args: torch.Tensor) -> Any:
        launches = plan(*args)
        few = capability.settings("gelu_tanh", CPU)["warps"] == 2
        return [replace(each, kernel=Overfull()) if few else each for each in launches]

    monkeypatch.setattr(made, "plan", lambda: planned)
    found = tuned(made, CPU, Pretended(away(warps=2), eager=9.0, compiled=9.0))
    assert found.settings["warps"] == 4


def test_without_a_gpu_nothing_is_written(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.argv", ["tuning", "-o", str(tmp_path / "cpu.json")])
    assert tuning.main() == 2
    assert not list(tmp_path.iterdir())
    assert "no GPU" in capsys.readouterr().err
