"""`livedraft lora`: refusals before anything is loaded, and LoRAs in the other verbs."""

import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from livedraft.cli import main
from livedraft.cli.generate import _weighted
from livedraft.errors import InvalidParams
from livedraft.runtime.loading import load
from livedraft.runtime.local import checked
from livedraft.runtime.models.ink import Ink


@pytest.fixture(autouse=True)
def _empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("pictures").mkdir()
    Path("my.safetensors").write_bytes(b"no LoRA")


def run(*arguments: str) -> Result:
    return CliRunner().invoke(main, arguments)


def test_help_teaches_by_example() -> None:
    result = run("lora", "train", "--help")
    assert "livedraft lora train pictures -o my.safetensors" in result.output
    assert "livedraft generate cat.png --lora my.safetensors" in run("lora", "--help").output


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["pictures", "-o", "my.bin"], "end its name in .safetensors"),
        (["pictures", "-o", "gone/my.safetensors"], "make it first"),
        (["pictures", "-o", "a b.safetensors"], "--name my-style"),
        (["gone", "-o", "my.safetensors"], "gone is no folder"),
        (["pictures", "-o", "my.safetensors"], "too few to learn from"),
        (["pictures", "-o", "my.safetensors", "--device", "cuda"], "no CUDA device here"),
    ],
)
def test_train_refuses_with_a_fix(
    arguments: list[str], message: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("torch.cuda.is_available", lambda: False)
    result = run("lora", "train", *arguments)
    assert result.exit_code == 1
    assert message in result.stderr
    assert "Fix:" in result.stderr


@pytest.mark.parametrize(("package", "extra"), [("torch", "lora"), ("onnxruntime", "server")])
def test_what_is_not_installed_names_its_extra(package: str, extra: str) -> None:
    code = (
        "import sys\n"
        "class Block:\n"
        "    def find_spec(self, name, *_):\n"
        f"        if name == {package!r}:\n"
        f"            raise ModuleNotFoundError('not installed', name={package!r})\n"
        "sys.meta_path.insert(0, Block())\n"
        "from livedraft.cli import main; main(['lora', 'train', '.', '-o', 'my.safetensors'])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode == 1
    assert f"needs the extra '{extra}'" in done.stderr
    assert f"pip install 'livedraft[{extra}]'" in done.stderr


@pytest.mark.parametrize(
    ("text", "name", "weight"),
    [
        ("ink", "ink", "1"),
        ("ink:0.5", "ink", "0.5"),
        ("a:b.safetensors", "a:b.safetensors", "1"),
        ("a:b.safetensors:1.2", "a:b.safetensors", "1.2"),
        ("ink:-1", "ink", "-1"),
    ],
)
def test_weights_follow_a_colon(text: str, name: str, weight: str) -> None:
    assert _weighted(text) == (name, weight)


def test_a_file_is_named_after_itself() -> None:
    order = checked("ink", None, {}, {}, {"my.safetensors": "0.5"})
    assert order.params["loras"] == {"my": "0.5"}
    assert order.loras == {"my": Path("my.safetensors")}


@pytest.mark.parametrize(
    ("lora", "message"),
    [
        ("gone.safetensors", "cannot read gone.safetensors"),
        ("no-such-style", "no LoRA 'no-such-style'"),
        ("my.safetensors:2", "less than or equal to 1.5"),
        ("my.safetensors", "cannot be read as a LoRA"),
    ],
)
def test_generate_refuses_with_a_fix(lora: str, message: str) -> None:
    result = run("generate", "--prompt", "cat", "--lora", lora)
    assert result.exit_code == 1
    assert message in result.stderr
    assert not Path("out.png").exists()


def test_a_model_without_loras_takes_none() -> None:
    with pytest.raises(InvalidParams, match="no parameter 'loras'"):
        checked("echo", None, {}, {}, {"my.safetensors": "1"})


def test_params_take_loras_as_text() -> None:
    order = checked("ink", None, {}, {"loras": "a:0.5, b"})
    assert order.params["loras"] == {"a": "0.5", "b": 1.0}


def test_shipped_loras_are_listed() -> None:
    told = run("models", "ink").output
    for lora in Ink.info.loras:
        assert f"lora {lora.name}: {lora.title}. {lora.description}" in told


def test_serve_takes_loras_from_flags_and_file() -> None:
    shown = run("serve", "--lora", "a=a.safetensors", "--lora", "b=b.safetensors", "--print-config")
    assert 'loras = ["a=a.safetensors", "b=b.safetensors"]' in shown.output
    Path("livedraft.toml").write_text('loras = {mine = "my.safetensors"}')
    assert load().config.loras == ("mine=my.safetensors",)
    for wrong in ("a", "=a", "a=", "a=x,a=y"):
        result = run("serve", "--lora", wrong, "--print-config")
        assert result.exit_code == 1
        assert "loras" in result.stderr
