"""The command line: help, settings, refusals, one picture, and what starting costs."""

import io
import logging
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from PIL import Image

from livedraft.cli import main
from livedraft.cli.arguments import split
from livedraft.errors import InvalidParams, MissingExtraError
from livedraft.media import images
from livedraft.media.recipes import read_recipe
from livedraft.runtime.config import DEFAULTS, NAMES, Config
from livedraft.version import __version__


@pytest.fixture(autouse=True)
def _empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def run(*arguments: str, env: dict[str, str] | None = None) -> Result:
    return CliRunner().invoke(main, arguments, env=env)


def refused(*arguments: str, env: dict[str, str] | None = None) -> str:
    result = run(*arguments, env=env)
    assert result.exit_code == 1, result.output
    assert result.stdout == ""
    return result.stderr


def sketch(path: str = "cat.png") -> str:
    Path(path).write_bytes(images.encode(Image.linear_gradient("L").convert("RGB")))
    return path


def test_help_teaches_by_example() -> None:
    for verb, example in [
        ((), "livedraft generate cat.png"),
        (("serve",), "livedraft serve --host 0.0.0.0"),
        (("generate",), 'livedraft generate cat.png --prompt "an orange cat" -o out.png'),
        (("models",), "livedraft models ink"),
    ]:
        result = run(*verb, "--help")
        assert result.exit_code == 0
        assert example in result.output
    assert __version__ in run("--version").output


def test_help_loads_nothing_heavy() -> None:
    code = (
        "import sys; from livedraft.cli import main\n"
        "try: main(['serve', '--help'])\n"
        "except SystemExit: pass\n"
        "print(*(m for m in ('torch', 'numpy', 'starlette', 'uvicorn', 'pydantic', 'PIL',"
        " 'msgpack', 'prometheus_client') if m in sys.modules), file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stderr.strip() == ""


def test_every_setting_is_a_flag() -> None:
    text = run("serve", "--help").output
    for name in NAMES:
        assert f"--{name.replace('_', '-')} " in text


def test_print_config_shows_values_and_sources() -> None:
    Path("mine.toml").write_text("window = 3")
    result = run(
        "serve", "--print-config", "--config", "mine.toml", "--models", "ink,echo",
        env={"LIVEDRAFT_PORT": "80"},
    )  # fmt: skip
    assert result.exit_code == 0
    lines = {line.split(" = ")[0]: line for line in result.output.splitlines()}
    assert lines["window"].endswith("# file mine.toml")
    assert lines["port"].split() == ["port", "=", "80", "#", "environment"]
    assert lines["models"].startswith('models = ["ink", "echo"]')
    assert lines["host"].endswith("# default")


def test_a_bad_setting_is_refused_with_its_fix() -> None:
    assert "Fix: for example port = 7860" in refused("serve", "--port", "http")
    assert "did you mean 'port'?" in refused("serve", env={"LIVEDRAFT_PROT": "1"})
    assert "Fix:" in refused("serve", "--config", "gone.toml")
    result = run("serve", "--prot", "1")
    assert result.exit_code == 2
    assert "--port" in result.stderr


def test_a_model_that_does_not_exist_ends_serve() -> None:
    """Before any address is announced: `refused` wants nothing on stdout."""
    assert "did you mean 'echo'?" in refused("serve", "--models", "ecko", "--port", "0")
    assert "gone.safetensors" in refused("serve", "--lora", "a=gone.safetensors", "--port", "0")


@pytest.mark.parametrize("name", [n for n, v in DEFAULTS.items() if isinstance(v, tuple)])
def test_a_list_is_given_by_commas_or_by_saying_its_flag_again(name: str) -> None:
    flag = f"--{name.replace('_', '-')}"
    values = {
        "loras": ("a=1", "b=2,c=3"),
        "proxies": ("10.0.0.1", "10.1.0.0/16,::1"),
        "models": ("a", "b,c"),
        "hosts": ("a", "b,c"),
        "ice_servers": ("stun:a", "stun:b,stun:c"),
        "memory": ("cpu=1GiB", "cuda:0=2GiB,cuda:1=3GiB"),
        "plans": ("a.lane=x", "a.threads=2,a.device=cuda"),
    }.get(name, ("http://a", "http://b,http://c"))
    base = ("--models", "a") if name == "plans" else ()
    shown = run("serve", "--print-config", *base, flag, values[0], flag, values[1]).output
    [line] = [line for line in shown.splitlines() if line.startswith(f"{name} = ")]
    assert re.findall(r'"([^"]*)"', line) == ",".join(values).split(",")


def test_a_flag_that_is_empty_still_counts() -> None:
    env = {"LIVEDRAFT_ORIGINS": "*", "LIVEDRAFT_TOKEN": "hush"}
    shown = run("serve", "--print-config", "--origins", "", "--token", "", env=env).output
    assert re.search(r"^origins = \[\] +# flag$", shown, re.M)
    assert re.search(r'^token = "" +# flag$', shown, re.M)


def test_a_lora_has_one_weight() -> None:
    assert "twice" in refused("generate", "--lora", "pastel", "--lora", "pastel:0.5")


def test_generate_writes_a_picture_with_its_recipe() -> None:
    result = run("generate", sketch(), "--model", "echo", "--prompt", "a fox", "--seed", "7",
                 "--delay-ms", "1.5", "-p", "steps=2", "-o", "made.png")  # fmt: skip
    assert result.exit_code == 0, result.output
    assert result.stdout == ""
    assert "made.png: 256 × 256 px, seed 7" in result.stderr
    made = Image.open(io.BytesIO(Path("made.png").read_bytes()))
    recipe = read_recipe(made)
    assert recipe is not None
    assert (
        recipe["params"] | {"prompt": "a fox", "seed": 7, "delay_ms": 1.5, "steps": 2}
        == (recipe["params"])
    )


def test_generate_tells_what_it_drew_from_words_that_name_nothing_it_has() -> None:
    result = run("generate", "--prompt", "a red knight", "-o", "made.png")
    assert result.exit_code == 0, result.output
    assert "Nearest drawing: dragon. (or: red " in result.stderr
    recipe = read_recipe(Image.open(io.BytesIO(Path("made.png").read_bytes())))
    assert recipe is not None
    assert recipe["notes"][0]["code"] == "nearest_drawing"


@pytest.mark.parametrize(("name", "kind"), [("o.jpg", "JPEG"), ("o.webp", "WEBP")])
def test_generate_follows_the_files_name(name: str, kind: str) -> None:
    sketch("in.png")
    assert run("generate", "-m", "echo", "-i", "sketch=in.png", "-o", name).exit_code == 0
    with Image.open(name) as made:
        assert (made.format, made.size) == (kind, (256, 256))


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--sed", "1"], "did you mean 'seed'?"),
        (["--seed", "-1"], "greater than or equal to 0"),
        (["-p", "seed"], "write --param NAME=VALUE"),
        (["-o", "out.gif"], ".webp"),
        (["gone.png"], "cannot read 'gone.png'"),
        (["-i", "skech=cat.png"], "did you mean 'sketch'?"),
        (["text.png"], "send one of"),
        (["--fail", "true"], "asked to fail"),
    ],
)
def test_generate_refuses_with_a_fix(arguments: list[str], message: str) -> None:
    sketch()
    Path("text.png").write_text("no picture")
    assert message in refused("generate", "-m", "echo", *arguments)
    assert not Path("out.png").exists()


