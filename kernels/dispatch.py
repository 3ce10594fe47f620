"""From a public function to what computes it: Triton on a capable GPU, torch elsewhere.

Every operation is a `torch.library` custom op with a fake, so that `torch.compile`, `torch.export`
and CUDA graphs pass through it; where torch is to compute it, a compiler sees the reference itself
instead and fuses it. Eager calls go past the op's registration, which costs about as much as the
launch.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from functools import partial
from importlib import import_module
from typing import Any, Generic, ParamSpec, TypeVar, cast

import torch
from torch import Tensor

from . import capability
from .route import Route, logger
from .spec import OpSpec

P = ParamSpec("P")
R = TypeVar("R")

VARIABLE = "LIVEDRAFT_KERNELS"  # torch or triton; read when a type is first met on a device


class Op(Generic[P, R]):
    """One operation, callable as its public function is, positional arguments only.

    The first argument is the tensor whose type and device decide. Calls that need a gradient are
    computed by the reference, which has one.
    """

    def __init__(
        self,
        spec: OpSpec,
        empty: Callable[P, R],
        *,
        capable: Callable[[torch.device], bool] = capability.capable,
    ) -> None:
        self.spec = spec
        self.empty: Callable[..., Any] = empty
        self._capable = capable
        self._routes: dict[tuple[torch.dtype, torch.device], Callable[..., Any]] = {}
        self._registered: Callable[..., Any] | None = None
        self._opaque = _constant(partial(self._wanted, than="compiled"))

    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> R:
        """Compute the operation."""
        if kwargs:
            raise TypeError(f"{self.spec.name}: operations take positional arguments")
        if self._registered is None:
            return cast(R, self.run(*args))
        if torch.compiler.is_compiling():
            first = cast(Tensor, args[0])
            if not _differentiated(args) and self._opaque(first.dtype, first.device):
                return cast(R, self._registered(*args))
            return cast(R, self._torch(*args))  # Inductor sees it and fuses it with its neighbours
        if not _plain(type(args[0])):
            return cast(R, self._registered(*args))
        return cast(R, self.run(*args))

    def run(self, *args: Any) -> Any:
        """Compute the operation at once, past torch's dispatcher."""
        if _differentiated(args):
            return self._torch(*args)
        key = (args[0].dtype, args[0].device)
        route = self._routes.get(key)
        if route is None:
            route = self._routes[key] = self._choose(*key)
        return route(*args)

    def backend(self, tensor: Tensor) -> str:
        """Say what computes the operation for tensors like this one, with the reason."""
        key = (tensor.dtype, tensor.device)
        route = self._routes.get(key) or self._choose(*key)
        if not isinstance(route, Route):
            return "torch"
        return f"torch: {route.given_up}" if route.given_up else "triton"

    def plan(self) -> Callable[..., Any]:
        """Import and return the operation's plan; this imports Triton."""
        module = import_module(f".launch.{self.spec.name}", __package__)
        return cast(Callable[..., Any], module.plan)

    def reset(self) -> None:
        """Forget what was chosen, verified and planned."""
        self._routes.clear()

    def _choose(self, dtype: torch.dtype, device: torch.device) -> Callable[..., Any]:
        forced = _forced()
        if not self._wanted(dtype, device, than="eager"):
            return self._torch
        try:
            plan = self.plan()
        except ImportError as missing:
            if forced:
                raise
            logger.warning("%s: by torch, for Triton is not to be had: %s", self.spec.name, missing)
            return self._torch
        several = device.type == "cuda" and torch.cuda.device_count() > 1
        return Route(self.spec, self.empty, plan, trusting=bool(forced), guarded=several)

    def _wanted(self, dtype: torch.dtype, device: torch.device, *, than: str) -> bool:
        """Say whether Triton is to compute it, where torch's way would be eager or compiled."""
        forced = _forced()
        if forced:
            return forced == "triton"
        if dtype not in self.spec.dtypes or not self._capable(device):
            return False
        return than not in capability.behind(self.spec.name, device)

    def _torch(self, *args: Any) -> Any:
        self.empty(*args)  # checks the arguments as Triton's way does
        return self.spec.reference(*args)


def register(spec: OpSpec, empty: Callable[P, R]) -> Op[P, R]:
    """Make an operation of a spec and register it as torch.ops.livedraft.NAME.

    `empty` has the operation's parameters: it checks them, raises ValueError, and returns outputs
    of the right shape, type and strides, contents undefined. `launch/NAME.py` has the plan.
    """
    op = Op(spec, empty)
    schema = torch.library.infer_schema(spec.reference, mutates_args=spec.mutates)
    made = torch.library.custom_op(
        f"livedraft::{spec.name}", op.run, mutates_args=spec.mutates, schema=schema
    )
    made.register_fake(empty)
    op._registered = getattr(torch.ops.livedraft, spec.name).default
    return op


def _differentiated(args: Sequence[Any]) -> bool:
    return torch.is_grad_enabled() and any(isinstance(a, Tensor) and a.requires_grad for a in args)


def _constant(
    ask: Callable[[torch.dtype, torch.device], bool],
) -> Callable[[torch.dtype, torch.device], bool]:
    """Return a question that torch.compile asks while it traces, and does not trace itself.

    As torch.compiler.assume_constant_result does, which takes a second to import the compiler.
    """

    def asked(dtype: torch.dtype, device: torch.device) -> bool:
        return ask(dtype, device)

    vars(asked)["_dynamo_marked_constant"] = True
    return asked


def _forced() -> str:
    forced = os.environ.get(VARIABLE, "")
    if forced not in ("", "torch", "triton"):
        raise ValueError(f"{VARIABLE} is {forced!r}: it may be torch or triton")
    return forced


def _plain(kind: type) -> bool:
    """Say whether tensors of a type hold data of their own: no fake, no wrapper."""
    return kind is Tensor or kind is torch.nn.Parameter
