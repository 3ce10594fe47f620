"""fal's queue: its own client, unmodified; and what clients do that are killed, or hostile."""

from __future__ import annotations

import base64
import io
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from PIL import Image
from tests.runtime.transports.fal.tls import over_tls
from tests.runtime.transports.talks import SKETCH
from tests.sweep import SERVED

from livedraft.media.recipes import read_recipe
from livedraft.runtime.config import Config
from livedraft.runtime.running import Thread

pytestmark = pytest.mark.anyio
URI = "data:image/jpeg;base64," + base64.b64encode(SKETCH).decode()
OFFICIAL = """
import asyncio, fal_client, httpx, ssl, sys
from fal_client import Completed, InProgress, Queued
from fal_client.client import FalClientHTTPError

sketch = fal_client.encode_file(sys.argv[1])
asked = {"prompt": "a fox", "image_url": sketch, "seed": 7, "num_inference_steps": 6}

handle = fal_client.submit("owner/echo", asked)
print("submitted", len(handle.request_id))
events = list(handle.iter_events(with_logs=True))
last = events[-1]
print(type(last).__name__, last.error, last.logs[-1]["message"].startswith("made in"))
made = handle.get()
print(made["seed"], made["num_inference_steps"], made["images"][0]["width"])
trusted = ssl.create_default_context(cafile=sys.argv[2])
print(httpx.get(made["images"][0]["url"], verify=trusted).content[:4])
again = fal_client.result("owner/echo", handle.request_id)
print(again["seed"], type(fal_client.status("owner/echo", handle.request_id)).__name__)

seen = []
made = fal_client.subscribe(
    "owner/echo", {"num_images": 2, "seed": 3}, with_logs=True, on_queue_update=seen.append
)
kinds = {type(each).__name__ for each in seen}
print(len(made["images"]), kinds <= {"Queued", "InProgress", "Completed"})

made = fal_client.run("owner/echo", {"prompt": "a fox", "sync_mode": True, "output_format": "jpeg"})
print(made["images"][0]["url"][:22])

parts = list(fal_client.stream("owner/echo", {**asked, "delay_ms": 20}))
print(len(parts) > 1, "step" in parts[0], parts[-1]["seed"])

slow = fal_client.submit("owner/echo", {"num_inference_steps": 100, "delay_ms": 100})
slow.cancel()
try:
    slow.get()
except FalClientHTTPError as error:
    print(error.status_code, error)
try:
    fal_client.submit("owner/echo", {}, webhook_url="https://example.org/hook")
except FalClientHTTPError as error:
    print(error.status_code, error.error_type, error)
try:
    fal_client.run("owner/echo", {"image_url": "https://example.org/a.png"})
except FalClientHTTPError as error:
    print(error.status_code, error.error_type)

clip = {"prompt": "a fox", "duration": "0.5s", "num_inference_steps": 2, "seed": 7}
film = fal_client.submit("owner/sweep", clip)
last = list(film.iter_events(with_logs=True))[-1]
print("step 1 of 2" in [line["message"] for line in last.logs])
made = film.get()["video"]
found = httpx.get(made["url"], verify=trusted)
print(made["file_name"], found.headers["content-type"], len(found.content) == made["file_size"])
made = fal_client.run("owner/sweep", clip | {"sync_mode": True})["video"]
print(made["url"][:20], made["num_frames"])
parts = list(fal_client.stream("owner/sweep", clip | {"delay_ms": 20, "num_inference_steps": 9}))
print(len(parts) > 1, "step" in parts[0], "images" in parts[0], sorted(parts[-1])[-1])

async def later():
    return await fal_client.subscribe_async("owner/echo", {"seed": 5})

print(asyncio.run(later())["seed"])
"""


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    with Thread(Config(models=("echo", "loopback", SERVED), port=0)) as server:
        yield server.url


