"""Judge a kernel: look at its text, compile it, compare its results, try to unsettle it, time it.

References, seeds and tolerances stay in this process; the kernel runs in others. What a kernel
says of itself counts for nothing: its results are compared here, its times are held against a
clock that runs here.
"""

from __future__ import annotations

import platform
from collections.abc import Callable
from contextlib import AbstractContextManager, ExitStack
from dataclasses import asdict, dataclass, field
from importlib.metadata import PackageNotFoundError, version
from typing import Any, Literal

import torch

from .candidate import Candidate, candidate, encoded
from .cases import Case, Seeds
from .checks import Checks
from .definition import Definition
from .end_to_end import in_model
from .forks import ForkServer
from .source import Source
from .speed import Speed, reference_of
from .static import look
from .verdict import Answer, Failed, Judged, Outcome, Verdict

_COMPILERS = ("CompilationError", "OutOfResources", "PTXASError", "Unsupported", "CompileTime")


@dataclass(frozen=True)
class Options:
    """How to judge."""

    seed: int = 0
    secret: str = ""  # of an earlier verdict, to repeat it
    limit_s: float = 300.0  # of the kernel's time, in each of its processes
    allow: frozenset[str] = field(default_factory=frozenset)  # rules not held against it
    device: Literal["auto", "cpu", "cuda"] = "auto"
    speed: Literal["auto", "always", "never"] = "auto"
    targets: tuple[int, ...] = (80, 90)  # compiled for: compute capability × 10

    @property
    def on(self) -> torch.device:
        """The device to judge on."""
        if self.device == "auto":
            return torch.device("cuda" if torch.cuda.is_available() else "cpu")
        return torch.device(self.device)


def judge(
    source: Source, definition: Definition, options: Options, server: ForkServer | None = None
) -> Verdict:
    """Return the verdict on a kernel; a server that is given is left running."""
    if server is None:
        with ForkServer() as own:
            return judge(source, definition, options, own)
    return _Judging(source, definition, options, server).all()


