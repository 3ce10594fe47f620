"""A server of a benchmark's own: another process, a free port, none of the user's settings."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

READY_WITHIN_S = 60.0
_LOOK_EVERY_S = 0.005  # how exactly readiness is timed


@dataclass(frozen=True, slots=True)
class Server:
    """A server that answers ``/readyz`` with 200."""

    url: str
    pid: int
    ready_s: float  # from the start of its process to the first 200

    def rss_mib(self) -> float:
        """Return the memory that its process holds."""
        shown = subprocess.run(
            ["ps", "-o", "rss=", "-p", str(self.pid)], capture_output=True, text=True, check=True
        )
        return int(shown.stdout) / 1024

    def cpu_s(self) -> float:
        """Return the time that its process has had of all cores."""
        fields = Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


@contextmanager
def serving(model: str, **settings: object) -> Iterator[Server]:
    """Serve a model with these settings until the block is left."""
    port = _free_port()
    flags = {"port": port, "models": model, "log_level": "warning", **settings}
    command = [sys.executable, "-m", "livedraft", "serve"]
    for name, value in flags.items():
        command += [f"--{name.replace('_', '-')}", str(value)]
    environment = {k: v for k, v in os.environ.items() if not k.startswith("LIVEDRAFT_")}
    with tempfile.TemporaryDirectory() as folder:
        log = Path(folder) / "log"
        with log.open("wb") as out:
            start = time.perf_counter()
            process = subprocess.Popen(
                command, cwd=folder, env=environment, stdout=out, stderr=subprocess.STDOUT
            )
        try:
            url = f"http://127.0.0.1:{port}"
            _wait_until_ready(url, process, log)
            yield Server(url, process.pid, time.perf_counter() - start)
        finally:
            process.terminate()
            try:
                process.wait(timeout=15)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _wait_until_ready(url: str, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.perf_counter() + READY_WITHIN_S
    while not _ready(url):
        if process.poll() is not None or time.perf_counter() > deadline:
            said = log.read_text(encoding="utf-8", errors="replace")[-2000:]
            raise RuntimeError(f"the server did not become ready:\n{said}")
        time.sleep(_LOOK_EVERY_S)


def _ready(url: str) -> bool:
    try:
        with urllib.request.urlopen(url + "/readyz", timeout=5) as answer:
            return bool(answer.status == 200)
    except (urllib.error.URLError, OSError):
        return False
