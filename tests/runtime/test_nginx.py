"""The proxy of the guide: the page, its WebSocket and uploads work behind it, on any port."""

from __future__ import annotations

import re
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from tests.nginx import INSTALLED, nginx
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect
from websockets.typing import Origin

from livedraft.runtime.config import Config
from livedraft.runtime.running import Thread

GUIDE = Path(__file__).parents[2] / "docs" / "guides" / "deploy.md"

pytestmark = pytest.mark.skipif(INSTALLED is None, reason="needs nginx")


@contextmanager
def proxied(folder: Path, change: tuple[str, str] = ("", ""), **settings: Any) -> Iterator[int]:
    """Run the guide's proxy before a server; give its port."""
    (location,) = re.findall(r"```nginx\n(.*?)```", GUIDE.read_text("utf-8"), re.DOTALL)
    with Thread(Config(models=("echo",), port=0, **settings)) as server:
        location = location.replace("http://127.0.0.1:7860", server.url).replace(*change)
        with nginx(folder, location) as url:
            yield int(url.rpartition(":")[2])


def opens(port: int, host: str, origin: str) -> int:
    """Return the status of a WebSocket's handshake, as a browser makes it."""
    with socket.create_connection(("127.0.0.1", port)) as line:
        try:
            with connect(f"ws://{host}/v1/realtime", sock=line, origin=Origin(origin)):
                return 101
        except InvalidStatus as refused:
            return refused.response.status_code


@pytest.mark.parametrize("name", ["127.0.0.1", "localhost", "draw.example.org"])
@pytest.mark.parametrize("public", ["", ":8443", ":{port}"])
def test_the_page_works_behind_the_guides_proxy(tmp_path: Path, name: str, public: str) -> None:
    with proxied(tmp_path, hosts=("draw.example.org",)) as port:
        host = name + public.format(port=port)
        own = {"Host": host, "Origin": f"http://{host}"}
        at = f"http://127.0.0.1:{port}"
        assert httpx.get(f"{at}/", headers={"Host": host}).status_code == 200
        assert httpx.get(f"{at}/v1/models", headers=own).status_code == 200
        assert httpx.post(f"{at}/v1/generate", json={}, headers=own).status_code == 200
        assert opens(port, host, f"http://{host}") == 101
        assert opens(port, host, "https://evil.example") == 403
        foreign = own | {"Origin": "https://evil.example"}
        assert httpx.get(f"{at}/v1/models", headers=foreign).status_code == 403
        rebound = {"Host": "rebound.example", "Origin": "http://rebound.example"}
        assert httpx.get(f"{at}/v1/models", headers=rebound).status_code == 403


def test_a_proxy_that_loses_the_port_makes_the_page_a_strangers(tmp_path: Path) -> None:
    with proxied(tmp_path, ("$http_host", "$host")) as port:
        assert opens(port, f"localhost:{port}", f"http://localhost:{port}") == 403


def test_users_behind_the_proxy_are_counted_by_their_own_addresses(tmp_path: Path) -> None:
    with proxied(tmp_path, max_per_address=1) as port:
        url = f"ws://localhost:{port}/v1/realtime"
        one = {"X-Forwarded-For": "192.0.2.1"}
        with connect(url, additional_headers=one):
            with pytest.raises(InvalidStatus, match="503"):
                connect(url, additional_headers=one)
            with connect(url, additional_headers={"X-Forwarded-For": "192.0.2.2"}):
                pass
            with connect(url):
                pass


def test_a_forwarded_scheme_tells_the_page_from_its_unsafe_twin(tmp_path: Path) -> None:
    with proxied(tmp_path, ("$scheme", "https"), hosts=("draw.example.org",)) as port:
        assert opens(port, "draw.example.org", "https://draw.example.org") == 101
        assert opens(port, "draw.example.org", "http://draw.example.org") == 403
