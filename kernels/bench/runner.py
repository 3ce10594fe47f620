"""What runs beside a kernel, in the kernel's process: load it, call it, hand back what it made.

It knows no reference, no tolerance and no seed, and it judges nothing.
"""

from __future__ import annotations

import inspect
import os
import sys
import traceback
import warnings
from collections.abc import Callable
from importlib import import_module
from importlib.util import find_spec, module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType
from typing import Any

import torch
from torch import Tensor

from . import stopwatch
from .channel import Channel, Closed
from .values import Entry, decode, encode, storage
from .watch import Watch, entered, operators

# interpret: Triton's interpreter on the CPU; offline: compiles, launches nothing; cuda: a GPU.
MODES = ("interpret", "offline", "cuda")
_MOST_BYTES = 1 << 34  # of one request: from the judge, who is trusted
_MOST_CHARS = 300  # characters of an exception's message

Answer = tuple[dict[str, Any], list[memoryview]]


class Unfit(Exception):
    """The file or its function cannot be called; ``outcome`` says in which way."""

    def __init__(self, outcome: str, why: str) -> None:
        super().__init__(why)
        self.outcome = outcome


def serve(channel: Channel, mode: str, folder: Path) -> None:
    """Answer requests until the judge closes its end."""
    os.environ |= {
        "TRITON_INTERPRET": "1" if mode == "interpret" else "0",
        "TRITON_CACHE_DIR": str(folder / "triton"),
        "TORCHINDUCTOR_CACHE_DIR": str(folder / "inductor"),
        "LIVEDRAFT_KERNELS": "" if mode == "cuda" else "triton",  # of ours, too
        "TRITON_DEFAULT_FP_FUSION": "1",  # what Triton does today; its default is about to change
    }
    warnings.simplefilter("ignore")
    if mode == "interpret" and find_spec("triton"):
        from .interpreting import prepare

        prepare()
    runner = Runner(torch.device("cuda" if mode == "cuda" else "cpu"), folder)
    while True:
        try:
            asked = channel.receive(_MOST_BYTES)
        except Closed:
            return
        answer, blobs = runner.answer(asked.header, asked.blobs)
        channel.send(asked.nonce, answer, blobs)


