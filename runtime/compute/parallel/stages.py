"""A network's blocks in stages: each rank has some, and hands what they made to the next.

Every rank makes the call as it is written: what stands before and after the blocks is little. In
the place of a block that it has not, what went in comes out, and at the first of its own what the
stage before it made. It knows beforehand how large that is: blocks keep shapes.
"""

from __future__ import annotations

import importlib
from collections.abc import Mapping, Sequence
from inspect import signature
from typing import Any, NamedTuple

import torch
import torch.distributed as dist
from torch import Tensor, nn

from livedraft.errors import ModelFailed

# The lists of a network's blocks that run one after another, in their order. Others, such as
# refiners of tokens, run beside each other, before these.
_LISTS = ("transformer_blocks", "single_transformer_blocks", "blocks", "layers")


class HandedOn(Exception):
    """The rest of a call is for the stages after this one."""


class Flow(NamedTuple):
    """What goes through a block: the names of its arguments, in the order of what it returns."""

    parameters: tuple[str, ...]
    through: tuple[str, ...]

    def of(self, args: Sequence[Any], given: Mapping[str, Any]) -> list[Tensor]:
        """Return what goes into a block, of the arguments of a call."""
        told = {**dict(zip(self.parameters, args, strict=False)), **given}
        return [told[name] for name in self.through]


def chain(network: nn.Module) -> dict[str, Flow]:
    """Return a network's blocks that run one after another, by path.

    Nothing where diffusers does not tell of each what goes through it.
    """
    hooks: Any = importlib.import_module("diffusers.hooks._helpers")
    found: dict[str, Flow] = {}
    for name in _LISTS:
        for number, block in enumerate(getattr(network, name, ())):
            try:
                told = hooks.TransformerBlockRegistry.get(type(block))
            except ValueError:
                return {}
            parameters = tuple(signature(type(block).forward).parameters)[1:]
            hidden = told.hidden_states_argument_name
            # Where it is named otherwise than diffusers says, as in Z-Image, it comes first.
            hidden = hidden if hidden in parameters else parameters[0]
            through = {told.return_hidden_states_index: hidden}
            if told.return_encoder_hidden_states_index is not None:
                beside = told.encoder_hidden_states_argument_name
                through[told.return_encoder_hidden_states_index] = beside
            ordered = tuple(through[index] for index in sorted(through))
            found[f"{name}.{number}"] = Flow(parameters, ordered)
    return found


def shared_out(sizes: Sequence[int], stages: int) -> list[range]:
    """Return which blocks each stage has, of the bytes of each: about as much, at least one."""
    ends, total = [0], sum(sizes)
    for stage in range(1, stages):
        least, most = ends[-1] + 1, len(sizes) - (stages - stage)
        cuts = range(least, most + 1)
        ends.append(min(cuts, key=lambda cut: abs(sum(sizes[:cut]) - total * stage / stages)))
    return [range(first, last) for first, last in zip(ends, [*ends[1:], len(sizes)], strict=True)]


class Relay:
    """What comes from the rank before, and what goes to the one after."""

    def __init__(self, before: int | None, after: int | None) -> None:
        self._before, self._after = before, after
        self._going: list[tuple[Any, Tensor]] = []

    def received(self, like: Sequence[Tensor]) -> list[Tensor]:
        """Return what the rank before made, in the shapes of what went in."""
        made = [torch.empty(each.shape, dtype=each.dtype, device=each.device) for each in like]
        for each in made:
            dist.recv(each, self._before)
        return made

    def send(self, made: Sequence[Tensor]) -> None:
        """Hand on, once what was handed on before has gone."""
        self.settle()
        whole = [each.contiguous() for each in made]
        self._going = [(dist.isend(each, self._after), each) for each in whole]

    def settle(self) -> None:
        """Wait until all has gone."""
        for work, _ in self._going:
            work.wait()
        self._going = []


class _Elsewhere(nn.Module):
    """In the place of a block that another stage has."""

    def __init__(self, flow: Flow, relay: Relay | None = None) -> None:
        super().__init__()
        self._flow, self._relay = flow, relay

    def forward(self, *args: Any, **given: Any) -> Any:
        """Return what went in, or what the stage before made of it."""
        through = self._flow.of(args, given)
        if self._relay is not None:
            through = self._relay.received(through)
        return through[0] if len(through) == 1 else tuple(through)


def cut(network: nn.Module, stage: int, stages: int, before: int, after: int) -> Relay:
    """Leave a network the blocks of one stage; ``before`` and ``after`` are the ranks of others."""
    flows = chain(network)
    blocks = [network.get_submodule(path) for path in flows]
    sizes = [sum(each.nbytes for each in block.parameters()) for block in blocks]
    own = shared_out(sizes, stages)[stage]
    relay = Relay(before, after)
    for number, (path, flow) in enumerate(flows.items()):
        if number not in own:
            arrives = stage > 0 and number == own.start - 1
            network.set_submodule(path, _Elsewhere(flow, relay if arrives else None))
    if stage + 1 < stages:
        last, flow = blocks[own.stop - 1], list(flows.values())[own.stop - 1]

        def hand_on(block: nn.Module, args: Any, given: Any, made: Any) -> None:
            tensors = [made] if isinstance(made, Tensor) else list(made)
            entered = flow.of(args, given)
            if [(t.shape, t.dtype) for t in tensors] != [(t.shape, t.dtype) for t in entered]:
                raise ModelFailed(
                    f"a {type(block).__name__} makes other shapes than went in",
                    fix="serve the model without stages",
                )
            relay.send(tensors)
            raise HandedOn

        last.register_forward_hook(hand_on, with_kwargs=True)
    return relay
