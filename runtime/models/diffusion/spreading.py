"""A family's denoiser given to ranks, each on a device of its own."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import torch

from livedraft.errors import ConfigError
from livedraft.runtime.compute.parallel import Ranks, Spec

from ...plan import Plan
from .family import Family
from .words import of_words

_DENOISERS = ("unet", "transformer")


def spread(
    family: Family, name: str, folder: Path, variant: str, plan: Plan, *, guided: bool
) -> None:
    """Have ranks make the denoiser's calls from now on; its weights here are let go.

    ``guided``: whether users may set a scale of guidance. Raises ConfigError for what the family or
    this machine cannot, WeightsError where a rank cannot load.
    """
    asked = plan.parallel
    if asked.ranks == 1:
        return
    part = _checked(family, name, plan, guided)
    network, denoiser = family.pipe.components[part], family.denoiser
    cores = torch.get_num_threads() if not plan.threads else plan.threads
    spec = Spec(
        network=type(network).__name__,
        folder=folder / part,
        variant=variant,
        dtype=network.dtype,
        devices=_devices(name, plan),
        threads=max(1, cores // asked.ranks),
        rows=asked.cfg,
        ulysses=asked.ulysses,
        ring=asked.ring,
        latents=denoiser.latents,
        shared=denoiser.shared,
        axes=denoiser.axes,
    )
    family.denoiser = replace(denoiser, network=Ranks(spec))
    family.spread = True
    network.to("meta")  # its config is asked for, its weights are with the ranks
    family.notes += (f"parallel = {asked}: its denoiser runs in {asked.ranks} processes",)


def _checked(family: Family, name: str, plan: Plan, guided: bool) -> str:
    """Return which component is spread; raise ConfigError where that cannot be."""
    asked, parts = plan.parallel, family.pipe.components
    for key, value, plain in (("mode", plan.mode, "eager"), ("quantise", plan.quantise, "none")):
        if value not in ("", "auto", plain):
            raise ConfigError(
                f"'{name}' cannot be loaded with {key} = {value} and parallel = {asked} at once",
                fix=f"leave one of the two out: ranks run with {key} = {plain}",
            )
    part = next((each for each in _DENOISERS if parts.get(each) is family.denoiser.network), None)
    if part is None:
        raise ConfigError(
            f"the denoiser of '{name}' is more than one network, which no ranks share",
            fix=f"leave {name}.parallel out",
        )
    if asked.cfg > 1 and not (guided and _rows(family) == 2):
        raise ConfigError(
            f"'{name}' makes no output without conditioning in the call of the other, so cfg = "
            f"{asked.cfg} has nothing to share",
            fix="use ulysses alone, or a model with guidance",
        )
    if asked.cfg > 2:
        raise ConfigError(
            f"cfg = {asked.cfg}: guidance has two outputs", fix="use cfg=2, and more of ulysses"
        )
    shares = asked.ulysses * asked.ring > 1
    if shares and getattr(parts[part], "_cp_plan", None) is None:
        raise ConfigError(
            f"diffusers knows no way to share the tokens of '{name}'",
            fix="use cfg=2 where it is guided, or lanes of its own for each device",
        )
    if asked.ring > 1 and not plan.device.startswith("cuda"):
        raise ConfigError(
            "ring attention needs a GPU: that of a CPU does not tell its sums", fix="use ulysses"
        )
    return part


@torch.inference_mode()
def _rows(family: Family) -> int:
    """Return the rows of a call with guidance."""
    scale = 2.0
    if not family.guided(scale):
        return 1
    asked = of_words(family, "", family.native, 1)
    guided = replace(asked, negative=family.avoided(""), guidance=scale)
    return family.begin(guided).rows


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
