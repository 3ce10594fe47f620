"""A family's denoiser given to ranks, each on a device of its own."""

from __future__ import annotations

import os
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import torch

from livedraft.errors import ConfigError
from livedraft.runtime.compute.eight_bits import products
from livedraft.runtime.compute.parallel import Ranks, Spec, chain

from ...plan import Parallel, Plan
from .family import Family
from .weights import SPREADS
from .words import of_words


def spread(
    family: Family, name: str, folder: Path, variant: str, plan: Plan, *, guided: bool
) -> None:
    """Have ranks make the denoiser's calls from now on; its weights here are let go.

    Layers that are held in eight bits here are there, too. ``guided``: whether users may set a
    scale of guidance. Raises ConfigError for what the family or this machine cannot, WeightsError
    where a rank cannot load.
    """
    asked = plan.parallel
    part = _checked(family, name, plan, guided)
    network, denoiser = family.pipe.components[part], family.denoiser
    cores = torch.get_num_threads() if not plan.threads else plan.threads
    multiply = products(network)
    ranks = Ranks(
        Spec(
            network=type(network).__name__,
            folder=folder / part,
            variant=variant,
            dtype=network.dtype,
            devices=_devices(name, plan),
            threads=max(1, cores // asked.ranks),
            rows=asked.cfg,
            stages=asked.stages,
            ring=asked.ring,
            ulysses=asked.ulysses,
            latents=denoiser.latents,
            shared=denoiser.shared,
            axes=denoiser.axes,
            bits=plan.quantise if multiply else "",
            products=multiply,
        )
    )
    family.denoiser = replace(denoiser, network=ranks, several=ranks.several)
    family.spread = True
    shares = asked.ulysses * asked.ring > 1
    family.loras.spread(part, ranks, network._cp_plan if shares else ())
    network.to("meta")  # its config is asked for, its weights are with the ranks
    family.notes += (f"parallel = {asked}: its denoiser runs in {asked.ranks} processes",)


def _checked(family: Family, name: str, plan: Plan, guided: bool) -> str:
    """Return which component is spread; raise ConfigError where that cannot be."""
    asked, parts = plan.parallel, family.pipe.components
    if plan.mode not in ("", "auto", "eager"):
        raise ConfigError(
            f"'{name}' cannot be loaded with mode = {plan.mode} and parallel = {asked} at once",
            fix="leave one of the two out: ranks run with mode = eager",
        )
    if sys.platform != "linux":
        raise ConfigError(
            "ranks meet in a file without a name, which Linux alone has",
            fix=f"leave {name}.parallel out",
        )
    part = next((each for each in SPREADS if parts.get(each) is family.denoiser.network), None)
    if part is None:
        raise ConfigError(
            f"the denoiser of '{name}' is more than one network, which no ranks share",
            fix=f"leave {name}.parallel out",
        )
    if asked.cfg > 1 and not (guided and _outputs(family) == 2):
        raise ConfigError(
            f"'{name}' makes no output without conditioning, so cfg = {asked.cfg} has nothing to "
            "share",
            fix="use ulysses alone, or a model with guidance",
        )
    if asked.cfg > 2:
        raise ConfigError(
            f"cfg = {asked.cfg}: guidance has two outputs", fix="use cfg=2, and more of ulysses"
        )
    _check_tokens(family, name, parts[part], asked)
    _check_blocks(name, parts[part], asked)
    return part


def _check_tokens(family: Family, name: str, network: Any, asked: Parallel) -> None:
    shares = asked.ulysses * asked.ring > 1
    if shares and getattr(network, "_cp_plan", None) is None:
        raise ConfigError(
            f"diffusers knows no way to share the tokens of '{name}'",
            fix="use cfg=2 where it is guided, or lanes of its own for each device",
        )
    if asked.ring > 1 and family.denoiser.padded:
        raise ConfigError(
            f"'{name}' masks what its text leaves free, and no mask follows keys around a ring",
            fix="use ulysses",
        )


def _check_blocks(name: str, network: Any, asked: Parallel) -> None:
    if asked.stages == 1:
        return
    blocks = len(chain(network))
    if not blocks:
        raise ConfigError(
            f"the blocks of '{name}' are no chain that diffusers knows, so it has no stages",
            fix="use stages with a transformer such as sd3, flux-dev, qwen-image or pixart",
        )
    if asked.stages > blocks:
        raise ConfigError(
            f"stages = {asked.stages}: '{name}' has {blocks} blocks", fix=f"use stages={blocks}"
        )


@torch.inference_mode()
def _outputs(family: Family) -> int:
    """Return what a step with guidance has made: rows of a call, or calls."""
    scale = 2.0
    if not family.guided(scale):
        return 1
    asked = of_words(family, "", family.native, 1)
    guided = replace(asked, negative=family.avoided(""), guidance=scale)
    way = family.begin(guided)
    return way.rows * len(way.calls)


def _devices(name: str, plan: Plan) -> tuple[str, ...]:
    """Return the devices of the ranks, from the plan's on; raise ConfigError for too few."""
    kind, _, first = plan.device.partition(":")
    ranks, start = plan.parallel.ranks, int(first or 0)
    if kind == "cuda":
        there = torch.cuda.device_count() - start
        words = f"{there} GPUs from {plan.device} on"
    else:
        there = os.cpu_count() or 1
        words = f"{there} cores"
    if ranks > there:
        raise ConfigError(
            f"parallel = {plan.parallel} of '{name}' takes {ranks} ranks, and there are {words}",
            fix=f"ask for {max(1, there)} at most",
        )
    return tuple(f"cuda:{start + n}" if kind == "cuda" else kind for n in range(ranks))
