"""A Gradio app beside the runtime is guarded as the runtime's own routes are.

Inside a running loop, as in a notebook: outside of one Gradio makes loops that it never closes.
"""

from __future__ import annotations

import asyncio

import gradio as gr
import httpx
import pytest

from livedraft.runtime.launch import launch

pytestmark = pytest.mark.anyio

LIMIT = 100_000
PATHS = ["/", "/config", "/gradio_api/info", "/gradio_api/startup-events", "/v1/models", "/nowhere"]


async def refuses_strangers(client: httpx.AsyncClient) -> None:
    for path in PATHS:
        for headers in (
            {"Host": "rebound.example:7860"},
            {"Origin": "https://evil.example"},
            {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "no-cors"},
        ):
            answer = await client.get(path, headers=headers)
            assert (answer.status_code, answer.json()["error"]["code"]) == (403, "unauthorized")


async def serves_its_own_page(client: httpx.AsyncClient) -> None:
    own = {"Sec-Fetch-Site": "same-origin", "Sec-Fetch-Mode": "cors"}
    for path in ("/", "/config"):
        answer = await client.get(path, headers=own)
        assert answer.status_code == 200
        assert answer.headers["x-content-type-options"] == "nosniff"
        policy = answer.headers["content-security-policy"]
        assert policy == "frame-ancestors 'self' http://localhost:* http://127.0.0.1:*"


async def bounds_uploads(client: httpx.AsyncClient) -> None:
    files = {"files": ("picture.png", bytes(LIMIT // 2))}
    assert (await client.post("/gradio_api/upload", files=files)).status_code == 200
    assert b" 413 " in (refused := await answer_to_head(client, 2 * LIMIT))
    assert b'"bad_message"' in refused
    assert b" 403 " in await answer_to_head(client, LIMIT // 2, "Origin: https://evil.example\r\n")


async def answer_to_head(client: httpx.AsyncClient, length: int, more: str = "") -> bytes:
    """Return the answer to an upload whose body is not even begun.

    A body that a server does not read may break the connection before its answer is read.
    """
    host, port = client.base_url.host, client.base_url.port
    assert port is not None
    reader, writer = await asyncio.open_connection(host, port)
    head = (
        f"POST /gradio_api/upload HTTP/1.1\r\nHost: {host}:{port}\r\nContent-Length: {length}\r\n"
        f"Content-Type: multipart/form-data; boundary=x\r\nConnection: close\r\n{more}\r\n"
    )
    writer.write(head.encode())
    async with asyncio.timeout(10):
        answer = await reader.read()
    writer.close()
    await writer.wait_closed()
    return answer


async def cuts_off_chunks(host: str, port: str) -> None:
    head = (
        f"POST /gradio_api/upload HTTP/1.1\r\nHost: {host}:{port}\r\n"
        "Content-Type: multipart/form-data; boundary=x\r\nTransfer-Encoding: chunked\r\n\r\n"
    )
    start = b'--x\r\nContent-Disposition: form-data; name="files"; filename="a"\r\n\r\n'
    reader, writer = await asyncio.open_connection(host, int(port))
    writer.write(head.encode() + b"%x\r\n%b\r\n" % (len(start), start))
    for _ in range(LIMIT // 8192 + 1):
        writer.write(b"%x\r\n%b\r\n" % (8192, bytes(8192)))
        await writer.drain()
    async with asyncio.timeout(10):
        assert (await reader.read(100)).startswith(b"HTTP/1.1 413")
    writer.close()
    await writer.wait_closed()


async def test_gradios_routes_are_guarded_too(caplog: pytest.LogCaptureFixture) -> None:
    with gr.Blocks() as demo:
        gr.Image()
    server = launch(
        demo, models=["echo"], port=0, max_message_bytes=LIMIT, prevent_thread_lock=True
    )
    with server:
        async with httpx.AsyncClient(base_url=server.url) as client:
            await refuses_strangers(client)
            await serves_its_own_page(client)
            await bounds_uploads(client)
            await cuts_off_chunks(*server.url.removeprefix("http://").split(":"))
    assert [record for record in caplog.records if record.exc_info] == []
