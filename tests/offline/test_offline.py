"""The commands reach nobody and leave nothing behind: seen at the system calls, not in Python."""

import ast
import signal
import sys
from collections.abc import Sequence
from pathlib import Path

import httpx
import pytest
from tests.offline.marks import NEEDS_SECCOMP
from tests.offline.watching import ROOT, Watched, address, environment, watched

COMMAND = [sys.executable, "-m", "livedraft"]

pytestmark = NEEDS_SECCOMP


@pytest.fixture
def room(tmp_path: Path) -> Path:
    """A folder for a process' home, temporary files and work, all empty."""
    for name in ("home", "tmp", "work"):
        (tmp_path / name).mkdir()
    return tmp_path


def ran(room: Path, command: Sequence[str]) -> tuple[Watched, str]:
    """Run a command to its end."""
    with watched(command, room / "work", environment(room / "home", room / "tmp")) as seen:
        said = seen.process.communicate(timeout=120)[0]
    assert seen.process.returncode == 0, said
    return seen, said


def left(seen: Watched, room: Path) -> set[str]:
    """Return the files of its work folder by name, and those made or tried elsewhere by path."""
    work = room / "work"
    found = seen.created | {path for path in room.rglob("*") if path.is_file()}
    elsewhere = {str(path) for path in found if not path.is_relative_to(work)}
    return elsewhere | {path.name for path in work.iterdir()}


def test_the_watch_sees_what_native_code_does(room: Path) -> None:
    code = (
        "import socket, contextlib\n"
        "with contextlib.suppress(OSError): socket.getaddrinfo('example.org', 80)\n"
        "with contextlib.suppress(OSError): socket.create_connection(('192.0.2.1', 443))\n"
        "with contextlib.suppress(OSError): socket.socket(2, 2).sendto(b'x', ('192.0.2.2', 9))\n"
        "with contextlib.suppress(OSError):\n"
        "    socket.socket(2, 2).sendmsg([b'x'], [], 0, ('192.0.2.3', 9))\n"
        "here = socket.create_server(('127.0.0.1', 0))\n"
        "socket.create_connection(here.getsockname()).send(b'x')\n"
        "open('made', 'w'); open('/dev/null')"
    )
    seen, _ = ran(room, [sys.executable, "-c", code])
    assert seen.reached[-3:] == [
        "connect 192.0.2.1 port 443",
        "sendto 192.0.2.2 port 9",
        "sendmsg 192.0.2.3 port 9",
    ]
    assert "port 53" in str(seen.reached[:-3]) or "nscd" in str(seen.reached[:-3])
    assert not any(address.endswith("127.0.0.1 port 80") for address in seen.reached)
    assert left(seen, room) == {"made"}


@pytest.mark.parametrize(
    ("arguments", "files"),
    [
        (["generate", "--prompt", "a red fox", "-o", "fox.png"], {"fox.png"}),
        (["models", "ink"], set()),
        (["kernels", "list"], set()),
    ],
    ids=lambda value: value[0] if isinstance(value, list) else "",
)
def test_a_command_reaches_nobody_and_leaves_nothing_else(
    arguments: list[str], files: set[str], room: Path
) -> None:
    seen, _ = ran(room, [*COMMAND, *arguments])
    assert (seen.reached, left(seen, room)) == ([], files)


def test_a_server_reaches_nobody_and_leaves_nothing(room: Path) -> None:
    env = environment(room / "home", room / "tmp")
    with watched([*COMMAND, "serve", "--port", "0"], room / "work", env) as seen:
        url = address(seen)
        made = httpx.post(f"{url}/v1/generate", json={"prompt": "fox"}, timeout=60)
        assert made.status_code == 200, made.text
        seen.process.send_signal(signal.SIGINT)
        seen.process.communicate(timeout=60)
    assert (seen.reached, left(seen, room)) == ([], set())


def test_what_the_user_set_stays(room: Path) -> None:
    code = "import os, livedraft.runtime; print(os.environ['ORT_DISABLE_TELEMETRY'])"
    unset = ran(room, [sys.executable, "-c", code])[1]
    chosen = ["env", "ORT_DISABLE_TELEMETRY=0", sys.executable, "-c", code]
    assert (unset, ran(room, chosen)[1]) == ("1\n", "0\n")


def test_the_hub_is_silent_though_it_was_loaded_before(room: Path) -> None:
    code = "import huggingface_hub.constants as hub, livedraft.runtime; "
    code += "print(hub.HF_HUB_DISABLE_TELEMETRY)"
    unset = ran(room, [sys.executable, "-c", code])[1]
    chosen = ["env", "HF_HUB_DISABLE_TELEMETRY=0", sys.executable, "-c", code]
    assert (unset, ran(room, chosen)[1]) == ("True\n", "False\n")


def test_onnx_runtime_is_imported_in_one_place() -> None:
    """Where the runtime has told it to be silent; it listens only while it is being loaded."""
    importers = set[str]()
    for folder in ("runtime", "sdk", "components", "kernels", "training", "benchmarks", "tests"):
        for path in (ROOT / folder).rglob("*.py"):
            if "node_modules" in path.parts:
                continue
            for node in ast.walk(ast.parse(path.read_text("utf-8"))):
                names = [a.name for a in node.names] if isinstance(node, ast.Import) else []
                names += [str(node.module)] if isinstance(node, ast.ImportFrom) else []
                if any(each.partition(".")[0] == "onnxruntime" for each in names):
                    importers.add(str(path.relative_to(ROOT)))
    assert importers == {"runtime/models/onnx.py"}