def test_flags_that_only_the_model_knows_are_told_from_the_sketch() -> None:
    assert split(["a.png", "--style", "flat", "--delay-ms=2"]) == (
        ["a.png"],
        {"style": "flat", "delay_ms": "2"},
    )
    assert split(["--style", "flat", "a.png"]) == (["a.png"], {"style": "flat"})
    assert split([]) == ([], {})
    with pytest.raises(InvalidParams, match="--style has no value"):
        split(["a.png", "--style"])
    assert split(["a", "red", "fox"]) == (["a", "red", "fox"], {})


def test_models_are_listed_and_explained() -> None:
    listed = run("models").output
    assert "ink  (default)" in listed
    assert "echo" in listed
    told = run("models", "echo").output
    assert "--seed" in told
    assert "integer 0 to 4294967295, default 42" in told
    assert "input sketch: 512 × 512 px, optional" in told
    assert "did you mean 'echo'?" in refused("models", "ecko")


@pytest.mark.parametrize("verb", ["serve", "generate", "models"])
def test_a_missing_extra_says_how_to_install_it(verb: str) -> None:
    blocked = {
        "serve": "livedraft.runtime.running",
        "generate": "livedraft.runtime.local",
        "models": "livedraft.runtime.models",
    }[verb]
    code = (
        "import sys\n"
        "class Block:\n"
        "    def find_spec(self, name, *_):\n"
        f"        if name == {blocked!r}:\n"
        "            raise ModuleNotFoundError('no numpy', name='numpy')\n"
        "sys.meta_path.insert(0, Block())\n"
        f"from livedraft.cli import main; main([{verb!r}])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode == 1
    assert f"livedraft {verb} needs the extra 'server'" in done.stderr
    assert "pip install 'livedraft[server]'" in done.stderr


def test_a_fault_of_ours_is_not_taken_for_a_missing_extra() -> None:
    from livedraft.cli.extras import needs_extra

    with pytest.raises(ModuleNotFoundError), needs_extra("server", "x"):
        raise ModuleNotFoundError("x", name="livedraft.gone")
    with pytest.raises(MissingExtraError), needs_extra("server", "x"):
        raise ModuleNotFoundError("x", name="torch.cuda")


@pytest.mark.parametrize(
    ("settings", "warned"),
    [
        (("--host", "0.0.0.0"), True),
        (("--host", "::"), True),
        (("--host", "0.0.0.0", "--token", "secret"), False),
        (("--host", "localhost"), False),
        ((), False),
    ],
)
def test_a_server_that_anybody_can_use_says_so(
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    settings: tuple[str, ...],
    warned: bool,
) -> None:
    def serve(config: Config, tell: Callable[[str], None], **_: object) -> None:
        tell("http://127.0.0.1:7860")

    for name in ("httpx", "aioice", "mcp"):
        caplog.set_level(logging.NOTSET, logger=name)  # and back
    monkeypatch.setattr("livedraft.runtime.running.serve", serve)
    done = run("serve", "--models", "echo", *settings)
    assert "livedraft is at" in done.output
    told = [record.getMessage() for record in caplog.records if record.levelname == "WARNING"]
    assert any("anybody" in text and "LIVEDRAFT_TOKEN" in text for text in told) is warned


def test_a_servers_log_has_no_words_and_addresses_of_its_users(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Libraries tell them of each request, at the level that is logged where nothing is set."""
    telling = ("httpx", "aioice", "aioice.ice", "mcp.server.mcpserver")

    def serve(*_: object, **__: object) -> None:
        for name in (*telling, "livedraft.runtime"):
            logging.getLogger(name).info("said by %s", name)

    for name in (*telling, "mcp", None):
        caplog.set_level(logging.NOTSET if name else logging.INFO, logger=name)  # and back
    monkeypatch.setattr("livedraft.runtime.running.serve", serve)
    assert run("serve", "--models", "echo").exit_code == 0
    assert [record.name for record in caplog.records if "said by" in record.message] == [
        "livedraft.runtime"
    ]
