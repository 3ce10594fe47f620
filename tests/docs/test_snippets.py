"""What snippets of the README and of docs/ hold, beside that they run (see test_reading.py)."""

import configparser
import re
import shlex
from pathlib import Path

import pytest
from benchmarks.browser import page as chromium
from tests.docs.reading import SHOWN_ONLY
from tests.docs.snippets import ALL, ROOT, Snippet, of

from livedraft.cli import main as cli
from livedraft.kernels.bench import RULES, Outcome
from livedraft.kernels.ops import NAMES as OPERATIONS
from livedraft.runtime.config import Config
from livedraft.runtime.loading import load
from livedraft.runtime.running import Thread


def test_every_fence_is_run_or_known_not_to_be() -> None:
    known = {"python", "bash", "html", "jsx", "toml", *SHOWN_ONLY}
    assert [str(snippet) for snippet in ALL if snippet.language not in known] == []


def test_the_operation_of_the_guide_is_short_and_listed() -> None:
    """Being listed, it is run, compiled and compared by tests/kernels like any other."""
    shown = {
        snippet.name: snippet
        for snippet in of("python")
        if "/" in snippet.name and snippet.page.stem == "add-a-kernel"
    }
    assert list(shown) == [f"kernels/{part}/gated_residual.py" for part in ("ops", "launch")]
    assert sum(len(snippet.text.splitlines()) for snippet in shown.values()) <= 60
    assert "gated_residual" in OPERATIONS


def test_the_attributes_of_the_element_are_all_told() -> None:
    with Thread(Config(models=("echo",), port=0)) as server, chromium() as page:
        page.goto(server.url)
        observed = page.evaluate("customElements.get('livedraft-sketch').observedAttributes")
    told = first_column("## Attributes")
    assert told == set(observed)


def test_what_the_guide_says_of_the_try_on_element_is_there_and_all_of_its_own_is_told() -> None:
    with Thread(Config(models=("echo",), port=0)) as server, chromium() as page:
        page.goto(server.url)
        page.add_script_tag(url=f"{server.url}/livedraft-tryon.js")
        observed, shared, members = page.evaluate("""() => {
            const tryon = customElements.get("livedraft-tryon");
            const live = Object.getPrototypeOf(tryon);
            const names = ({ prototype }) => Object.getOwnPropertyNames(prototype);
            return [tryon.observedAttributes, live.shared, [tryon, live].flatMap(names)]; }""")
    told = first_column("## Attributes", "try-on")
    assert set(observed) - set(shared) <= told <= set(observed)
    text = (ROOT / "docs/guides/try-on.md").read_text("utf-8")
    methods = text.partition("## Properties and methods")[2].partition("\n#")[0]
    assert {*re.findall(r"`(\w+)\(", methods)} == {"wear", "open", "takePhoto", "forget"}
    assert first_column("## Properties and methods", "try-on") <= set(members)


def test_what_the_guide_says_of_the_talking_head_is_there_and_all_of_its_own_is_told() -> None:
    with Thread(Config(models=("echo",), port=0)) as server, chromium() as page:
        page.goto(server.url)
        page.add_script_tag(url=f"{server.url}/livedraft-head.js")
        observed, shared, members = page.evaluate("""() => {
            const head = customElements.get("livedraft-head");
            const live = Object.getPrototypeOf(head);
            const names = ({ prototype }) => Object.getOwnPropertyNames(prototype);
            return [head.observedAttributes, live.shared, [head, live].flatMap(names)]; }""")
    told = first_column("## Attributes", "talking-head")
    assert set(observed) - set(shared) == told
    text = (ROOT / "docs/guides/talking-head.md").read_text("utf-8")
    methods = text.partition("## Properties and methods")[2].partition("\n#")[0]
    assert {*re.findall(r"^\| `(\w+)\(", methods, flags=re.M)} <= set(members)


def first_column(heading: str, guide: str = "embed-in-a-page") -> set[str]:
    """Return the words in the first column of the table under a heading of a guide."""
    text = (ROOT / f"docs/guides/{guide}.md").read_text(encoding="utf-8")
    table = text.partition(heading + "\n")[2].partition("\n#")[0]
    rows = [row.split("|")[1] for row in table.splitlines() if row.startswith("| `")]
    return set(re.findall(r"`([\w-]+)`", " ".join(rows)))


@pytest.mark.parametrize("snippet", [s for s in of("toml") if "livedraft" in s.name], ids=str)
def test_settings_are_settings(snippet: Snippet, tmp_path: Path) -> None:
    path = tmp_path / "livedraft.toml"
    path.write_text(snippet.text, encoding="utf-8")
    loaded = load(file=path)
    named = re.findall(r"^(\w+) = ", snippet.text, flags=re.M)
    assert {name for name, source in loaded.sources.items() if source != "default"} == {*named}


def test_a_unit_of_systemd_runs_a_command_of_ours() -> None:
    [snippet] = [each for each in of("ini") if "[Service]" in each.text]
    unit = configparser.ConfigParser(interpolation=None)
    unit.read_string(snippet.text)
    program, verb, *rest = shlex.split(unit["Service"]["ExecStart"])
    assert Path(program).name == "livedraft"
    cli.commands[verb].make_context(verb, rest)
    assert float(unit["Service"]["TimeoutStopSec"]) > Config().drain_s


def test_what_windows_runs_is_there() -> None:
    for snippet in of("bat"):
        assert set(re.findall(r"\S+\.(?:py|txt)\b", snippet.text.replace("\\", "/"))) == {
            "constraints.txt",
            "demos/live_drawing/app.py",
        }
        assert all(
            (ROOT / name).is_file() for name in ("constraints.txt", "demos/live_drawing/app.py")
        )


def test_variables_of_the_looks_are_known() -> None:
    bundle = (ROOT / "sdk/livedraft/elements/livedraft.js").read_text("utf-8")
    for snippet in of("css"):
        for name in re.findall(r"--livedraft-[\w-]+", snippet.text):
            assert name in bundle


def test_the_guide_knows_every_rule_and_outcome_of_the_bench() -> None:
    text = (ROOT / "docs/guides/judge-a-kernel.md").read_text(encoding="utf-8")
    named = set(re.findall(r"^\| `([\w ]+)` \|", text, flags=re.M))
    assert named >= {*RULES, *Outcome} - {Outcome.PASSED}