class Runner:
    """One kernel, loaded once, and what it was last called with."""

    def __init__(self, device: torch.device, folder: Path) -> None:
        self.device = device
        self.folder = folder
        self.function: Callable[..., Any] = _nothing
        self.file = ""
        self._watch = Watch()

    def answer(self, asked: dict[str, Any], blobs: list[memoryview]) -> Answer:
        """Do what a request asks; whatever goes wrong in a kernel is an answer, too."""
        try:
            with torch.no_grad():
                answer, made = getattr(self, "do_" + asked["do"])(asked, blobs)
        except Unfit as error:
            answer, made = {"outcome": error.outcome, "why": str(error)}, []
        except BaseException as error:  # whatever a stranger's code raises, SystemExit too
            why = _one_line(error, self.file)
            answer, made = {"outcome": "raised", "why": why}, []
        return answer | {"replaced": self._watch.replaced()}, made

    def do_load(self, asked: dict[str, Any], blobs: list[memoryview]) -> Answer:
        """Import a module or a file and take one of its functions."""
        try:
            if "text" in asked:
                path = self.folder / asked["file"]
                path.write_text(asked["text"], encoding="utf-8")
                self.file = str(path)
                module = _imported(path)
            else:
                module = _imported(asked["file"]) if "file" in asked else import_module(asked["in"])
            self.function = getattr(module, asked["function"])
        except BaseException as error:
            raise Unfit("did not import", _one_line(error, self.file)) from error
        _check_signature(self.function, asked["names"])
        return {}, []

    def do_call(self, asked: dict[str, Any], blobs: list[memoryview]) -> Answer:
        """Call it with each set of inputs; with ``reuse`` all go through the first one's tensors.

        Outputs are read after the last call, inputs written in place after each.
        """
        torch.set_deterministic_debug_mode("warn")  # torch.empty gives NaN
        held: dict[str, Any] = {}
        made, backs = [], []
        sent: list[memoryview] = []
        for entries in asked["sets"]:
            inputs = self._inputs(entries, blobs)
            held = _refreshed(held, inputs) if held and asked["reuse"] else inputs
            made.append(_outputs(self.function(**held)))
            stopwatch.wait(self.device)
            backs.append({key: _back(value, sent) for key, value in held.items()})
        outputs = [[_output(each, sent) for each in outputs] for outputs in made]
        return {"made": outputs, "back": backs}, sent

    def do_look(self, asked: dict[str, Any], blobs: list[memoryview]) -> Answer:
        """Compile what it launches for each capability; say what else it does meanwhile."""
        from .compiling import Compiler

        compilers = [Compiler(capability) for capability in asked["capabilities"]]
        for compiler in compilers:
            compiler.install()
            self.function(**self._inputs(asked["set"], blobs))
        held = self._inputs(asked["set"], blobs)
        with operators() as ran, entered() as functions:
            self.function(**held)
        answer: dict[str, Any] = {
            "launches": max((compiler.launches for compiler in compilers), default=0),
            "kernels": [kernel for compiler in compilers for kernel in compiler.kernels()],
            "entered": sorted(functions),
            "operators": sorted(ran),
        }
        return answer, []

    def do_time(self, asked: dict[str, Any], blobs: list[memoryview]) -> Answer:
        """Time calls with inputs in the order asked for; hand back what one of them made."""
        torch.set_deterministic_debug_mode("default")
        sources = [self._inputs(entries, blobs) for entries in asked["sets"]]
        held = self._inputs(asked["sets"][0], blobs)
        kept: list[Any] = []
        self.function(**self._inputs(asked["sets"][0], blobs))  # compiles, and warms up

        def refresh(which: int) -> None:
            _refreshed(held, sources[which])

        def keep(made: Any) -> None:
            kept.extend(
                each.clone() if isinstance(each, Tensor) else each for each in _outputs(made)
            )
            kept.append({name: held[name].clone() for name in asked["mutates"]})

        spans = stopwatch.timed(
            lambda: self.function(**held),
            refresh,
            keep,
            asked["order"],
            asked["kept"],
            asked["cold"],
            self.device,
        )
        sent: list[memoryview] = []
        mutated = {key: _output(value, sent) for key, value in kept.pop().items()}
        outputs = [_output(each, sent) for each in kept]
        return {"us": spans, "made": outputs, "mutated": mutated}, sent

    def do_many(self, asked: dict[str, Any], blobs: list[memoryview]) -> Answer:
        """Call it many times and wait for all of them; the judge looks at a clock of its own."""
        held = self._inputs(asked["set"], blobs)
        stopwatch.wait(self.device)
        for _ in range(asked["count"]):
            self.function(**held)
        stopwatch.wait(self.device)
        return {}, []

    def do_host(self, asked: dict[str, Any], blobs: list[memoryview]) -> Answer:
        """Time what a call costs the host."""
        held = self._inputs(asked["set"], blobs)
        return {"us": stopwatch.host_time(lambda: self.function(**held), self.device)}, []

    def do_roof(self, asked: dict[str, Any], blobs: list[memoryview]) -> Answer:
        """Measure the device's copy bandwidth, bytes a second."""
        return {"bytes_per_s": stopwatch.copy_bandwidth(self.device)}, []

    def do_model(self, asked: dict[str, Any], blobs: list[memoryview]) -> Answer:
        """Build a model around the function; run it, and time some calls of it."""
        torch.set_deterministic_debug_mode("default")
        module = _imported(asked["file"]) if "file" in asked else import_module(asked["in"])
        generator = torch.Generator(self.device).manual_seed(asked["seed"])
        dtype = decode({"kind": "dtype", "name": asked["dtype"]}, (), self.device)
        run = getattr(module, asked["model"])(self.function, dtype, generator, asked["real"])
        sent: list[memoryview] = []
        made = [_output(each, sent) for each in _outputs(run())]
        spans = stopwatch.timed(
            run, lambda _: None, lambda _: None, range(asked["calls"]), -1, False, self.device
        )
        return {"made": made, "us": sorted(spans)[len(spans) // 2] if spans else 0.0}, sent

    def do_compile(self, asked: dict[str, Any], blobs: list[memoryview]) -> Answer:
        """Put the function through torch.compile: for the reference, as a baseline."""
        self.function = torch.compile(self.function, dynamic=False)
        return {}, []

    def _inputs(self, entries: dict[str, Entry], blobs: list[memoryview]) -> dict[str, Any]:
        return {key: decode(entry, blobs, self.device) for key, entry in entries.items()}


def _nothing(**_: object) -> None:
    raise Unfit("did not import", "nothing was loaded")


def _imported(path: str | Path) -> ModuleType:
    name = "judged_" + Path(path).stem  # a torch.py must not stand in for torch
    found = spec_from_file_location(name, path)
    assert found is not None, "a .py file has a loader"
    assert found.loader is not None, "a .py file has a loader"
    module = module_from_spec(found)
    sys.modules[name] = module  # dataclasses and Triton look a function's module up
    found.loader.exec_module(module)
    return module


def _check_signature(function: Any, names: list[str]) -> None:
    called = "called as f(" + ", ".join(f"{name}=" for name in names) + ")"
    if not callable(function):
        raise Unfit("wrong signature", f"it is a {type(function).__name__}, and {called}")
    try:
        takes = inspect.signature(function)
    except (TypeError, ValueError):
        return  # a builtin does not tell; calling it will
    try:
        takes.bind(**dict.fromkeys(names))
    except TypeError as error:
        raise Unfit("wrong signature", f"it takes {takes} and is {called}: {error}") from error


def _outputs(made: Any) -> list[Any]:
    if made is None:
        return []
    return list(made) if isinstance(made, tuple | list) else [made]


def _output(made: Any, blobs: list[memoryview]) -> Entry:
    """Return the entry of an output; of what is no plain tensor, its type's name."""
    if type(made) is not Tensor:
        return {"kind": "plain", "value": f"a {type(made).__name__}"}
    return encode(made, blobs, whole=False)


def _back(value: Any, blobs: list[memoryview]) -> Entry | None:
    """Return the entry of an input as it is now, with a copy of what is around it."""
    if not isinstance(value, Tensor):
        return None
    entry = encode(value, blobs)
    blobs[-1] = memoryview(bytes(blobs[-1]))  # the next call may write there
    return entry


def _refreshed(held: dict[str, Any], fresh: dict[str, Any]) -> dict[str, Any]:
    """Copy tensors into those held, where they are; take other values as they come."""
    taken = dict(held)
    for key, value in fresh.items():
        if isinstance(value, Tensor):
            storage(held[key]).copy_(storage(value), non_blocking=True)
        else:
            taken[key] = value
    return taken


def _one_line(error: BaseException, file: str) -> str:
    """Return an exception in one line, with the line of the kernel's file where it came up."""
    text = " ".join(str(error).split())[:_MOST_CHARS]
    lines = [
        entry.lineno
        for entry in traceback.extract_tb(error.__traceback__)
        if entry.filename == file
    ]
    if isinstance(error, SyntaxError):
        lines = [error.lineno]
    where = f" (line {lines[-1]})" if lines and lines[-1] else ""
    return f"{type(error).__name__}{': ' if text else ''}{text}{where}"
