"""SIGHUP: the LoRAs of the settings come and go, and nothing else does."""

import asyncio
import os
import signal
import subprocess
import sys
import urllib.request
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from tests.runtime.sessions.turning import eventually
from tests.runtime.tint import serving, shade

from livedraft.errors import ConfigError
from livedraft.runtime.config import Config
from livedraft.runtime.models.ink import WEIGHTS
from livedraft.runtime.reloading import reloading
from livedraft.runtime.transports.service import Service

ROOT = Path(__file__).parents[2]

pytestmark = pytest.mark.skipif(not hasattr(signal, "SIGHUP"), reason="Windows has no such signal")


@dataclass
class Running:
    """A server, and how the settings that it reads come about."""

    service: Service
    read: Callable[[], Config]
    config: Config

    @property
    def loras(self) -> list[str]:
        return [lora["name"] for lora in self.service.models["tint"]["loras"]]

    def signal(self, *loras: str, **others: int) -> None:
        """Change the settings, and have them read."""
        made = replace(self.config, loras=loras, max_sessions=others.get("max_sessions", 16))
        self.read = lambda: made
        os.kill(os.getpid(), signal.SIGHUP)


@asynccontextmanager
async def told() -> AsyncIterator[Running]:
    async with serving() as (server, service):
        made = Running(service, lambda: server.config, server.config)
        async with reloading(server.config, lambda: made.read(), server.attaching):
            yield made


@pytest.mark.anyio
async def test_loras_come_change_and_go(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    dark, light = shade(tmp_path, 40), shade(tmp_path, 90)
    async with told() as server:
        server.signal(f"dark={dark}", f"light={light}")
        await eventually(lambda: server.loras == ["dark", "light"])
        server.signal(f"dark={dark}")
        await eventually(lambda: server.loras == ["dark"])
        server.signal(f"other={light}", f"dark={light}")
        await eventually(lambda: server.loras == ["other", "dark"])
        dark.write_text("fits 41")
        server.signal(f"dark={dark}")
        await eventually(lambda: server.loras == ["dark"])
    assert not [record for record in caplog.records if record.levelname == "ERROR"]


@pytest.mark.anyio
async def test_what_is_wrong_is_logged_and_the_rest_is_done(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    good, bad = shade(tmp_path, 40), tmp_path / "bad.txt"
    bad.write_text("fits x")
    async with told() as server:
        server.signal(f"bad={bad}", f"gone={tmp_path / 'gone.txt'}", f"good={good}")
        await eventually(lambda: server.loras == ["good"])
        assert "LoRA bad stays as it was: LoRA bad" in caplog.text
        assert "gone.txt" in caplog.text
        bad.write_text("fits 7")
        server.signal(f"bad={bad}", f"good={good}", max_sessions=3)
        await eventually(lambda: server.loras == ["good", "bad"])
        assert "max_sessions changed: start the server again for that" in caplog.text

        def unreadable() -> Config:
            raise ConfigError("livedraft.toml is not TOML", fix="correct the file")

        server.read = unreadable
        os.kill(os.getpid(), signal.SIGHUP)
        await eventually(lambda: "LoRAs stay as they were" in caplog.text)
        assert server.loras == ["good", "bad"]


@pytest.mark.anyio
async def test_signals_on_top_of_each_other_end_with_the_last(tmp_path: Path) -> None:
    files = [shade(tmp_path, n + 1) for n in range(20)]
    async with told() as server:
        for n, file in enumerate(files):
            server.signal(f"n{n}={file}")
            await asyncio.sleep(0)
        await eventually(lambda: server.loras == ["n19"])


def test_a_process_reads_its_file_again_when_it_is_told(tmp_path: Path) -> None:
    (tmp_path / "livedraft.toml").write_text('models = ["ink"]\n')
    shipped = WEIGHTS / "loras" / "pastel.safetensors"
    process = subprocess.Popen(
        [sys.executable, "-m", "livedraft", "serve", "--port", "0", "--threads", "1"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT), str(ROOT / "sdk")])},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout is not None
        assert process.stderr is not None
        url = process.stdout.readline().removeprefix("livedraft is at ").partition(" ")[0]
        (tmp_path / "livedraft.toml").write_text(f'loras = {{mine = "{shipped}"}}\n')
        process.send_signal(signal.SIGHUP)
        while "is attached to ink" not in (line := process.stderr.readline()):
            assert line, "the server has ended"
        with urllib.request.urlopen(f"{url}/v1/models") as answer:
            assert '"mine"' in answer.read().decode()
    finally:
        process.kill()
        process.communicate()
