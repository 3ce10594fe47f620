"""``livedraft kernels``: what it prints, what it refuses, with which exit status."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from livedraft.cli import main
from livedraft.kernels.ops import NAMES

PLAIN = """
import torch


def gelu_tanh(x):
    return torch.nn.functional.gelu(x, approximate="tanh").contiguous()
"""


@pytest.fixture
def mine(tmp_path: Path) -> Path:
    path = tmp_path / "mine.py"
    path.write_text(PLAIN)
    return path


def bench(*arguments: object) -> Result:
    return CliRunner().invoke(main, ["kernels", "bench", *map(str, arguments)])


def test_the_operations_are_listed() -> None:
    said = CliRunner().invoke(main, ["kernels", "list"])
    assert said.exit_code == 0
    assert [line for line in said.output.splitlines() if not line.startswith(" ")] == list(NAMES)


def test_a_kernel_is_judged_by_the_operation_that_it_is_named_after(
    mine: Path, tmp_path: Path
) -> None:
    written = tmp_path / "verdict.json"
    said = bench(mine, "--device", "cpu", "-o", written)
    assert said.exit_code == 0, said.output
    assert said.output.startswith("mine.py:gelu_tanh as gelu_tanh: passed\n")
    assert "speed was not judged: no GPU here" in said.output
    verdict = json.loads(written.read_text())
    assert verdict["passed"] is True
    assert verdict["seed"]["secret"] in said.output


def test_the_status_tells_that_a_kernel_did_not_pass(tmp_path: Path) -> None:
    path = tmp_path / "mine.py"
    path.write_text("import os\n" + PLAIN)
    said = bench(f"{path}:gelu_tanh", "--json", "--device", "cpu")
    assert said.exit_code == 1
    verdict = json.loads(said.output)
    assert verdict["outcome"] == "refused"
    assert "descriptor, line 1" in verdict["why"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["nowhere.py"], "there is no file nowhere.py"),
        (["{mine}", "--op", "nothing"], "there is no operation 'nothing'"),
        (["{mine}", "--definition", "nowhere.py"], "there is no file nowhere.py"),
        (["{mine}", "--op", "geglu", "--definition", "d.py"], "exclude each other"),
        (["{mine}", "--allow", "descripto"], "did you mean 'descriptor'?"),
        (["{mine}", "-o", "nowhere/verdict.json"], "there is no folder nowhere"),
        (["{mine}:other"], "there is no operation 'other'"),
        (["{mine}:gelu_tahn"], "did you mean 'gelu_tanh'?"),
        (["{torn}"], "torn.py did not import: SyntaxError: "),
    ],
)
def test_a_question_that_makes_no_sense_is_refused(
    mine: Path, arguments: list[str], message: str
) -> None:
    torn = mine.with_name("torn.py")
    torn.write_text("def geglu(x:")
    said = bench(*(word.format(mine=mine, torn=torn) for word in arguments))
    assert said.exit_code == 1
    assert said.exception is None or isinstance(said.exception, SystemExit)
    assert message in said.output


def test_the_command_line_needs_neither_torch_nor_triton_to_help() -> None:
    code = (
        "import sys\nfrom livedraft.cli import main\n"
        "main(['kernels', 'bench', '--help'], standalone_mode=False)\n"
        "assert not {'torch', 'triton', 'numpy'} & sys.modules.keys()\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True, capture_output=True)
