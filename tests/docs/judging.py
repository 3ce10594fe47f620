"""Commands that are not run here, because they install, measure for long, or need a GPU."""

import re
import shlex
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from benchmarks.__main__ import BENCHMARKS
from tests.docs.snippets import ROOT

from livedraft.cli import main as cli
from livedraft.kernels.ops import NAMES as OPERATIONS


def judge(line: str, folder: Path) -> None:
    """Fail where a command could not be what it says."""
    words = shlex.split(line, comments=True)
    while re.fullmatch(r"[A-Z_]+=.*", words[0]):  # environment
        words.pop(0)
    program, *arguments = words
    if program == "livedraft":
        _parse(arguments)
    elif program == "make":
        subprocess.run(["make", "-n", *arguments], cwd=ROOT, check=True, capture_output=True)
    elif program == "pip":
        _judge_pip(arguments, folder)
    elif program == ".venv/bin/python":
        _judge_python(arguments)
    elif program == "python" and arguments[:2] == ["-m", "http.server"]:
        assert (folder / arguments[arguments.index("--directory") + 1]).is_dir()
    else:
        pytest.fail(f"nobody knows how to judge {program}")


def _parse(arguments: list[str]) -> None:
    """Parse arguments as the command line would; raise what it would raise."""
    verb, *rest = arguments
    command = cli.commands[verb]
    if "--help" not in rest:
        command.make_context(verb, rest)


def _judge_pip(arguments: list[str], folder: Path) -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert arguments[0] == "install"
    for extra in re.findall(r"\[(\w+)\]", " ".join(arguments)):
        assert extra in project["optional-dependencies"]
    if "-c" in arguments:
        assert (folder / arguments[arguments.index("-c") + 1]).is_file()


def _judge_python(arguments: list[str]) -> None:
    if arguments[0] != "-m":
        assert (ROOT / arguments[0]).is_file()
    elif arguments[1] == "benchmarks":
        assert set(arguments[2:]) <= set(BENCHMARKS)
    elif arguments[1] == "livedraft.kernels.compiled":
        assert set(arguments[2:]) <= {"--update", *OPERATIONS}
    elif arguments[1] == "pytest":
        assert (ROOT / arguments[2]).is_file()
    else:
        done = subprocess.run(
            [sys.executable, *arguments, "--help"], cwd=ROOT, check=True, capture_output=True
        )
        flags = [word for word in arguments if word.startswith("--")]
        assert all(flag in done.stdout.decode() for flag in flags)
