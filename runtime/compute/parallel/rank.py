"""What runs in the process of a rank: it loads its network, and makes its share of each call.

It ends with the process that started it, whatever it is doing then.
"""

from __future__ import annotations

import importlib
import os
import select
import sys
import threading
from collections.abc import Callable, Mapping, Sequence
from multiprocessing.connection import Connection
from typing import Any

import torch

from ..adapters.fit import Fitted
from ..adapters.slots import Row, Slots
from ..eight_bits import EIGHT_BITS, Swap
from .shares import CALL, FAILED, MADE, PUT, TAKE, Spec, packed, unpacked
from .sharing import share_attention
from .stages import HandedOn, Relay, cut


def main(line: Connection, meeting: int) -> None:
    """Load what the first message says, then answer each; ``meeting`` is a file of all ranks."""
    threading.Thread(target=_end_with, args=(line.fileno(),), daemon=True).start()
    rank: _Rank | None = None
    while True:
        try:
            told = line.recv()
        except EOFError:
            return
        try:
            if rank is None:
                spec, number = told
                rank, made = _Rank(spec, number, meeting), None
            else:
                made = rank.answer(*told)
            answer = (MADE, made)
        except BaseException as error:  # a process's boundary: whoever waits is told
            answer = (FAILED, f"{type(error).__name__}: {error}"[:500])
        line.send(answer)
        if rank is None:
            return


def _end_with(line: int) -> None:
    """End this process once nobody is at the other end, though it waits for another rank."""
    hung_up = select.poll()
    hung_up.register(line, 0)  # nothing that comes, only the end
    hung_up.poll()
    os._exit(1)


class _Rank:
    def __init__(self, spec: Spec, number: int, meeting: int) -> None:
        self._device = device = torch.device(spec.devices[number])
        self._leads = number % spec.group == spec.leader  # all of its stage make the same
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
        network = network.requires_grad_(False).eval()
        self._relay: Relay | None = None
        if spec.stages > 1:
            ranks = number - spec.beside, number + spec.beside
            self._relay = cut(network, spec.stage(number), spec.stages, *ranks)
        self._network, self._slots = network.to(device), Slots(network)
        if spec.bits:
            Swap(network, EIGHT_BITS[spec.bits], known=spec.products).settle()
        if spec.group > 1:
            mesh = _met(spec, number, meeting, device)
            if spec.beside > 1:
                share_attention(network, spec, number, mesh["ring", "ulysses"], device)

    def answer(self, kind: str, *told: Any) -> Any:
        """Return what is answered to a message."""
        answers: dict[str, Callable[..., Any]]
        answers = {CALL: self._call, PUT: self._put, TAKE: self._take}
        return answers[kind](*told)

    @torch.inference_mode()
    def _call(self, shares: Sequence[tuple[Any, Sequence[Row]]]) -> Any:
        made = [self._made(*each) for each in shares]
        if self._relay is not None:
            self._relay.settle()
        return made if self._leads else None

    def _made(self, share: Any, rows: Sequence[Row]) -> Any:
        own = [{key: row[key] for key in row if key in self._slots} for row in rows]
        with self._slots.rows(own):
            try:
                made = self._network(**unpacked(share, self._device))[0]
            except HandedOn:
                return None
        return packed(made) if self._leads else None

    def _put(self, name: str, rank: int, pairs: Mapping[str, Any]) -> None:
        own = {
            path: unpacked(pair, torch.device("cpu"))
            for path, pair in pairs.items()
            if path in self._slots.layers.by_path  # else another stage has it
        }
        if own:
            self._slots.put(name, Fitted(rank, own))

    def _take(self, name: str) -> None:
        if name in self._slots:
            self._slots.take(name)


def _met(spec: Spec, number: int, meeting: int, device: torch.device) -> Any:
    """Return the mesh of all ranks, once all are there."""
    import torch.distributed as dist
    from torch.distributed.device_mesh import init_device_mesh

    dist.init_process_group(
        "nccl" if device.type == "cuda" else "gloo",
        init_method=f"file:///proc/self/fd/{meeting}",
        rank=number,
        world_size=len(spec.devices),
    )
    sides = (spec.rows, spec.stages, spec.ring, spec.ulysses)
    return init_device_mesh(
        device.type, sides, mesh_dim_names=("rows", "stages", "ring", "ulysses")
    )


if __name__ == "__main__":
    main(Connection(int(sys.argv[1])), int(sys.argv[2]))
    sys.stdout.flush()
    os._exit(0)  # what other ranks wait for is not waited for in turn
