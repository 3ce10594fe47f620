"""Proxies of the environment: none to this machine, NO_PROXY honoured, words where one fails."""

import json
import socket

import pytest
from tests.fake_server import MODEL, FakeServer
from tests.sdk.client.hostile import JSON, answering, raw

from livedraft.client import AsyncClient
from livedraft.client.terms import Retry
from livedraft.errors import ConfigError, ConnectFailed

pytestmark = pytest.mark.anyio

NAMES = ("all_proxy", "http_proxy", "https_proxy", "no_proxy", "ws_proxy", "wss_proxy")
BAD = ["socks5://me:secret@127.0.0.1:9", "nonsense://me:secret@here", "http://127.0.0.1:9"]
MODELS = answering("200 OK", json.dumps({"models": [dict(MODEL)]}).encode(), JSON)


@pytest.fixture(autouse=True)
def clean(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in NAMES:
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)

    def no_names(*args: object, **kwargs: object) -> list[object]:
        raise socket.gaierror("no names in tests")

    monkeypatch.setattr(socket, "getaddrinfo", no_names)


@pytest.mark.parametrize("proxy", BAD)
@pytest.mark.parametrize("variable", ["ALL_PROXY", "HTTP_PROXY", "HTTPS_PROXY", "http_proxy"])
async def test_this_machine_is_reached_without_one(
    monkeypatch: pytest.MonkeyPatch, variable: str, proxy: str
) -> None:
    monkeypatch.setenv(variable, proxy)
    async with raw(MODELS) as url, AsyncClient(url) as client:
        assert [model.id for model in await client.models()] == ["fake"]
    async with FakeServer() as server, AsyncClient(server.url) as client:
        async with client.session() as session:
            assert session.state == "open"


@pytest.mark.parametrize("proxy", BAD[:2])
async def test_one_that_cannot_be_used_is_told_without_its_password(
    monkeypatch: pytest.MonkeyPatch, proxy: str
) -> None:
    monkeypatch.setenv("ALL_PROXY", proxy)
    with pytest.raises(ConfigError) as caught:
        AsyncClient("http://far.test:80")
    assert "NO_PROXY" in caught.value.fix
    assert "secret" not in str(caught.value)


async def test_a_socks_proxy_that_appears_later_is_told_too(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with AsyncClient("http://far.test:80", retry=Retry(attempts=1)) as client:
        monkeypatch.setenv("ALL_PROXY", BAD[0])
        with pytest.raises(ConfigError, match="NO_PROXY"):
            await client.session().open()


async def test_one_that_does_not_answer_is_no_connection(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", BAD[2])
    async with AsyncClient("http://far.test:80") as client:
        with pytest.raises(ConnectFailed):
            await client.models()
        with pytest.raises(ConnectFailed):
            await client.session().open()


@pytest.mark.parametrize("excepted", ["far.test", "*", ".test"])
async def test_no_proxy_is_honoured(monkeypatch: pytest.MonkeyPatch, excepted: str) -> None:
    monkeypatch.setenv("ALL_PROXY", BAD[0])
    monkeypatch.setenv("NO_PROXY", excepted)
    async with AsyncClient("http://far.test:80") as client:
        with pytest.raises(ConnectFailed, match="no names in tests"):
            await client.models()
        with pytest.raises(ConnectFailed, match="no names in tests"):
            await client.session().open()


@pytest.mark.parametrize("token", ["geheim\u00df", "a\nb", "a\x00b"])
def test_a_token_that_no_header_carries_is_told(token: str) -> None:
    with pytest.raises(ConfigError, match="token"):
        AsyncClient("http://here", token)


@pytest.mark.parametrize("url", ["http://[::1", "http://here:99999", "http://a..b", "http://:80"])
def test_addresses_that_are_none_are_told(url: str) -> None:
    with pytest.raises(ConfigError, match="HOST:PORT"):
        AsyncClient(url)
