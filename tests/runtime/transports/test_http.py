"""Plain HTTP: what each route answers, to whom, and how it refuses."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
import pytest
from tests.asking import HOST, asking

from livedraft import elements
from livedraft.errors import EngineError, LivedraftError, OutOfMemory, ServerBusy
from livedraft.runtime.config import Config
from livedraft.runtime.server import Server
from livedraft.runtime.transports.http import routes
from livedraft.runtime.transports.refusals import refusal

pytestmark = pytest.mark.anyio


@asynccontextmanager
async def serving(**settings: Any) -> AsyncIterator[httpx.AsyncClient]:
    server = Server(Config(models=("echo",), **settings))
    async with server, asking(server) as client:
        yield client


async def test_models_come_with_their_schemas() -> None:
    async with serving() as client:
        (model,) = (await client.get("/v1/models")).json()["models"]
        assert (model["id"], model["default"], model["width"]) == ("echo", True, 512)
        assert model["inputs"][0]["name"] == "sketch"
        assert model["params_schema"]["properties"]["seed"]["maximum"] == 2**32 - 1


async def test_health_and_readiness() -> None:
    server = Server(Config(models=("echo",)))
    async with asking(server) as client:
        assert (await client.get("/healthz")).status_code == 200
        early = await client.get("/readyz")
        assert (early.status_code, early.json()["why"]) == (503, "Loading models")
        async with server as service:
            assert (await client.get("/readyz")).status_code == 200
            await service.drain()
            late = await client.get("/readyz")
            assert (late.status_code, late.json()["why"]) == (503, "draining")
            refused = await client.get("/v1/models")
            assert refused.status_code == 503
            assert int(refused.headers["retry-after"]) > 0
            assert refused.json()["error"]["code"] == "session_closed"


async def test_metrics_count_frames_and_errors() -> None:
    async with serving() as client:
        assert (await client.post("/v1/generate", json={})).status_code == 200
        assert (await client.post("/v1/generate", json={"seed": -1})).status_code == 400
        answer = await client.get("/metrics")
        assert answer.headers["content-type"].startswith("text/plain")
        assert 'livedraft_frames_total{model="echo",stage="final"} 1.0' in answer.text
        assert 'livedraft_errors_total{code="invalid_params"} 1.0' in answer.text
        assert "livedraft_sessions 0.0" in answer.text


@pytest.mark.parametrize("path", ["/v1/models", "/metrics"])
async def test_a_token_guards_what_costs_or_tells(path: str) -> None:
    async with serving(token="hush") as client:
        bare = await client.get(path)
        assert (bare.status_code, bare.headers["www-authenticate"]) == (401, "Bearer")
        assert bare.json()["error"]["fix"]
        wrong = await client.get(path, headers={"Authorization": "Bearer hash"})
        assert wrong.status_code == 401
        right = await client.get(path, headers={"Authorization": "Bearer hush"})
        assert right.status_code == 200
        assert (await client.post("/v1/generate", json={})).status_code == 401
        assert (await client.get("/readyz")).status_code == 200


async def test_a_foreign_origin_is_refused_and_an_allowed_one_may_read() -> None:
    async with serving(origins=("https://art.example",)) as client:
        foreign = await client.get("/v1/models", headers={"Origin": "https://evil.example"})
        assert (foreign.status_code, foreign.json()["error"]["code"]) == (403, "unauthorized")
        assert "access-control-allow-origin" not in foreign.headers
        for origin in ("https://art.example", HOST):
            allowed = await client.get("/v1/models", headers={"Origin": origin})
            assert allowed.status_code == 200
            assert allowed.headers["access-control-allow-origin"] == origin


async def test_a_preflight_is_answered_without_the_token() -> None:
    async with serving(origins=("https://art.example",), token="hush") as client:
        answer = await client.options("/v1/generate", headers={"Origin": "https://art.example"})
        assert answer.status_code == 204
        assert "Authorization" in answer.headers["access-control-allow-headers"]
        refused = await client.options("/v1/generate", headers={"Origin": "https://evil.example"})
        assert refused.status_code == 403


@pytest.mark.parametrize("path", [f"/{name}" for name in elements.SCRIPTS])
async def test_a_script_is_given_to_any_website(path: str) -> None:
    async with serving(token="hush") as client:
        for headers in (
            {"Origin": "https://any.example"},
            {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "no-cors"},
        ):
            answer = await client.get(path, headers=headers)
            assert answer.text.startswith("// livedraft")
            assert answer.headers["content-type"].startswith("text/javascript")
            assert answer.headers["access-control-allow-origin"] == "*"
            assert answer.headers["cross-origin-resource-policy"] == "cross-origin"
        again = await client.get(path, headers={"If-None-Match": answer.headers["etag"]})
        assert (again.status_code, again.content) == (304, b"")


@pytest.mark.parametrize("name", elements.TYPES)
async def test_a_modules_types_are_given_as_text(name: str) -> None:
    async with serving(token="hush") as client:
        answer = await client.get(f"/{name}")
        assert answer.headers["content-type"].startswith("text/plain")
        assert "export declare " in answer.text


async def test_the_page_is_given_without_the_token_but_to_no_other_website() -> None:
    async with serving(token="hush") as client:
        answer = await client.get("/")
        assert answer.headers["content-type"].startswith("text/html")
        assert "access-control-allow-origin" not in answer.headers
        foreign = await client.get("/", headers={"Origin": "https://any.example"})
        assert foreign.status_code == 403


async def test_a_file_that_was_never_built_says_what_to_do(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def gone(name: str) -> str:
        raise LivedraftError("gone", fix="build it")

    monkeypatch.setattr(elements, "read", gone)
    async with serving() as client:
        answer = await client.get("/livedraft.js")
        assert (answer.status_code, answer.json()["error"]["fix"]) == (404, "build it")


@pytest.mark.parametrize("token", ["", "secret"])
async def test_a_proxy_that_passes_no_upgrade_is_told_apart_from_a_wrong_address(
    token: str,
) -> None:
    async with serving(token=token) as client:
        answer = await client.get("/v1/realtime")
        assert (answer.status_code, answer.headers["upgrade"]) == (426, "websocket")
        assert "proxy" in answer.json()["error"]["fix"]
        assert (await client.get("/v1/realtimes")).status_code == 404


def test_the_root_is_free_for_another_app() -> None:
    paths = {getattr(route, "path", "") for route in routes(page=False)}
    assert "/" not in paths
    assert "/v1/realtime" in paths


@pytest.mark.parametrize(
    ("error", "status"),
    [(ServerBusy("x"), 503), (OutOfMemory("x"), 503), (EngineError("x"), 500)],
)
def test_an_error_has_its_status(error: LivedraftError, status: int) -> None:
    answer = refusal(error)
    assert answer.status_code == status
    assert ("retry-after" in answer.headers) == (status == 503)