def test_fals_own_client_submits_follows_and_cancels(url: str, tmp_path: Path) -> None:
    (tmp_path / "sketch.jpg").write_bytes(SKETCH)
    with over_tls(url, tmp_path) as (address, authority):
        made = subprocess.run(
            [sys.executable, "-c", OFFICIAL, str(tmp_path / "sketch.jpg"), str(authority)],
            env=os.environ
            | {
                "FAL_RUN_HOST": address,
                "FAL_QUEUE_RUN_HOST": f"{address}/queue",
                "FAL_KEY": "any",
                "SSL_CERT_FILE": str(authority),
                "HOME": str(tmp_path),
            },
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
    assert made.returncode == 0, made.stderr
    lines = made.stdout.splitlines()
    assert lines[:5] == [
        "submitted 36",
        "Completed None True",
        "7 6 256",
        "b'\\x89PNG'",
        "7 Completed",
    ]
    assert lines[5:8] == ["2 True", "data:image/jpeg;base64", "True True 7"]
    cancelled, webhook, elsewhere = lines[8:11]
    assert cancelled.startswith("503 the request was cancelled")
    assert webhook.startswith("400 invalid_params webhook: this server calls nobody")
    assert elsewhere == "400 invalid_image"
    assert lines[11:] == [
        "True",
        "film.mp4 video/mp4 True",
        "data:video/mp4;base6 5",
        "True True False video",
        "5",
    ]


def submitted(url: str, **fields: Any) -> dict[str, Any]:
    answer = httpx.post(f"{url}/queue/owner/echo", json=fields)
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def finished(told: dict[str, Any]) -> dict[str, Any]:
    """Follow a request to its end; return its last status."""
    with httpx.stream("GET", told["status_url"] + "/stream?logs=1", timeout=20) as lines:
        events = [json.loads(line[6:]) for line in lines.iter_lines() if line.startswith("data: ")]
    assert [event["status"] for event in events].count("COMPLETED") == 1
    return dict(events[-1])


def test_a_picture_is_kept_at_its_address_with_its_recipe(url: str) -> None:
    told = submitted(url, prompt="a fox", seed=9)
    assert finished(told)["metrics"]["inference_time"] >= 0
    answer = httpx.get(told["response_url"])
    assert answer.headers["x-fal-request-id"] == told["request_id"]
    found = httpx.get(answer.json()["images"][0]["url"])
    assert found.headers["content-type"] == "image/png"
    with Image.open(io.BytesIO(found.content)) as picture:
        recipe = read_recipe(picture)
    assert recipe is not None
    assert (recipe["params"]["prompt"], recipe["seed"]) == ("a fox", 9)
    assert httpx.get(answer.json()["images"][0]["url"][:-1] + "7").status_code == 404


def test_without_a_seed_each_is_another(url: str) -> None:
    seeds = {httpx.post(f"{url}/owner/echo", json={}).json()["seed"] for _ in range(2)}
    assert len(seeds) == 2


def test_a_host_that_is_called_queue_is_one(url: str) -> None:
    with Thread(Config(models=("echo",), port=0, hosts=("queue.draw.example",))) as server:
        named = {"Host": "queue.draw.example"}
        told = httpx.post(f"{server.url}/owner/echo", json={}, headers=named).json()
    assert told["status_url"] == (
        f"http://queue.draw.example/owner/echo/requests/{told['request_id']}/status"
    )


def test_a_failure_is_told_in_the_status_and_as_the_result(url: str) -> None:
    told = submitted(url, fail=True)
    last = finished(told)
    assert (last["status"], last["error_type"]) == ("COMPLETED", "model_failed")
    answer = httpx.get(told["response_url"])
    assert answer.status_code == 500
    assert answer.json()["error"]["code"] == "model_failed"


def test_a_failure_in_the_middle_of_previews_is_an_event(url: str) -> None:
    answer = httpx.post(f"{url}/owner/echo/stream", json={"fail": True})
    assert "event: error" in answer.text
    assert '"error_type":"model_failed"' in answer.text


@pytest.mark.parametrize(
    ("path", "body", "status", "word"),
    [
        ("queue/owner/none", "{}", 404, "no model"),
        ("queue/owner/loopback", "{}", 400, "nor a film with an end"),
        ("queue/owner/echo", "[]", 400, "object"),
        ("queue/owner/echo", "{", 400, "JSON"),
        ("queue/owner/echo", '{"num_images": 1000}', 400, "num_images"),
        ("queue/owner/echo", '{"num_images": true}', 400, "num_images"),
        ("queue/owner/echo", '{"output_format": "bmp"}', 400, "output_format"),
        ("queue/owner/echo", '{"seed": -1}', 400, "seed"),
        ("queue/owner/echo", '{"seed": "many"}', 400, "seed"),
        ("queue/owner/echo", '{"image_size": "huge"}', 400, "image_size"),
        ("queue/owner/sweep", '{"video_size": "huge"}', 400, "video_size: 'huge'"),
        ("queue/owner/echo", '{"image_url": "https://example.org/a.png"}', 400, "elsewhere"),
        ("queue/owner/echo", '{"image_url": "data:image/png;base64,aGVsbG8="}', 400, "picture"),
        ("queue/owner/echo?fal_webhook=https://example.org", "{}", 400, "calls nobody"),
    ],
)
def test_what_is_wrong_is_refused_before_it_waits(
    url: str, path: str, body: str, status: int, word: str
) -> None:
    answer = httpx.post(f"{url}/{path}", content=body)
    assert answer.status_code == status
    assert word.lower() in answer.json()["detail"].lower()
    assert answer.json()["error"]["fix"]


def test_a_start_time_that_is_none_is_refused(url: str) -> None:
    for wrong in ("soon", "-1", "nan", "1e9"):
        named = {"X-Fal-Request-Timeout": wrong}
        assert httpx.post(f"{url}/owner/echo", json={}, headers=named).status_code == 400


def test_requests_of_others_cannot_be_had(url: str) -> None:
    told = submitted(url)
    finished(told)
    for wrong in (
        told["response_url"].replace("/owner/", "/somebody/"),
        told["response_url"].replace(told["request_id"], "0" * 36),
    ):
        assert httpx.get(wrong).status_code == 404
    assert httpx.put(told["cancel_url"]).json()["status"] == "ALREADY_COMPLETED"


def test_what_is_not_fals_is_left_to_others(url: str) -> None:
    """A page's own ``POST /gradio_api/upload`` has two parts, too."""
    assert httpx.post(f"{url}/gradio_api/upload").status_code == 404
    assert "detail" not in httpx.post(f"{url}/gradio_api/upload").text
    assert httpx.post(f"{url}/v1/models").status_code == 405
    keyed = {"Authorization": "Key any"}
    assert "no model" in httpx.post(f"{url}/owner/none", headers=keyed).json()["detail"]


def test_with_a_token_all_but_the_picture_needs_it() -> None:
    with Thread(Config(models=("echo",), port=0, token="secret")) as server:
        address = f"{server.url}/owner/echo"
        assert httpx.post(address, json={}).status_code == 401
        for scheme in ("Key", "Bearer"):
            named = {"Authorization": f"{scheme} secret"}
            made = httpx.post(address, json={}, headers=named).json()
            shown = made["images"][0]["url"]
            assert httpx.get(shown).content[:4] == b"\x89PNG"
            assert httpx.get(shown.partition("/pictures")[0]).status_code == 401


def test_a_page_asks_by_the_proxy_that_its_client_is_given(url: str) -> None:
    proxy = f"{url}/fal/proxy"

    def asked(target: str, method: str = "POST", **fields: Any) -> httpx.Response:
        named = {"X-Fal-Target-Url": target}
        return httpx.request(method, proxy, headers=named, json=fields or None)

    told = asked("https://queue.fal.run/owner/echo", seed=7).json()
    finished(told)
    at = f"https://queue.fal.run/owner/echo/requests/{told['request_id']}"
    assert asked(f"{at}/status?logs=1", "GET").json()["logs"]
    assert asked(at, "GET").json()["seed"] == 7
    assert asked("https://fal.run/owner/echo", seed=8).json()["seed"] == 8
    for wrong in (
        "https://rest.fal.ai/storage/upload/initiate",
        "https://evil.example/a/b",
        "https://[fal.run",
        "",
    ):
        refused = asked(wrong)
        assert refused.status_code == 400
        assert "nothing is fetched" in refused.json()["detail"]


@pytest.mark.parametrize("path", ["owner/echo", "owner/echo/stream", "queue/owner/echo"])
def test_a_killed_client_gives_its_place_to_the_next(path: str) -> None:
    config = Config(models=("echo",), port=0, max_sessions=1, idle_s=0.5)
    with Thread(config) as server:
        long = {"num_inference_steps": 100, "delay_ms": 1000}
        try:
            with httpx.stream("POST", f"{server.url}/{path}", json=long, timeout=0.5) as lines:
                lines.read()
        except httpx.ReadTimeout:
            pass  # it left; from the queue it has its answer, and asks no more
        assert httpx.post(f"{server.url}/owner/echo", json={}, timeout=20).status_code == 200
