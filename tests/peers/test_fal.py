"""fal's client for JavaScript, from npm, in Node and in Chromium: its hosts lead to our server."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright
from tests.runtime.transports.fal.tls import over_tls
from tests.sweep import SERVED

from livedraft.runtime.config import Config
from livedraft.runtime.running import Thread

from .conftest import Node, Visit

HOSTS = ("fal.run", "queue.fal.run")
# In place of a resolver: whatever is asked of fal's hosts goes to a port of this machine.
PRELOAD = """
const tls = require("node:tls");
const connect = tls.connect;
const ours = { host: "127.0.0.1", port: Number(process.env.PORT), rejectUnauthorized: false };
tls.connect = (to, ...rest) => connect({ ...to, ...ours }, ...rest);
"""
QUEUE = """
    const input = { prompt: "a fox", seed: 7 }, seen = [];
    const onQueueUpdate = ({ status }) => seen.push(status);
    const how = { input, onQueueUpdate, pollInterval: 50 };
    const { data, requestId } = await fal.subscribe("anybody/echo", how);
    const again = await fal.queue.result("anybody/echo", { requestId });
    const { data: once } = await fal.run("anybody/echo", { input });
    const events = [];
    for await (const each of await fal.stream("anybody/echo", { input })) events.push(each);
    const kind = ({ images }) => images[0].content_type;
    const kinds = [data, again.data, once, events.at(-1)].map(kind);
    return [data.seed, seen.at(-1), ...kinds];"""
REALTIME = """
    return await new Promise((resolve, reject) => {
      const connection = fal.realtime.connect("anybody/echo", {
        connectionKey: "one",
        tokenProvider: async () => "any",
        throttleInterval: 0,
        onError: reject,
        onResult: (made) => {
          connection.close();
          resolve([made.seed, made.request_id, made.images[0].content_type]);
        },
      });
      connection.send({ prompt: "a fox", seed: 7, request_id: "mine" });
    });"""
FILM = """
    const input = { prompt: "a fox", duration: "0.5", num_inference_steps: 3 }, said = new Set();
    const onQueueUpdate = ({ logs }) => logs?.forEach(({ message }) => said.add(message));
    const how = { input, logs: true, onQueueUpdate, pollInterval: 50 };
    const { data } = await fal.subscribe("anybody/sweep", how);
    const { url, content_type, file_name, file_size, num_frames } = data.video;
    const { data: once } = await fal.run("anybody/sweep", { input: { ...input, sync_mode: true } });
    const inline = once.video.url.slice(0, 15), id = /requests.[-0-9a-f]{36}.film.mp4$/.test(url);
    return [content_type, file_name, file_size > 500, num_frames, said.has("begun"), inline, id];"""
FOUND = {
    "film": ["video/mp4", "film.mp4", True, 5, True, "data:video/mp4;", True],
    "queue": [7, "COMPLETED", *["image/png"] * 4],
    "realtime": [7, "mine", "image/jpeg"],
}
PROGRAMS = {"film": FILM, "queue": QUEUE, "realtime": REALTIME}


@pytest.fixture(scope="module")
def port(site: tuple[Path, str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """Give the port of a server behind TLS, which answers as fal's hosts."""
    config = Config(models=("echo", SERVED), port=0, hosts=HOSTS, origins=(site[1],))
    with Thread(config) as server:
        with over_tls(server.url, tmp_path_factory.mktemp("tls")) as (address, _):
            yield int(address.rpartition(":")[2])


@pytest.fixture(scope="module")
def browser(chromium_path: str | None, chromium_args: list[str], port: int) -> Iterator[Browser]:
    """Give a Chromium to which fal's hosts are that server."""
    rules = ",".join(f"MAP {host}:443 127.0.0.1:{port}" for host in HOSTS)
    args = [*chromium_args, f"--host-resolver-rules={rules}", "--ignore-certificate-errors"]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium_path, args=args)
        yield browser
        browser.close()


@pytest.mark.parametrize("what", PROGRAMS)
def test_in_node(node: Node, port: int, what: str, tmp_path: Path) -> None:
    (tmp_path / "preload.cjs").write_text(PRELOAD)
    program = f"""
        import {{ fal }} from "@fal-ai/client";
        fal.config({{ credentials: "any" }});
        const found = await (async () => {{{PROGRAMS[what]}}})();
        console.log(JSON.stringify(found));
        process.exit();"""
    found = node(program, f"--require={tmp_path / 'preload.cjs'}", PORT=str(port))
    assert found == FOUND[what]


@pytest.mark.parametrize("what", PROGRAMS)
def test_in_a_page(visit: Visit, what: str) -> None:
    page = visit(f"""
        import {{ fal }} from "@fal-ai/client";
        fal.config({{ credentials: "any", suppressLocalCredentialsWarning: true }});
        (async () => {{{PROGRAMS[what]}}})().then(
          (found) => {{ window.found = found; }},
          (error) => {{ window.found = String(error.stack); }},
        );""")
    page.wait_for_function("window.found")
    assert page.evaluate("found") == FOUND[what]
