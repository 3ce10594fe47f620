"""Processes for files that nobody trusts: forked from one that has imported torch, and no more.

    judge ── control ── fork server ── fork ── runner
      └────────── result channel ────────────────┘

A runner inherits one socket, a log, an empty environment and a folder of its own. It runs as the
user who runs the judge: this keeps a kernel's tricks out of the judging, it is no sandbox.
"""

from __future__ import annotations

import json
import os
import resource
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from .channel import Channel

# What a runner may know of the judge's environment; keys and tokens are not among it.
_HANDED_ON = ("PATH", "LANG", "LD_LIBRARY_PATH", "PYTHONPATH", "VIRTUAL_ENV", "OMP_NUM_THREADS")
_HANDED_ON_OF = ("CUDA_", "NVIDIA_")
_MOST_FILE_BYTES = 256 << 20  # a file that a runner writes, its log too
_MOST_CONTROL_BYTES = 4096
_LOG_TAIL_BYTES = 400

Run = Callable[[Channel, str, Path], None]  # what a fork does: its channel, its mode, its folder


@dataclass
class Fork:
    """One runner: its channel, its process and what it printed."""

    channel: Channel
    pid: int
    log: BinaryIO
    status: int | None = None  # of its exit

    def tail(self) -> str:
        """Return the end of what it printed, in one line."""
        self.log.seek(0, os.SEEK_END)
        self.log.seek(max(0, self.log.tell() - _LOG_TAIL_BYTES))
        return " ".join(self.log.read().decode(errors="replace").split())


class ForkServer:
    """A process that has imported torch and forks runners; leave its ``with`` and all are gone."""

    def __init__(self) -> None:
        self._scratch = tempfile.TemporaryDirectory(prefix="livedraft-bench-")
        self._count = 0
        ours, theirs = socket.socketpair()
        self._control = ours
        environment = {
            key: value
            for key, value in os.environ.items()
            if key in _HANDED_ON or key.startswith(_HANDED_ON_OF)
        }
        with theirs:
            self._process = subprocess.Popen(
                # -P: a torch.py in the current folder is not torch
                [sys.executable, "-P", "-m", __name__, str(theirs.fileno())],
                env=environment | {"HOME": self._scratch.name, "TMPDIR": self._scratch.name},
                pass_fds=[theirs.fileno()],
                stdin=subprocess.DEVNULL,
                start_new_session=True,  # Ctrl+C is for the judge, which then ends all
            )

    def __enter__(self) -> ForkServer:
        return self

    def __exit__(self, *_: object) -> None:
        self._control.close()  # ends the server, and it ends whom it forked
        self._process.wait()
        self._scratch.cleanup()

    @contextmanager
    def fork(self, mode: str) -> Iterator[Fork]:
        """Give a runner in a mode of ``runner.MODES``; end it when the block is left."""
        self._count += 1
        folder = Path(self._scratch.name, str(self._count))
        folder.mkdir()
        ours, theirs = socket.socketpair()
        with tempfile.TemporaryFile() as log:
            asked = json.dumps({"mode": mode, "folder": str(folder)}).encode()
            with theirs:
                socket.send_fds(self._control, [asked], [theirs.fileno(), log.fileno()])
                pid = int(self._answer())
            made = Fork(Channel(ours), pid, log)
            try:
                yield made
            finally:
                made.channel.close()
                self.end(made)

    def end(self, fork: Fork) -> int:
        """End a runner and its children; return its exit status, negative for a signal.

        One that had ended by itself keeps the status that it ended with.
        """
        if fork.status is None:
            _kill(fork.pid)
            self._control.sendall(json.dumps({"reap": fork.pid}).encode())
            fork.status = int(self._answer())
        return fork.status

    def _answer(self) -> bytes:
        said = self._control.recv(_MOST_CONTROL_BYTES)
        if not said:
            raise ChildProcessError("the process that forks runners has ended")
        return said


def _kill(pid: int) -> None:
    """End a process group, or a process that has not made itself one yet."""
    for end in (os.killpg, os.kill):
        with suppress(ProcessLookupError):  # it had ended by itself
            end(pid, signal.SIGKILL)


def _serve(control: socket.socket, run: Run) -> None:
    """Fork whenever asked to, until the judge closes its end; a fork runs `run`."""
    living: set[int] = set()
    while True:
        said, fds, _, _ = socket.recv_fds(control, _MOST_CONTROL_BYTES, 2)
        if not said:
            break
        asked = json.loads(said)
        if "reap" in asked:
            _, status = os.waitpid(asked["reap"], 0)
            living.discard(asked["reap"])
            _tell(control, os.waitstatus_to_exitcode(status))
            continue
        pid = os.fork()
        if not pid:
            control.close()
            _become(run, asked["mode"], Path(asked["folder"]), *fds)
        living.add(pid)
        for each in fds:
            os.close(each)
        _tell(control, pid)
    for pid in living:
        _kill(pid)


def _tell(control: socket.socket, number: int) -> None:
    with suppress(BrokenPipeError, ConnectionResetError):  # the judge was ended; `_serve` sees it
        control.sendall(str(number).encode())


def _become(run: Run, mode: str, folder: Path, result: int, log: int) -> None:
    """Turn this process into a runner; never return."""
    os.setsid()
    for target, source in ((1, log), (2, log)):
        os.dup2(source, target)
    os.close(log)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (_MOST_FILE_BYTES, _MOST_FILE_BYTES))
    os.chdir(folder)
    os.environ |= {"HOME": str(folder), "TMPDIR": str(folder)}
    with socket.socket(fileno=result) as end:
        run(Channel(end), mode, folder)
    os._exit(0)


if __name__ == "__main__":
    from .runner import serve  # and torch with it: the two seconds that runners are spared

    with socket.socket(fileno=int(sys.argv[1])) as _control:
        _serve(_control, serve)
