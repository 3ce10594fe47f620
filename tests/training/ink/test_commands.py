"""The commands that pages and first lines name are there, and every command is named."""

import importlib
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from livedraft.runtime.models.ink import WEIGHTS

ROOT = Path(__file__).parents[3]
TRAINING = ROOT / "training" / "ink"
PAGES = [TRAINING / "README.md", WEIGHTS.parent / "README.md", *(WEIGHTS / "loras").glob("*.md")]


def module(file: Path) -> str:
    name = ".".join(file.relative_to(ROOT).with_suffix("").parts)
    return name.removesuffix(".__main__")


FILES = sorted(TRAINING.rglob("*.py"))
COMMANDS = {
    module(file): file for file in FILES if '__name__ == "__main__"' in file.read_text("utf-8")
}


def named() -> Iterator[str]:
    for file in (*PAGES, *FILES):
        yield from re.findall(r"python -m (training\.ink[\w.]*\w)", file.read_text("utf-8"))


def test_what_is_named_is_a_command() -> None:
    assert set(named()) <= COMMANDS.keys()


def test_every_command_is_named_on_the_page_or_in_its_first_lines() -> None:
    assert COMMANDS.keys() <= set(named())


@pytest.mark.parametrize("command", COMMANDS)
def test_a_command_says_what_it_takes_and_does_nothing_else(
    command: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    file = COMMANDS[command]
    name = f"{command}.__main__" if file.stem == "__main__" else command
    monkeypatch.setattr("sys.argv", [command, "--help"])
    with pytest.raises(SystemExit) as ended:
        importlib.import_module(name).main()
    assert ended.value.code == 0
    assert "--help" in capsys.readouterr().out
