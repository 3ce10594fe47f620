"""Servers on ports: beside a loop, in a thread, in the foreground."""

import signal
import threading

import httpx
import pytest
from starlette.types import ASGIApp

from livedraft.errors import ModelNotFound, WeightsError
from livedraft.runtime.config import Config
from livedraft.runtime.running import Process, Thread, running, serve
from livedraft.runtime.server import Server
from livedraft.runtime.sessions.scheduler import Scheduler
from livedraft.runtime.sessions.task import Task

ECHO = Config(models=("echo",), port=0)


@pytest.mark.anyio
async def test_beside_a_running_loop() -> None:
    async with running(ECHO) as url, httpx.AsyncClient() as client:
        assert (await client.get(f"{url}/readyz")).status_code == 200
    with pytest.raises(httpx.ConnectError):
        await httpx.AsyncClient().get(url)


@pytest.mark.anyio
async def test_a_failure_comes_out_where_it_was_started() -> None:
    with pytest.raises(ModelNotFound):
        async with running(Config(models=("ecko",), port=0)):
            pass


def test_in_a_thread() -> None:
    with Thread(ECHO) as server:
        assert httpx.get(f"{server.url}/readyz").status_code == 200
    server.close()  # again
    with pytest.raises(httpx.ConnectError):
        httpx.get(server.url)


def test_a_failure_in_a_thread_comes_out_in_the_caller() -> None:
    before = threading.active_count()
    with pytest.raises(ModelNotFound):
        Thread(Config(models=("ecko",), port=0))
    assert threading.active_count() == before


def test_in_the_foreground_no_address_is_told_that_cannot_be_used() -> None:
    told: list[str] = []
    with pytest.raises(ModelNotFound):
        serve(Config(models=("ecko",), port=0), told.append)
    assert told == []


def test_in_the_foreground_no_address_is_told_of_a_server_that_a_lora_of_none_ends() -> None:
    told: list[str] = []
    with pytest.raises(WeightsError):  # known once the last model is loaded
        serve(
            Config(models=("echo", "metronome"), loras=("a=gone.safetensors",), port=0), told.append
        )
    assert told == []


def test_in_the_foreground_the_address_answers_when_it_is_told() -> None:
    told: list[tuple[str, int]] = []

    def tell(url: str) -> None:
        def ask() -> None:
            told.append((url, httpx.get(f"{url}/readyz").status_code))
            signal.raise_signal(signal.SIGTERM)

        threading.Thread(target=ask).start()

    before = signal.signal(signal.SIGTERM, lambda *_: None)  # uvicorn raises it again, afterwards
    serve(ECHO, tell)
    signal.signal(signal.SIGTERM, before)
    assert [status for _, status in told] == [200]


@pytest.mark.parametrize(
    ("host", "start"), [("0.0.0.0", "http://127.0.0.1:"), ("::1", "http://[::1]:")]
)
def test_the_address_can_be_opened(host: str, start: str) -> None:
    with Thread(Config(models=("echo",), port=0, host=host)) as server:
        assert server.url.startswith(start)
        assert httpx.get(f"{server.url}/healthz").status_code == 200


def test_more_can_be_served_around_the_app() -> None:
    seen: list[str] = []

    def mount(server: Server, url: str) -> ASGIApp:
        seen.append(url)
        return server.app

    with Thread(ECHO, mount) as server:
        assert seen == [server.url]
        assert httpx.get(server.url).status_code == 404  # no page of our own at the root


def test_an_exit_of_whatever_is_served_is_no_end_in_peace(monkeypatch: pytest.MonkeyPatch) -> None:
    async def leave(process: Process) -> None:
        for each in process._sockets:
            each.close()
        process.server.give_up()
        raise SystemExit(0)

    monkeypatch.setattr(Process, "run", leave)
    with pytest.raises(SystemExit) as caught:
        serve(ECHO)
    assert caught.value.code == 1


def test_who_waits_for_a_thread_hears_what_ended_it(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(line: Scheduler) -> list[Task]:
        raise ZeroDivisionError("a fault of the server's own")

    with Thread(ECHO) as server:
        monkeypatch.setattr(Scheduler, "next", broken)
        with pytest.raises(httpx.HTTPError):
            httpx.post(f"{server.url}/v1/generate", json={}).raise_for_status()
        with pytest.raises(ZeroDivisionError):
            server.join()
