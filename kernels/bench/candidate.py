"""A kernel in its own process, as the judge sees it: asked by a deadline, answered with doubt."""

from __future__ import annotations

import secrets
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from ..spec import Inputs
from .channel import NONCE_BYTES, Closed, Frame, Garbled, Late, TooLarge
from .forks import Fork, ForkServer
from .values import decode, encode, storage
from .verdict import Failed, Outcome

_SLACK_BYTES = 1 << 20
_HERE = torch.device("cpu")


@dataclass(frozen=True)
class Called:
    """What one call returned; an output that is no tensor is said in words."""

    outputs: list[Tensor | str]
    mutated: dict[str, Tensor]
    wrote: str  # "to its input x", "beside its input x", or nothing


class Candidate:
    """One function, loaded in a runner. Every answer may be a lie, but for its own results."""

    def __init__(self, server: ForkServer, fork: Fork, limit_s: float) -> None:
        self._server = server
        self._fork = fork
        self._limit_s = limit_s
        self._left_s = limit_s  # of its own time: what the judge does meanwhile does not count

    def load(self, what: dict[str, Any], names: Sequence[str]) -> None:
        """Import the function; raise Failed where it cannot be called with these names."""
        self.ask({"do": "load", "names": list(names), **what})

    def call(
        self, sets: Sequence[Inputs], mutates: Sequence[str], reuse: bool, room: int
    ) -> list[Called]:
        """Call it once for each set; with ``reuse`` in the same tensors.

        ``room`` is how many bytes the outputs of all calls may have.
        """
        blobs: list[memoryview] = []
        entries = [encoded(inputs, blobs) for inputs in sets]
        answer = self.ask({"do": "call", "sets": entries, "reuse": reuse}, blobs, room)
        return [
            _called(made, back, answer.blobs, inputs, mutates)
            for made, back, inputs in zip(
                answer.header["made"], answer.header["back"], sets, strict=True
            )
        ]

    def ask(
        self, request: dict[str, Any], blobs: Sequence[memoryview] = (), room: int = 0
    ) -> Frame:
        """Send a request and return its answer; raise Failed for all that can go wrong.

        An answer may have the bytes of the request and ``room`` more.
        """
        nonce, start = secrets.token_bytes(NONCE_BYTES), time.monotonic()
        most, ends = sum(map(len, blobs)) + room + _SLACK_BYTES, start + self._left_s
        try:
            self._fork.channel.send(nonce, request, blobs, ends)
            answer = self._fork.channel.receive(most, ends)
        except Late:
            why = f"it did not come back within {self._limit_s:g} s"
            raise Failed(Outcome.TIMED_OUT, why) from None
        except Closed:
            raise Failed(Outcome.CRASHED, self._epitaph()) from None
        except Garbled:
            raise _forged() from None
        except TooLarge:
            raise Failed(Outcome.WRONG, f"its outputs are larger than {most} bytes") from None
        self._left_s -= time.monotonic() - start
        if not secrets.compare_digest(answer.nonce, nonce):
            raise _forged()
        if answer.header.get("replaced"):
            names = ", ".join(answer.header["replaced"])
            raise Failed(Outcome.REFUSED, f"it replaced {names} while it ran")
        if "outcome" in answer.header:
            raise Failed(Outcome(answer.header["outcome"]), str(answer.header["why"]))
        return answer

    def _epitaph(self) -> str:
        status, tail = self._server.end(self._fork), self._fork.tail()
        said = f"signal {-status}" if status < 0 else f"status {status}"
        return f"its process ended with {said}" + (f": {tail}" if tail else "")


@contextmanager
def candidate(
    server: ForkServer,
    mode: str,
    limit_s: float,
    what: dict[str, Any] | None = None,
    names: Sequence[str] = (),
) -> Iterator[Candidate]:
    """Give a candidate in a fresh runner, with ``what`` loaded if anything."""
    with server.fork(mode) as fork:
        made = Candidate(server, fork, limit_s)
        if what is not None:
            made.load(what, names)
        yield made


def encoded(inputs: Inputs, blobs: list[memoryview]) -> dict[str, Any]:
    """Return the entries of inputs."""
    return {key: encode(value, blobs) for key, value in inputs.items()}


def outputs_of(entries: Any, blobs: Sequence[memoryview]) -> list[Tensor | str]:
    """Return outputs as they were made, words for what is no tensor."""
    try:
        return [decode(entry, blobs, _HERE) for entry in entries]
    except Garbled:
        raise _forged() from None


def _called(
    made: Any, back: Any, blobs: Sequence[memoryview], inputs: Inputs, mutates: Sequence[str]
) -> Called:
    mutated, wrote = {}, ""
    for key, value in inputs.items():
        if not isinstance(value, Tensor):
            continue
        [after] = outputs_of([back.get(key)], blobs)
        if not isinstance(after, Tensor) or after.shape != value.shape:
            raise _forged()
        if key in mutates:
            mutated[key] = after.clone()
            after.copy_(value)  # what is around it must be as it was
        if not torch.equal(_bytes(after), _bytes(value)):
            inside = not torch.equal(_elements(after), _elements(value))
            wrote = wrote or (f"to its input {key}" if inside else f"beside its input {key}")
    return Called(outputs_of(made, blobs), mutated, wrote)


def _bytes(tensor: Tensor) -> Tensor:
    return storage(tensor).cpu().view(torch.uint8)


def _elements(tensor: Tensor) -> Tensor:
    return tensor.cpu().flatten().clone().view(torch.uint8)


def _forged() -> Failed:
    return Failed(Outcome.REFUSED, "something else than the runner wrote to the result descriptor")
