"""Who computes an operation: Triton where it can and proves right, torch elsewhere."""

import logging
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import Any

import pytest
import torch
from torch import Tensor

from livedraft.kernels.capability import Config, trial
from livedraft.kernels.dispatch import VARIABLE, Op
from livedraft.kernels.ops.norm_modulate import OP, SPEC, reference
from livedraft.kernels.replay import Launch

X = torch.randn(2, 3, 32, generator=torch.Generator().manual_seed(3))
ARGS = (X, None, None, None, None, "layer", 1e-6)


class Planned(Op[..., Any]):
    """An operation whose plan is given, on a device taken for capable."""

    def __init__(self, plan: Any, **changes: Any) -> None:
        super().__init__(replace(SPEC, **changes), OP.empty, capable=lambda device: True)
        self._given = plan
        self.planned = 0

    def plan(self) -> Any:
        def counted(*args: Any) -> Any:
            self.planned += 1
            return self._given(*args)

        return counted


class Kernel:
    """Stands for a compiled kernel: does to its arguments what it is told."""

    def __init__(self, does: Any) -> None:
        self.does = does
        self.arg_names = ("y", "x")
        self.runs = 0

    def __getitem__(self, grid: Sequence[int]) -> Any:
        def run(y: Tensor, x: Tensor, **options: Any) -> Any:
            self.runs += 1
            self.does(y, x)
            return self

        return run


def planned(does: Any, **changes: Any) -> Planned:
    kernel = Kernel(does)
    return Planned(lambda y, x, *rest: [Launch(kernel, (1,), (y, x), {})], **changes)


def right(y: Tensor, x: Tensor) -> None:
    y.copy_(reference(x))


def wrong(y: Tensor, x: Tensor) -> None:
    y.copy_(reference(x) * 1.01)


def broken(y: Tensor, x: Tensor) -> None:
    raise RuntimeError("out of resources")


@pytest.fixture(autouse=True)
def unforced(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.delenv(VARIABLE, raising=False)
    OP.reset()
    yield
    OP.reset()


def test_torch_computes_where_no_gpu_is() -> None:
    assert OP.backend(X) == "torch"
    torch.testing.assert_close(OP(*ARGS), reference(X), rtol=0, atol=0)


def test_a_kernel_is_verified_once_then_replayed() -> None:
    op = planned(right)
    for _ in range(4):
        torch.testing.assert_close(op(*ARGS), reference(X))
    assert op.backend(X) == "triton"
    assert op.planned == 2  # the first result was the reference's; the second is remembered
    shorter = X[:, :2].contiguous()
    torch.testing.assert_close(op(shorter, *ARGS[1:]), reference(shorter))
    assert op.planned == 3


def test_a_wrong_kernel_is_given_up_for_good_with_one_logged_reason(
    caplog: pytest.LogCaptureFixture,
) -> None:
    op = planned(wrong)
    with caplog.at_level(logging.WARNING):
        for _ in range(3):
            torch.testing.assert_close(op(*ARGS), reference(X), rtol=0, atol=0)
    assert len(caplog.messages) == 1
    assert "norm_modulate: torch from now on: error 1.0e-02" in caplog.messages[0]
    assert op.planned == 1
    assert op.backend(X).startswith("torch: error")


def test_a_kernel_that_does_not_run_is_given_up(caplog: pytest.LogCaptureFixture) -> None:
    op = planned(broken)
    torch.testing.assert_close(op(*ARGS), reference(X), rtol=0, atol=0)
    assert caplog.messages == ["norm_modulate: torch from now on: RuntimeError: out of resources"]


def test_running_out_of_memory_is_the_callers_to_see() -> None:
    def full(y: Tensor, x: Tensor) -> None:
        raise torch.OutOfMemoryError("no memory")

    with pytest.raises(torch.OutOfMemoryError):
        planned(full)(*ARGS)


def test_a_result_that_is_not_finite_decides_nothing() -> None:
    op = planned(right)
    torch.testing.assert_close(op(X * torch.inf, *ARGS[1:]), X * torch.nan, equal_nan=True)
    op(*ARGS)
    assert op.backend(X) == "triton"
    assert op.planned == 2


def test_forced_triton_neither_verifies_nor_gives_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(VARIABLE, "triton")
    torch.testing.assert_close(planned(wrong)(*ARGS), reference(X) * 1.01)
    with pytest.raises(RuntimeError, match="out of resources"):
        planned(broken)(*ARGS)


def test_torch_can_be_forced(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(VARIABLE, "torch")
    assert planned(broken).backend(X) == "torch"


def test_another_value_of_the_variable_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(VARIABLE, "cuda")
    with pytest.raises(ValueError, match="LIVEDRAFT_KERNELS is 'cuda': it may be torch or triton"):
        planned(right)(*ARGS)


def test_a_plan_may_leave_shapes_to_torch() -> None:
    op = Planned(lambda y, *inputs: None)
    for _ in range(2):
        torch.testing.assert_close(op(*ARGS), reference(X), rtol=0, atol=0)
    assert op.planned == 1


def test_a_type_that_the_kernel_has_not_is_left_to_torch() -> None:
    assert planned(broken, dtypes=(torch.float16,)).backend(X) == "torch"


@pytest.fixture
def behind(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., None]]:
    """Return what says which ways of torch are faster, on a device that is capable."""
    monkeypatch.setattr(OP, "_capable", lambda device: True)

    def say(**ways: float) -> None:
        trial.set(Config(behind={"norm_modulate": ways}))

    yield say
    trial.set(None)


def test_what_is_behind_eager_torch_is_left_to_it(behind: Callable[..., None]) -> None:
    behind(eager=1.2)
    assert OP.backend(X) == "torch"
    behind(compiled=1.2)
    assert OP.backend(X) == "triton"


@pytest.mark.parametrize("ahead", [True, False])
def test_what_is_behind_the_compiler_is_left_to_it(
    behind: Callable[..., None], ahead: bool
) -> None:
    behind(**({} if ahead else {"compiled": 1.2}))
    nodes: list[object] = []

    def seen(graph: torch.fx.GraphModule, inputs: Any) -> Any:
        nodes.extend(node.target for node in graph.graph.nodes)
        return graph

    torch.compiler.reset()
    compiled = torch.compile(lambda x: OP(x, *ARGS[1:]), backend=seen, fullgraph=True)
    torch.testing.assert_close(compiled(X), reference(X))
    assert (torch.ops.livedraft.norm_modulate.default in nodes) == ahead


def test_a_compiled_gradient_is_the_references(behind: Callable[..., None]) -> None:
    behind()
    x = X.clone().requires_grad_()
    torch.compiler.reset()
    compiled = torch.compile(lambda x: OP(x, *ARGS[1:]), backend="aot_eager", fullgraph=True)
    (slope,) = torch.autograd.grad(compiled(x).square().sum(), x)
    assert slope.shape == X.shape


def test_a_triton_that_cannot_be_imported_leaves_all_to_torch(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Without(Planned):
        def plan(self) -> Any:
            raise ImportError("no libcuda")

    op = Without(None)
    torch.testing.assert_close(op(*ARGS), reference(X), rtol=0, atol=0)
    assert caplog.messages == ["norm_modulate: by torch, for Triton is not to be had: no libcuda"]
    monkeypatch.setenv(VARIABLE, "triton")
    with pytest.raises(ImportError):
        Without(None)(*ARGS)


def test_a_gradient_is_the_references() -> None:
    x = X.clone().requires_grad_()
    planned(broken)(x, *ARGS[1:]).square().sum().backward()
    assert x.grad is not None
    assert x.grad.shape == X.shape


def test_bad_shapes_are_refused_whoever_computes() -> None:
    for op in (planned(right), OP):
        with pytest.raises(ValueError, match=r"\(batch, tokens, channels\) is wanted"):
            op(X[0], *ARGS[1:])


def test_what_is_mutated_is_changed_once() -> None:
    """Verifying runs both ways, each on the tensor as it was."""

    def halve(x: Tensor) -> None:
        x.mul_(0.5)

    spec = replace(SPEC, reference=halve, mutates=("x",))
    kernel = Kernel(lambda y, x: x.mul_(0.5))
    op = Planned(lambda y, x: [Launch(kernel, (1,), (x, x), {})])
    op.spec, op.empty = spec, lambda x: None
    x = X.clone()
    for n in range(1, 4):
        assert op(x) is None
        torch.testing.assert_close(x, X * 0.5**n)
    assert op.backend(x) == "triton"
