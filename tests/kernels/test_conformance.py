"""What every operation of the library has to keep, whatever it computes."""

import copy
import inspect
from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch._dynamo.backends.debugging import aot_eager

import livedraft.kernels
from livedraft.kernels.dispatch import Op
from livedraft.kernels.ops import NAMES, op
from livedraft.kernels.spec import Workload

SMALL = [
    pytest.param(name, workload, dtype, id=f"{name}, {workload.name}, {str(dtype)[6:]}")
    for name in NAMES
    for workload in op(name).spec.workloads
    for dtype in op(name).spec.dtypes
    if not workload.real
]
OPS = [pytest.param(op(name), id=name) for name in NAMES]


def example(made: Op[..., Any]) -> list[Any]:
    """Return positional arguments of the operation's first small workload, in its first type."""
    spec = made.spec
    workload = next(w for w in spec.workloads if not w.real)
    inputs = spec.inputs(workload.axes, spec.dtypes[0], torch.Generator().manual_seed(7))
    bound = inspect.signature(spec.reference).bind(**inputs)
    bound.apply_defaults()
    return list(bound.arguments.values())


@pytest.mark.parametrize(("name", "workload", "dtype"), SMALL)
def test_the_kernel_agrees_with_the_reference(
    judge: Callable[[str, Workload, torch.dtype], None],
    name: str,
    workload: Workload,
    dtype: torch.dtype,
) -> None:
    judge(name, workload, dtype)


@pytest.mark.parametrize("made", OPS)
def test_the_registration_holds(made: Op[..., Any]) -> None:
    """The schema, what is mutated, and the fake's shapes, types and strides are the reference's."""
    registered = getattr(torch.ops.livedraft, made.spec.name).default
    # Without autograd: operations have no backward pass.
    tests = ("test_schema", "test_faketensor")
    torch.library.opcheck(registered, tuple(example(made)), test_utils=tests)


@pytest.mark.parametrize("made", OPS)
def test_compiling_passes_through(backend: str, made: Op[..., Any]) -> None:
    """A kernel stays one node of the graph; what torch computes is there for Inductor to fuse."""
    args = example(made)
    expected = made(*copy.deepcopy(args))
    nodes: list[object] = []

    def seen(graph: torch.fx.GraphModule, inputs: Any) -> Any:
        nodes.extend(node.target for node in graph.graph.nodes)
        return aot_eager(graph, inputs)

    def function(*args: Any) -> Any:
        return made(*args)

    torch.compiler.reset()  # the limit of recompilations is that of one function's code
    compiled = torch.compile(function, backend=seen, fullgraph=True)
    torch.testing.assert_close(compiled(*args), expected)
    registered = getattr(torch.ops.livedraft, made.spec.name).default
    assert (registered in nodes) == (backend == "triton")


@pytest.mark.parametrize("made", OPS)
def test_a_spec_says_what_the_bench_and_the_pages_need(made: Op[..., Any]) -> None:
    spec = made.spec
    assert any(w.real for w in spec.workloads)
    assert any(not w.real for w in spec.workloads)
    assert len({w.name for w in spec.workloads}) == len(spec.workloads)
    assert all(dtype in spec.tolerance for dtype in spec.dtypes)
    assert all((spec.summary, spec.fuses, spec.used))
    args = inspect.signature(made.empty).bind(*example(made)).arguments
    assert spec.moved(dict(args), made(*example(made))) > 0


@pytest.mark.parametrize("made", OPS)
def test_reference_and_empty_take_the_same(made: Op[..., Any]) -> None:
    wanted, other = (
        [(p.name, p.default) for p in inspect.signature(function).parameters.values()]
        for function in (made.spec.reference, made.empty)
    )
    assert other == wanted


@pytest.mark.parametrize("name", livedraft.kernels.__all__)
def test_public_functions_are_documented(name: str) -> None:
    assert inspect.getdoc(getattr(livedraft.kernels, name))
