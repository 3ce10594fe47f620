"""Every snippet of the README and of docs/ is run, or at least judged by what would run it."""

import asyncio
import json
import re
import shlex
import subprocess
import sys
import threading
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpx
import pytest
from benchmarks.__main__ import BENCHMARKS
from benchmarks.browser import page as chromium
from click.testing import CliRunner
from PIL import Image, ImageDraw

import livedraft
from livedraft.cli import main as cli
from livedraft.kernels.bench import RULES, Outcome
from livedraft.kernels.ops import NAMES as OPERATIONS
from livedraft.runtime.config import Config, load
from livedraft.runtime.running import Thread

ROOT = Path(__file__).resolve().parents[2]
ADDRESS = "http://127.0.0.1:7860"  # as the pages write it
NOT_RUN = {"", "text", "bat", "css", "nginx", "ini"}  # what nothing here can run


@dataclass(frozen=True)
class Snippet:
    """A fence of a page; ``name`` is the file that it shows, if any."""

    page: Path
    line: int
    language: str
    name: str
    text: str

    def __str__(self) -> str:
        return f"{self.page.relative_to(ROOT)}:{self.line}"


def snippets() -> Iterator[Snippet]:
    for page in [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted(ROOT.glob("docs/**/*.md"))]:
        text = page.read_text(encoding="utf-8")
        for fence in re.finditer(r"^```(\w*) ?(\S*)\n(.*?)^```$", text, flags=re.M | re.S):
            line = text.count("\n", 0, fence.start()) + 1
            yield Snippet(page, line, *fence.groups())


ALL = list(snippets())


def of(language: str) -> list[Snippet]:
    return [snippet for snippet in ALL if snippet.language == language]


def named(name: str) -> Snippet:
    [found] = [snippet for snippet in ALL if snippet.name == name]
    return found


class Website(ThreadingHTTPServer):
    """Another website: one page, which is another one for each snippet."""

    page = ""

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


