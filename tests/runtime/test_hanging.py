"""A model that never returns: everybody is told, and the process ends when it is asked to."""

import json
import os
import signal
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import anyio
import httpx
import pytest
from tests.runtime.zoo.raised import RAISED
from tests.runtime.zoo.zoo import Zoo
from tests.tables import load_models
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect

from livedraft.client import AsyncClient
from livedraft.errors import LivedraftError, ModelFailed, WeightsError
from livedraft.runtime.config import Config
from livedraft.runtime.running import running
from livedraft.runtime.server import Server
from livedraft.runtime.table import Table

FOLDER = Path(__file__).parent / "zoo"  # an installed package with entry points
ROOT = Path(__file__).parents[2]


@pytest.fixture
def zoo(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Have the zoo installed, and whoever hangs in it let go at the end."""
    monkeypatch.syspath_prepend(FOLDER)
    monkeypatch.setattr(Zoo, "let_go", threading.Event())
    yield
    Zoo.let_go.set()


@pytest.mark.anyio
async def test_all_are_told_and_served_again_once_it_returns(
    zoo: None, caplog: pytest.LogCaptureFixture
) -> None:
    config = Config(models=("echo", "zoo"), port=0, model_s=0.2)
    with anyio.fail_after(20):
        async with running(config) as url, AsyncClient(url) as client, httpx.AsyncClient() as http:
            async with client.session("zoo") as session, client.session("echo") as other:
                with pytest.raises(ModelFailed, match="step of the model 'zoo' has not returned"):
                    await session.refine(fault="hangs")
                unready = await http.get(f"{url}/readyz")
                assert unready.status_code == 503
                assert "step of the model 'zoo' has not returned" in unready.text
                with pytest.raises(ModelFailed, match="'zoo' has not returned"):
                    await other.refine()  # at once: nobody waits behind it
                refused = await http.post(f"{url}/v1/generate", json={"model": "echo"})
                assert (refused.status_code, refused.headers["retry-after"]) == (503, "2")
                counted = (await http.get(f"{url}/metrics")).text
                assert 'livedraft_model_late_total{model="zoo",phase="step"} 1.0' in counted
                (said,) = [r.getMessage() for r in caplog.records if "it is here" in r.message]
                assert "self.let_go.wait()" in said, "the line that hangs is named"

                Zoo.let_go.set()
                while (await http.get(f"{url}/readyz")).status_code != 200:
                    pass
                await session.refine()
                await other.refine()
                assert "step of the model 'zoo' returned after" in caplog.text


@contextmanager
def serving(*flags: str, **environment: str) -> Iterator[subprocess.Popen[str]]:
    """Serve in a process of its own."""
    path = os.pathsep.join([str(FOLDER), str(ROOT), str(ROOT / "sdk")])
    process = subprocess.Popen(
        [sys.executable, "-m", "livedraft", "serve", "--port", "0", "--drain-s", "0.5", *flags],
        env={**os.environ, "PYTHONPATH": path, **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


@pytest.mark.anyio
async def test_a_model_that_hangs_as_it_warms_up_ends_the_server(
    zoo: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Zoo, "open", lambda model: Zoo.let_go.wait())
    server = Server(Config(models=("zoo",), model_s=0.1))
    with anyio.fail_after(20), pytest.raises(ModelFailed, match="prepare of the model 'zoo'"):
        async with server:
            pass
    assert isinstance(server.failure, ModelFailed)


@pytest.mark.anyio
async def test_the_models_behind_one_that_was_late_are_served(
    zoo: None, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    closed: list[object] = []

    def leave_out(table: Table, name: str, error: LivedraftError) -> None:
        left(table, name, error)
        # It returns a while after it was given up, when the next is loaded.
        threading.Timer(0.3, Zoo.let_go.set).start()

    left = Table.leave_out
    monkeypatch.setattr(Table, "leave_out", leave_out)
    monkeypatch.setattr(Zoo, "open", lambda model: Zoo.let_go.wait())
    monkeypatch.setattr(Zoo, "close", lambda model, state: closed.append(state))
    config = Config(models=("zoo", "echo"), port=0, model_s=0.2)
    with anyio.fail_after(20):
        async with running(config) as url, AsyncClient(url) as client:
            assert [model.id for model in await client.models()] == ["echo"]
            made = await client.generate("a fox", model="echo")
            assert made.size[0] > 0
    assert closed == [True], "what it had opened is closed, though it is no model of the server's"
    assert "KeyError" not in caplog.text


def over_http(url: str) -> None:
    body = b'{"model": "zoo", "fault": "hangs"}'
    kind = {"content-type": "application/json"}
    urllib.request.urlopen(urllib.request.Request(f"{url}/v1/generate", body, kind))


def over_websocket(url: str) -> None:
    with connect(f"{url.replace('http', 'ws')}/v1/realtime") as line:
        line.send(json.dumps({"type": "open", "model": "zoo", "params": {"fault": "hangs"}}))
        line.send(json.dumps({"type": "refine", "id": 1}))
        for _ in line:
            pass  # until it is closed


def ask_in_vain(ask: Callable[[str], None], url: str) -> threading.Thread:
    """Ask for a picture that never comes."""

    def asking() -> None:
        with suppress(OSError, ConnectionClosed):
            ask(url)

    thread = threading.Thread(target=asking)
    thread.start()
    return thread


def readiness(url: str) -> str:
    try:
        with urllib.request.urlopen(f"{url}/readyz") as answer:
            return str(answer.read().decode())
    except urllib.error.HTTPError as error:
        with error:
            return str(error.read().decode())


@pytest.mark.parametrize("told", [signal.SIGTERM, signal.SIGINT])
@pytest.mark.parametrize(("model_s", "ask"), [("0.2", over_http), ("600", over_websocket)])
def test_a_stuck_server_ends_when_it_is_told_and_not_in_peace(
    told: signal.Signals, model_s: str, ask: Callable[[str], None]
) -> None:
    with serving("--models", "zoo", "--model-s", model_s) as process:
        assert process.stdout is not None
        url = process.stdout.readline().removeprefix("livedraft is at ").partition(" ")[0]
        asking = ask_in_vain(ask, url)
        assert process.stderr is not None
        while "the zoo hangs" not in process.stderr.readline():
            pass
        while model_s == "0.2" and "has not returned" not in readiness(url):
            pass
        begun = time.monotonic()
        process.send_signal(told)
        _, said = process.communicate(timeout=30)
        took = time.monotonic() - begun
        asking.join()
    assert process.returncode not in (0, None)
    assert took < 0.5 + 2 + 2 + 5, "drain_s, the last words, the engine's close, a slow machine"
    if told is signal.SIGINT:
        assert "step of the model 'zoo' has not returned" in said


@pytest.mark.parametrize("name", ["SystemExit", "KeyboardInterrupt", "mute"])
def test_a_model_that_does_not_load_ends_the_server_and_is_named(name: str) -> None:
    with serving("--models", "stillborn", ZOO_LOAD=name) as process:
        _, said = process.communicate(timeout=60)
    assert process.returncode == 1
    assert "loading the model 'stillborn' failed" in said


def test_a_model_that_loads_for_ever_does_not_keep_the_server() -> None:
    with serving("--models", "stillborn", ZOO_LOAD="hangs") as process:
        assert process.stderr is not None
        while "loading stillborn" not in process.stderr.readline():
            pass
        process.send_signal(signal.SIGINT)
        _, said = process.communicate(timeout=60)
    assert process.returncode == 1
    assert "the models have been loading for" in said


def test_a_lora_that_cannot_be_read_ends_the_server_and_is_named() -> None:
    with serving("--models", "zoo", "--loras", "mine=some/mute.safetensors") as process:
        _, said = process.communicate(timeout=60)
    assert process.returncode == 1
    assert "LoRA mine (some/mute.safetensors): reading it for the model 'zoo' failed" in said


@pytest.mark.parametrize("name", RAISED)
def test_whatever_is_raised_at_the_start_is_told(
    zoo: None, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ZOO_LOAD", name)
    with pytest.raises(ModelFailed, match="loading the model 'stillborn'"):
        load_models(Config(models=("stillborn",)))
    with pytest.raises(WeightsError, match=f"LoRA mine .{name}.safetensors"):
        load_models(Config(models=("zoo",), loras=(f"mine={name}.safetensors",)))


def test_a_model_that_says_of_itself_what_cannot_be_is_refused(zoo: None) -> None:
    with pytest.raises(ModelFailed, match="max_steps = 0"):
        load_models(Config(models=("misfit",)))
