"""Any terminal: its encoding, a reader that goes away, Ctrl+C."""

import os
import re
import signal
import subprocess
import sys
import time
import tomllib
from collections.abc import Callable
from pathlib import Path

import pytest

from livedraft.cli import main

ROOT = Path(__file__).parents[3]
LIVEDRAFT = [sys.executable, "-m", "livedraft"]
ENCODINGS = [
    {"PYTHONIOENCODING": "cp1251"},
    {"PYTHONIOENCODING": "ascii"},
    {"PYTHONIOENCODING": "cp437"},
    {"LC_ALL": "C", "PYTHONCOERCECLOCALE": "0", "PYTHONUTF8": "0"},
]


@pytest.fixture(autouse=True)
def _empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def run(*arguments: str, **env: str) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run([*LIVEDRAFT, *arguments], capture_output=True, env=os.environ | env)


@pytest.mark.parametrize("env", ENCODINGS, ids=str)
@pytest.mark.parametrize(
    "arguments",
    [
        ["models"],
        ["models", "ink"],
        ["--help"],
        ["generate", "--help"],
        ["generate", "-m", "echo", "--prompt", "лиса ← 狐", "-o", "лиса.png"],
        ["generate", "-m", "狐"],
        ["serve", "--models", "狐", "--port", "0"],
        ["serve", "--狐", "1"],
        ["lora", "train", "狐", "-o", "狐.safetensors"],
    ],
    ids=" ".join,
)
def test_signs_that_a_terminal_lacks_end_nothing(arguments: list[str], env: dict[str, str]) -> None:
    done = run(*arguments, **env)
    said = done.stdout + done.stderr
    assert b"Traceback" not in said, said.decode(errors="replace")
    assert b"UnicodeEncodeError" not in said
    assert done.returncode in (0, 1, 2)


def test_signs_are_written_plainly_where_they_can_be() -> None:
    said = run("models", PYTHONIOENCODING="cp1251").stdout.decode("cp1251")
    assert re.search(r"256 x 256 px", said)
    assert "256 × 256 px" in run("models", PYTHONIOENCODING="utf-8").stdout.decode()


@pytest.mark.parametrize("arguments", [["models"], ["--help"], ["kernels", "list"]], ids=" ".join)
def test_a_reader_that_goes_away_gets_no_traceback(arguments: list[str]) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    done = subprocess.run([*LIVEDRAFT, *arguments], stdout=writing, stderr=subprocess.PIPE)
    os.close(writing)
    assert done.stderr == b""
    assert done.returncode == 1


def interrupted(arguments: list[str], when: Callable[[str], bool]) -> tuple[int, str]:
    """Press Ctrl+C, for all of a command's processes, once what it said is enough."""
    process = subprocess.Popen(
        [*LIVEDRAFT, *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
        env=os.environ | {"PYTHONUNBUFFERED": "1"},
    )
    assert process.stdout is not None
    said = ""
    with process:
        while not when(said):
            text = process.stdout.readline()
            assert text, f"ended too soon: {said}"
            said += text
        os.killpg(process.pid, signal.SIGINT)
        said += process.stdout.read()
        process.wait(timeout=60)
    return process.returncode, said


@pytest.mark.parametrize(
    ("arguments", "sign"),
    [
        (["generate", "-m", "echo", "--delay-ms", "10000", "--steps", "8"], "drawing"),
        (["serve", "--port", "0", "--models", "echo"], "livedraft is at"),
        (["serve", "--port", "0"], "loading"),
    ],
    ids=lambda value: " ".join(value[:3]) if isinstance(value, list) else value,
)
def test_ctrl_c_ends_a_command_quietly(arguments: list[str], sign: str) -> None:
    began = time.monotonic()
    status, said = interrupted(arguments, lambda text: sign in text)
    assert status == 130, said
    assert "Traceback" not in said
    assert "Error" not in said
    assert time.monotonic() - began < 25, "it did not wait for the picture"
    assert not Path("out.png").exists()


def test_ctrl_c_ends_any_command_quietly(monkeypatch: pytest.MonkeyPatch) -> None:
    def press(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    for verb in main.commands.values():
        leaves = getattr(verb, "commands", {"": verb}).values()
        for leaf in leaves:
            monkeypatch.setattr(leaf, "callback", press)
            words = [verb.name, *([leaf.name] if leaf is not verb else []), *_needed(leaf)]
            with pytest.raises(SystemExit) as ended:
                main([str(word) for word in words])
            assert ended.value.code == 130, words


def test_ctrl_c_ends_a_command_quietly_that_is_still_imported() -> None:
    pressed = """if True:
        import runpy, sys
        class Press:
            def find_spec(self, name, path=None, target=None):
                if name == "livedraft.cli.generate":
                    raise KeyboardInterrupt
        sys.meta_path.insert(0, Press())
        runpy.run_module("livedraft", run_name="__main__")
    """
    done = subprocess.run([sys.executable, "-c", pressed], capture_output=True, text=True)
    assert (done.returncode, done.stdout, done.stderr) == (130, "", "")
    scripts = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["scripts"]
    assert scripts == {"livedraft": "livedraft.__main__:run"}, "the same way in"


def _needed(command: object) -> list[str]:
    words: list[str] = []
    for param in getattr(command, "params", []):
        if param.required:
            words += ["x"] if param.param_type_name == "argument" else [param.opts[-1], "x"]
    return words