class _Answer(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        assert isinstance(self.server, Website)
        self.send_response(200 if self.path == "/" else 404)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.end_headers()
        self.wfile.write(self.server.page.encode())

    def log_message(self, format: str, *args: object) -> None:
        """Be silent."""


@pytest.fixture(scope="module")
def website() -> Iterator[Website]:
    with Website(("127.0.0.1", 0), _Answer) as serving:
        thread = threading.Thread(target=serving.serve_forever)
        thread.start()
        yield serving
        serving.shutdown()
        thread.join()


@pytest.fixture(scope="module")
def server(website: Website) -> Iterator[str]:
    models, origins = ("ink", "echo"), (website.url,)
    with Thread(Config(models=models, origins=origins, port=0, log_level="warning")) as running:
        yield running.url


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder with the files that the pages speak of, and in it, whoever runs."""
    for name in ("fox.png", "cat.png"):
        sketch = Image.new("RGBA", (256, 256))
        ImageDraw.Draw(sketch).ellipse((48, 64, 208, 224), outline="black", width=4)
        sketch.save(tmp_path / name)
    for name in ("wash.py", "mine.py", "clipped.py", "soft_clip.py"):
        (tmp_path / name).write_text(named(name).text, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(tmp_path)
    return tmp_path


def test_every_fence_is_run_or_known_not_to_be() -> None:
    known = {"python", "bash", "html", "toml", *NOT_RUN}
    assert [str(snippet) for snippet in ALL if snippet.language not in known] == []


FILES = [snippet for snippet in ALL if "/" in snippet.name]  # of this tree
KERNELS = [snippet for snippet in of("python") if "@triton.jit" in snippet.text]  # for the bench
PROGRAMS = [s for s in of("python") if "ld.launch(" not in s.text and s not in FILES + KERNELS]
APPS = [snippet for snippet in of("python") if "ld.launch(" in snippet.text]


@pytest.mark.parametrize("snippet", PROGRAMS, ids=str)
def test_programs_run(snippet: Snippet, server: str, desk: Path) -> None:
    code = compile(snippet.text.replace(ADDRESS, server), str(snippet), "exec")
    exec(code, {"__name__": "__main__"})


@pytest.mark.parametrize("snippet", APPS, ids=str)
def test_apps_are_served(snippet: Snippet, desk: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """On a free port, and inside a loop: outside of one Gradio makes some that it never closes."""
    real, launched = livedraft.launch, list[Thread | None]()

    def launch(demo: Any) -> None:
        launched.append(real(demo, port=0, models=["echo"]))

    async def run() -> None:
        exec(compile(snippet.text, str(snippet), "exec"), {"__name__": "__main__"})
        [running] = launched
        assert running is not None, "a loop runs"
        with running:
            async with httpx.AsyncClient(base_url=running.url) as client:
                assert "livedraft-sketch" in (await client.get("/config")).text

    monkeypatch.setattr(livedraft, "launch", launch, raising=False)
    asyncio.run(run())


@pytest.mark.parametrize("snippet", FILES, ids=str)
def test_files_of_the_tree_are_shown_as_they_are(snippet: Snippet) -> None:
    assert snippet.text == (ROOT / snippet.name).read_text(encoding="utf-8")


def test_the_operation_of_the_guide_is_short_and_listed() -> None:
    """Being listed, it is run, compiled and compared by tests/kernels like any other."""
    shown = {snippet.name: snippet for snippet in FILES if snippet.page.stem == "add-a-kernel"}
    assert list(shown) == [f"kernels/{part}/gated_residual.py" for part in ("ops", "launch")]
    assert sum(len(snippet.text.splitlines()) for snippet in shown.values()) <= 60
    assert "gated_residual" in OPERATIONS


def commands() -> list[Any]:
    return [
        pytest.param(line, id=f"{snippet}: {line}")
        for snippet in of("bash")
        for line in snippet.text.splitlines()
        if line.strip()
    ]


@pytest.mark.parametrize("line", commands())
def test_commands_are_ones(line: str, server: str, desk: Path) -> None:
    words = shlex.split(line, comments=True)
    while re.fullmatch(r"[A-Z_]+=.*", words[0]):  # environment
        words.pop(0)
    program, *arguments = words
    if program == "livedraft":
        parse(arguments)
    elif program == "make":
        targets = re.findall(r"^(\w+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.M)
        assert set(arguments) <= set(targets)
    elif program == "pip":
        judge_pip(arguments)
    elif program == "curl":
        done = subprocess.run(
            [word.replace(ADDRESS, server) for word in ["curl", "--fail", "-sS", *arguments]],
            check=True,
            capture_output=True,
        )
        assert done.stderr == b""
    elif program == ".venv/bin/python":
        judge_python(arguments)
    else:
        pytest.fail(f"nobody knows how to judge {program}")


def parse(arguments: list[str]) -> None:
    """Parse arguments as the command line would; raise what it would raise."""
    verb, *rest = arguments
    command = cli.commands[verb]
    if "--help" not in rest:
        command.make_context(verb, rest)


def judge_pip(arguments: list[str]) -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert arguments[0] == "install"
    for extra in re.findall(r"\[(\w+)\]", " ".join(arguments)):
        assert extra in project["optional-dependencies"]
    if "-c" in arguments:
        assert (ROOT / arguments[arguments.index("-c") + 1]).is_file()


def judge_python(arguments: list[str]) -> None:
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


@pytest.mark.parametrize("snippet", of("html"), ids=str)
def test_pages_of_another_website_open_a_session(
    snippet: Snippet, server: str, website: Website
) -> None:
    website.page = '<link rel="icon" href="data:,">' + snippet.text.replace(ADDRESS, server)
    with chromium() as page:
        complaints: list[str] = []
        page.on(
            "console",
            lambda said: complaints.append(said.text) if said.type == "error" else None,
        )
        with page.expect_websocket() as connecting:
            page.goto(website.url)
        connecting.value.wait_for_event("framereceived")  # "opened", the first thing that is said
        if "<livedraft-sketch" in snippet.text:
            page.wait_for_function("document.querySelector('livedraft-sketch').params.steps")
        assert complaints == []


def test_the_attributes_of_the_element_are_all_told(server: str) -> None:
    with chromium() as page:
        page.goto(server)
        observed = page.evaluate("customElements.get('livedraft-sketch').observedAttributes")
    told = first_column("## Attributes")
    assert told == set(observed)


def first_column(heading: str) -> set[str]:
    """Return the words in the first column of the table under a heading of the embedding guide."""
    text = (ROOT / "docs/guides/embed-in-a-page.md").read_text(encoding="utf-8")
    table = text.partition(heading + "\n")[2].partition("\n#")[0]
    rows = [row.split("|")[1] for row in table.splitlines() if row.startswith("| `")]
    return set(re.findall(r"`([\w-]+)`", " ".join(rows)))


def test_settings_are_settings(tmp_path: Path) -> None:
    path = tmp_path / "livedraft.toml"
    path.write_text(named("livedraft.toml").text, encoding="utf-8")
    assert load(file=path).config.hosts == ("draw.example.org",)


def test_the_model_of_the_guide_is_a_model(desk: Path) -> None:
    """Installed by its own pyproject.toml's entry point, it draws and keeps the contract."""
    project = tomllib.loads(named("pyproject.toml").text)["project"]
    installed = desk / "livedraft_wash-0.1.0.dist-info"
    installed.mkdir()
    (installed / "METADATA").write_text(f"Name: {project['name']}\nVersion: {project['version']}\n")
    points = project["entry-points"]["livedraft.models"]
    lines = [f"{name} = {target}" for name, target in points.items()]
    (installed / "entry_points.txt").write_text("\n".join(["[livedraft.models]", *lines]))
    [generate] = [
        line
        for snippet in of("bash")
        for line in snippet.text.splitlines()
        if "generate" in line and "wash" in line
    ]
    run(desk, "-m", *shlex.split(generate))
    with Image.open(desk / "out.png") as picture:
        assert picture.size == (128, 128)
        recipe = json.loads(picture.info["livedraft"])
    assert (recipe["model"], recipe["params"]["wetness"]) == ("wash", 0.8)
    contract = str(ROOT / "tests/runtime/models/test_contract.py")
    said = run(
        desk, "-m", "pytest", "-q", "-c", str(ROOT / "pyproject.toml"), contract, "-k", "wash"
    )
    assert re.search(r"\d+ passed", said)


@pytest.mark.parametrize("line", ["mine.py", "clipped.py --definition soft_clip.py"])
def test_the_kernels_of_the_guide_pass(line: str, desk: Path) -> None:
    command = f"livedraft kernels bench {line}"
    assert command in [line for snippet in of("bash") for line in snippet.text.splitlines()]
    said = CliRunner().invoke(cli, shlex.split(command)[1:])
    assert said.exit_code == 0, said.output


def test_the_guide_knows_every_rule_and_outcome_of_the_bench() -> None:
    text = (ROOT / "docs/guides/judge-a-kernel.md").read_text(encoding="utf-8")
    named = set(re.findall(r"^\| `([\w ]+)` \|", text, flags=re.M))
    assert named >= {*RULES, *Outcome} - {Outcome.PASSED}


def run(desk: Path, *arguments: str) -> str:
    environment = {"PYTHONPATH": str(desk), "PATH": str(Path(sys.executable).parent)}
    done = subprocess.run(
        [sys.executable, *arguments],
        cwd=desk,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout
