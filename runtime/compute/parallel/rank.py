"""What runs in the process of a rank: it loads its network, and makes its share of each call.

It ends when the process that started it closes the line, as it does when it ends.
"""

from __future__ import annotations

import importlib
import os
import sys
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import torch

from .shares import FAILED, MADE, Spec, packed, unpacked

_OF_RINGS = "_native_cudnn"  # attention that tells its sums, which those of a ring are joined by


def main(line: Connection) -> None:
    """Load what the first message says, then answer each call."""
    spec, number, meeting = line.recv()
    device = torch.device(spec.devices[number])
    try:
        network = _loaded(spec, number, meeting, device)
    except BaseException as error:  # a process's boundary: whoever waits is told
        line.send((FAILED, _said(error)))
        return
    line.send((MADE, None))
    leads = number % spec.group == 0  # all of a group make the same
    while True:
        try:
            given = line.recv()
        except EOFError:
            return
        try:
            with torch.inference_mode():
                made = network(**unpacked(given, device))[0]
            answer = (MADE, packed(made) if leads else None)
        except BaseException as error:
            answer = (FAILED, _said(error))
        line.send(answer)


def _loaded(spec: Spec, number: int, meeting: Path, device: torch.device) -> Any:
    if device.type == "cuda":
        torch.cuda.set_device(device)
    else:
        torch.set_num_threads(spec.threads)
    kind: Any = getattr(importlib.import_module("diffusers"), spec.network)
    network = kind.from_pretrained(
        spec.folder,
        variant=spec.variant or None,
        torch_dtype=spec.dtype,
        local_files_only=True,
        use_safetensors=True,
    )
    network = network.requires_grad_(False).eval().to(device)
    if spec.group > 1:
        _share_attention(network, spec, number, meeting, device)
    return network


def _share_attention(
    network: Any, spec: Spec, number: int, meeting: Path, device: torch.device
) -> None:
    """Have diffusers split tokens and attention among the ranks of a group.

    As its ``enable_parallelism`` does, which divides by the number of accelerators, so by zero on
    a CPU, and knows nothing of several groups.
    """
    import torch.distributed as dist
    from torch.distributed.device_mesh import init_device_mesh

    modeling: Any = importlib.import_module("diffusers.models._modeling_parallel")
    hooks: Any = importlib.import_module("diffusers.hooks.context_parallel")
    if spec.ring > 1:
        network.set_attention_backend(_OF_RINGS)
    world = len(spec.devices)
    dist.init_process_group(
        "nccl" if device.type == "cuda" else "gloo",
        init_method=f"file://{meeting}",
        rank=number,
        world_size=world,
    )
    sides = (spec.rows, spec.ring, spec.ulysses)
    mesh = init_device_mesh(device.type, sides, mesh_dim_names=("rows", "ring", "ulysses"))
    anything = {
        "ulysses_anything": spec.ring == 1,  # any number of tokens, and of heads
        "ring_anything": spec.ulysses == 1,
    }
    config = modeling.ContextParallelConfig(
        ring_degree=spec.ring, ulysses_degree=spec.ulysses, **anything
    )
    both = modeling.ParallelConfig(context_parallel_config=config)
    both.setup(number, world, device, mesh=mesh["ring", "ulysses"])
    network._parallel_config = both
    for module in network.modules():
        processor = getattr(module, "processor", None)
        if processor is not None and hasattr(processor, "_parallel_config"):
            processor._parallel_config = both
    hooks.apply_context_parallel(network, config, network._cp_plan)


def _said(error: BaseException) -> str:
    return f"{type(error).__name__}: {error}"[:500]


if __name__ == "__main__":
    main(Connection(int(sys.argv[1])))
    sys.stdout.flush()
    os._exit(0)  # what other ranks wait for is not waited for in turn
