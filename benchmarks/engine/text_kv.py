"""Count what it spares to compute a prompt's keys and values once, in networks of full size.

    PYTHONPATH=sdk python -m benchmarks.engine.text_kv

Operations are counted, by torch's own counter, without weights or a GPU: whatever the machine, the
figures are the same. What attention normalises and scales beside its products is not in them.
"""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from typing import Any, NamedTuple

import torch
from torch.utils.flop_counter import FlopCounterMode

from livedraft.runtime.compute.text_kv import TEXT, TextKV

from .networks import Place

HALF = torch.bfloat16
_HALF_BYTES = 2
SIDES = (512, 1024)  # px
# Of each network: the tokens of a prompt, and the px that a latent stands for.
KINDS: Mapping[str, tuple[int, int]] = {"sana": (300, 32), "sdxl": (77, 8), "pixart": (120, 8)}


class Counted(NamedTuple):
    """What a step of one row takes, FLOPs, and what is kept of a prompt."""

    kind: str
    side: int  # px
    whole: int  # with the prompt read in the step
    spared: int  # of these, without
    kept_bytes: int  # in half precision

    @property
    def share(self) -> float:
        """What is spared, % of the whole."""
        return 100 * self.spared / self.whole


def counted(kind: str, side: int, network: TextKV) -> Counted:
    """Return what is spared of a step of one row."""
    given, text = _inputs(kind, side, network.network)
    whole = _flops(network, {**given, TEXT: text})
    kept = network.of(text)
    left = _flops(network, {**given, TEXT: kept})
    return Counted(kind, side, whole, whole - left, kept.numel() * _HALF_BYTES)


def _flops(network: TextKV, given: dict[str, Any]) -> int:
    with torch.no_grad(), FlopCounterMode(display=False) as found:
        network(**given)
    return int(found.get_total_flops())


def _inputs(kind: str, side: int, network: Any) -> tuple[dict[str, Any], torch.Tensor]:
    """Return what a call takes, and its text."""
    config, (tokens, px) = network.config, KINDS[kind]

    def blank(*shape: int) -> torch.Tensor:
        return torch.zeros(shape, dtype=network.dtype, device=network.device)

    latents, time = blank(1, config.in_channels, side // px, side // px), blank(1)
    if kind == "sdxl":
        size = 6 * config.addition_time_embed_dim
        told = {"text_embeds": blank(1, config.projection_class_embeddings_input_dim - size)}
        told["time_ids"] = blank(1, 6)
        text = blank(1, tokens, config.cross_attention_dim)
        return {"sample": latents, "timestep": time, "added_cond_kwargs": told}, text
    given = {"hidden_states": latents, "timestep": time}
    given["encoder_attention_mask"] = blank(1, tokens)
    if kind == "sana":
        given["guidance"] = blank(1)
    else:
        sizes = {"resolution": blank(1, 2), "aspect_ratio": blank(1, 1)}
        return {**given, "added_cond_kwargs": sizes}, blank(1, tokens, config.caption_channels)
    return given, blank(1, tokens, config.caption_channels)


def main() -> None:
    """Print a line of each network and size."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.engine.text_kv", description=__doc__
    )
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.parse_args()
    place = Place(torch.device("meta"))
    print("network   px     GFLOPs a step   of these spared   kept of a prompt")
    for kind in KINDS:
        network = TextKV(place.network(kind, HALF))
        for side in SIDES:
            found = counted(kind, side, network)
            print(
                f"{kind:8}  {side:4}  {found.whole / 1e9:14.1f}  {found.share:14.2f} %"
                f"  {found.kept_bytes / 2**20:12.1f} MiB"
            )


if __name__ == "__main__":
    main()