class _Judging:
    """One judging on its way."""

    def __init__(
        self, source: Source, definition: Definition, options: Options, server: ForkServer
    ) -> None:
        self._source = source
        self._definition = definition
        self._options = options
        self._server = server
        self._device = options.on
        self._seeds = Seeds(options.seed, options.secret) if options.secret else Seeds(options.seed)
        self._checks = Checks(definition.spec, self._seeds, self._device)
        self._verdict = Verdict(source.file, source.function, definition.spec.name)
        self._open = ExitStack()

    def all(self) -> Verdict:
        """Ask the four questions in turn, until one is answered with no."""
        verdict = self._verdict
        stages: list[tuple[Judged, Callable[[], Judged]]] = [
            (verdict.compiles, self._compiles),
            (verdict.correct, self._correct),
            (verdict.stable, self._stable),
            (verdict.fast, self._fast),
        ]
        try:
            self._look()
            with self._open:
                for judged, stage in stages:
                    self._ask(judged, stage)
                self._model()
        except Failed as failed:
            verdict.outcome, verdict.why = failed.outcome, failed.why
        verdict.allowed = sorted(self._options.allow)
        verdict.checks, verdict.notes = self._checks.found, verdict.notes + self._checks.notes
        verdict.environment = environment(self._device)
        verdict.seed = {"public": self._seeds.public, "secret": self._seeds.secret}
        return verdict

    def _ask(self, judged: Judged, stage: Callable[[], Judged]) -> None:
        """Fill one answer; raise Failed, noted there too, where it ends the judging."""
        try:
            said = stage()
        except Failed as failed:
            judged.answer, judged.why = Answer.NO, failed.why
            if self._mode == "interpret" and self._beyond(failed.why):
                judged.answer = Answer.NOT_JUDGED
                judged.why = f"Triton's interpreter cannot run it; a GPU can: {failed.why}"
                raise Failed(Outcome.NEEDS_GPU, judged.why) from None
            raise
        judged.answer, judged.why = said.answer, said.why

    def _beyond(self, why: str) -> bool:
        """Say whether an exception tells of what the interpreter cannot run."""
        if "InterpreterError" not in why:
            return False
        unknown = "libdevice" in self._source.text and "NoneType" in why  # made nothing there
        return "NotImplementedError" in why or unknown

    def _look(self) -> None:
        """Look at the text; raise Failed where it shows what no kernel needs."""
        if self._source.broken:
            raise Failed(Outcome.NOT_IMPORTED, self._source.broken)
        found = look(self._source.text)
        self._verdict.findings = [asdict(each) | {"why": str(each)} for each in found]
        held = [each for each in found if each.rule not in self._options.allow]
        if held:
            more = f", and {len(held) - 1} more" if len(held) > 1 else ""
            raise Failed(Outcome.REFUSED, f"{held[0]}{more}")

    def _compiles(self) -> Judged:
        """Compile what it launches, for GPUs that need not be here."""
        case = Case(self._checks.workloads[0], self._definition.spec.dtypes[0])
        blobs: list[memoryview] = []
        given = encoded(self._checks.inputs(case), blobs)
        targets = self._options.targets if "triton" in self._source.text else ()
        asked = {"do": "look", "set": given, "capabilities": list(targets)}
        with self._loaded("offline") as judged:
            try:
                seen = judged.ask(asked, blobs).header
            except Failed as failed:
                if failed.why.startswith(_COMPILERS):
                    raise Failed(Outcome.NOT_COMPILED, failed.why) from None
                if failed.outcome is not Outcome.RAISED:
                    raise
                return Judged(Answer.NOT_JUDGED, f"it raised before a launch: {failed.why}")
        return self._seen(seen)

    def _seen(self, seen: dict[str, Any]) -> Judged:
        allow, verdict = self._options.allow, self._verdict
        if seen["entered"] and "reference" not in allow:
            names = ", ".join(seen["entered"])
            raise Failed(Outcome.REFUSED, f"it calls what it is to replace: {names}")
        verdict.kernels = seen["kernels"]
        if not seen["launches"]:
            if "triton.jit" in self._source.text and "fallback" not in allow:
                raise Failed(Outcome.REFUSED, "it has Triton kernels, and launched none of them")
            ran = ", ".join(seen["operators"][:6]) or "nothing"
            verdict.notes.append(f"it launches no kernel of its own: torch runs {ran}")
            return Judged(Answer.YES, "it is plain torch")
        targets = ", ".join(f"sm_{target}" for target in self._options.targets)
        registers = max(kernel["registers"] for kernel in verdict.kernels)
        spilled = max(kernel["spilled"] for kernel in verdict.kernels)
        spills = f"{spilled} B spilled" if spilled else "no spills"
        return Judged(Answer.YES, f"{targets}: {registers} registers, {spills}")

    def _correct(self) -> Judged:
        if self._mode == "interpret" and "autotune" in self._source.text:
            self._verdict.notes.append("autotuned: judged with the first of its configurations")
        self._running = self._open.enter_context(self._loaded(self._mode))
        return self._checks.correct(self._running)

    def _stable(self) -> Judged:
        return self._checks.stable(self._running)

    def _fast(self) -> Judged:
        if self._options.speed == "never":
            return Judged(Answer.NOT_JUDGED, "speed was not asked for")
        if self._options.speed == "auto" and self._device.type != "cuda":
            return Judged(Answer.NOT_JUDGED, "speed was not judged: no GPU here")
        speed = Speed(self._definition, self._checks, self._seeds, self._device)
        return speed.judged(self._running, self._baseline(), self._verdict)

    def _model(self) -> None:
        """Run a model that uses the operation, where there is one; time it where speed was."""
        if self._definition.model is None:
            self._verdict.notes.append("no model at hand uses it: no end-to-end difference")
            return
        timed = self._verdict.fast.answer is not Answer.NOT_JUDGED
        self._verdict.end_to_end = in_model(
            self._definition,
            self._running,
            self._baseline(),
            self._seeds,
            self._device,
            timed,
        )

    def _baseline(self) -> Candidate:
        """Return a fresh process with the reference loaded; nobody else's code runs in it."""
        what, limit_s = reference_of(self._definition), self._options.limit_s
        return self._open.enter_context(
            candidate(self._server, self._mode, limit_s, what, self._checks.names)
        )

    @property
    def _mode(self) -> str:
        return "cuda" if self._device.type == "cuda" else "interpret"

    def _loaded(self, mode: str) -> AbstractContextManager[Candidate]:
        source = self._source
        what = {"text": source.text, "file": source.file, "function": source.function}
        return candidate(self._server, mode, self._options.limit_s, what, self._checks.names)


def environment(device: torch.device) -> dict[str, str]:
    """Return where a verdict was made: device, versions, and how kernels ran."""
    cuda = device.type == "cuda"
    return {
        "device": torch.cuda.get_device_name(device) if cuda else platform.processor() or "CPU",
        "ran": "on the GPU" if cuda else "in Triton's interpreter",
        "python": platform.python_version(),
        "torch": torch.__version__,
        "triton": _version("triton"),
        "cuda": torch.version.cuda or "none",
    }


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "none"
