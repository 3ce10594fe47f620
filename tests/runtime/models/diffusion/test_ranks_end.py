"""Ranks end with what they serve: one that dies ends the model, the server's end ends them all."""

from __future__ import annotations

import os
import select
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from tests.runtime.models.diffusion.asking import PICTURE

import livedraft as ld
from livedraft.errors import ModelFailed
from livedraft.runtime.config import Config
from livedraft.runtime.models.diffusion.flow_models import Flux2Klein
from livedraft.runtime.models.diffusion.parts import save, tiny
from livedraft.runtime.running import Thread

NAME = "flux2-klein"  # whose other rank waits for the one that dies
WHOLE_S = 120.0  # that a process has for it; it takes none of them where all is well
SERVER = """
import sys
from livedraft.runtime.models import MODELS
from livedraft.runtime.plan import Parallel, Plan
kind = MODELS.load("flux2-klein")
model = kind.load(sys.argv[1], Plan(parallel=Parallel(ulysses=2), threads=1))
ranks = model._family.denoiser.network
print(*(each.pid for each in ranks.processes), flush=True)
sys.stdin.readline()
from tests.runtime.models.diffusion.asking import PICTURE, prepared
job = prepared(model, PICTURE, 2, prompt="a fox")
print("asks", flush=True)
model.step([job])
print("made", flush=True)
"""


@pytest.fixture(scope="module")
def weights(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a folder of tiny weights."""
    folder = tmp_path_factory.mktemp("weights") / NAME
    save(tiny(Flux2Klein._kind()), folder)
    return folder


def processes() -> set[int]:
    """Return the ranks that this process has started and that are not yet ended."""
    found = set()
    for status in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            state, parent = status.read_text().rpartition(")")[2].split()[:2]
            line = (status.parent / "cmdline").read_bytes()
            if int(parent) == os.getpid() and state != "Z" and b"parallel.rank" in line:
                found.add(int(status.parent.name))
    return found


@pytest.fixture
def killed(weights: Path, tmp_path: Path) -> Iterator[tuple[subprocess.Popen[str], list[int]]]:
    """Give a process that has ranks, with their ids; it ends in any case, and so do they."""
    env = os.environ | {"TMPDIR": str(tmp_path)}
    with subprocess.Popen(
        [sys.executable, "-c", SERVER, str(weights)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env=env,
    ) as process:
        found: list[int] = []
        try:
            assert process.stdout is not None
            found = [int(each) for each in process.stdout.readline().split()]
            assert len(found) == 2
            yield process, found
        finally:
            process.kill()
            for each in found:
                with suppress(ProcessLookupError):
                    os.kill(each, signal.SIGKILL)


def ends(pid: int, within_s: float = WHOLE_S) -> bool:
    """Return whether a process ends, as soon as it does."""
    try:
        watched = os.pidfd_open(pid)
    except ProcessLookupError:
        return True
    try:
        return bool(select.select([watched], [], [], within_s)[0])
    finally:
        os.close(watched)


def test_a_killed_server_leaves_neither_ranks_nor_files(
    killed: tuple[subprocess.Popen[str], list[int]], tmp_path: Path
) -> None:
    process, found = killed
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert all(ends(each) for each in found)
    left = [each.name for each in tmp_path.iterdir() if "rank" in each.name]
    assert not left, "there is no folder of theirs that could be left"


def test_a_rank_that_waits_for_another_ends_with_the_server(
    killed: tuple[subprocess.Popen[str], list[int]],
) -> None:
    process, (waiting, stopped) = killed
    assert process.stdin is not None
    assert process.stdout is not None
    os.kill(stopped, signal.SIGSTOP)
    process.stdin.write("go\n")
    process.stdin.flush()
    assert process.stdout.readline() == "asks\n"
    assert not ends(waiting, 0.0), "it waits, and would for ever"
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert ends(waiting)
    assert not ends(stopped, 0.0), "who is stopped cannot"
    os.kill(stopped, signal.SIGCONT)
    assert ends(stopped)


def test_a_served_model_whose_rank_dies_fails_in_words_and_the_server_lives(
    weights: Path,
) -> None:
    config = Config(port=0, models=("echo", f"{NAME}={weights}"), parallel="ulysses=2", threads=1)
    others = processes()
    with Thread(config) as server, ld.Client(server.url) as client:
        with client.session(NAME, prompt="a fox", seed=3) as session:
            session.update(seed=4)
            assert session.next_frame() is not None
            started = sorted(processes() - others)
            assert len(started) == 2
            os.kill(started[-1], signal.SIGKILL)
            session.update(seed=5)
            with pytest.raises(ModelFailed, match="rank"):
                session.next_frame()
            session.update(seed=6)
            with pytest.raises(ModelFailed, match="rank"):
                session.next_frame()
        assert not processes() - others, "the one that was left is ended, too"
        with client.session("echo", prompt="here") as other:
            other.send(PICTURE)
            assert other.next_frame() is not None
