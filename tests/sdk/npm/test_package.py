"""What `npm install` of a server's package gives: files, entries, types, the manifest."""

from __future__ import annotations

import io
import json
import re
import subprocess
import tarfile
from pathlib import Path
from typing import Any

import httpx
import jsonschema
import pytest

from livedraft import __version__
from livedraft.elements.package import NAME, contents, tarball

from .conftest import MODULES, ROOT

JS = ROOT / "sdk/js"
ENTRIES = ("livedraft", "livedraft/camera", "livedraft/tryon", "livedraft/head", "livedraft/react")


def node(project: Path, program: str) -> Any:
    """Run a module in the project; return what it printed, as JSON."""
    done = subprocess.run(
        ["node", "--input-type=module", "--eval", program],
        cwd=project,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_the_package_is_of_pythons_version() -> None:
    packed = json.loads(contents()["package.json"])
    assert (packed["name"], packed["version"]) == ("livedraft", __version__)
    assert json.loads((JS / "package.json").read_text())["version"] == __version__
    assert json.loads((JS / "package-lock.json").read_text())["version"] == __version__


def test_a_server_gives_the_package_that_make_npm_writes(server: str, tmp_path: Path) -> None:
    given = httpx.get(f"{server}/{NAME}")
    assert given.headers["content-type"] == "application/gzip"
    assert given.content == tarball()
    subprocess.run(["python", "-m", "livedraft.elements", tmp_path], check=True, cwd=ROOT)
    (written,) = tmp_path.iterdir()
    assert written.name == f"livedraft-{__version__}.tgz"
    assert written.read_bytes() == given.content
    with tarfile.open(fileobj=io.BytesIO(given.content)) as tar:
        assert {entry.name for entry in tar} == {f"package/{name}" for name in contents()}


def test_installing_brings_that_and_nothing_else(project: Path) -> None:
    installed = project / "node_modules/livedraft"
    files = {str(p.relative_to(installed)) for p in installed.rglob("*") if p.is_file()}
    assert files == set(contents())
    assert {"README.md", "LICENSE", "dist/livedraft.js"} <= files
    others = {p.name for p in (project / "node_modules").iterdir() if not p.is_symlink()}
    assert others <= {"livedraft", ".package-lock.json"}, "it needs no package beside itself"


@pytest.mark.parametrize("entry", ENTRIES)
def test_each_entry_can_be_imported_where_no_page_is(project: Path, entry: str) -> None:
    program = f"import * as all from '{entry}'; console.log(JSON.stringify(Object.keys(all)))"
    assert any(name.startswith("Livedraft") for name in node(project, program))


def test_what_publint_knows_of_packages_is_right(project: Path) -> None:
    program = f"""
        import {{ publint }} from '{MODULES / "publint/src/index-node.js"}';
        const how = {{ pkgDir: 'node_modules/livedraft', strict: true, pack: false }};
        console.log(JSON.stringify((await publint(how)).messages));"""
    assert node(project, program) == []
    broken = project / "node_modules/livedraft/package.json"
    before = broken.read_text()
    broken.unlink()  # npm may have linked it
    broken.write_text(before.replace("livedraft.mjs", "elsewhere.mjs"))
    try:
        assert node(project, program) != []
    finally:
        broken.write_text(before)


def manifest() -> Any:
    return json.loads(contents()["custom-elements.json"])


def test_the_manifest_is_one_by_its_schema() -> None:
    schema = json.loads((MODULES / "custom-elements-manifest/schema.json").read_text())
    jsonschema.validate(manifest(), schema)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(manifest() | {"modules": [{"kind": "nothing"}]}, schema)


def test_the_manifest_tells_what_the_elements_themselves_say(project: Path) -> None:
    for module in manifest()["modules"]:
        (element,) = module["declarations"]
        assert module["path"] in contents()
        said = node(
            project,
            f"import {{ {element['name']} as E }} from './node_modules/livedraft/{module['path']}';"
            "console.log(JSON.stringify([E.observedAttributes, E.events]))",
        )
        attributes = [each["name"] for each in element["attributes"]]
        events = sorted(each["name"] for each in element["events"])
        assert [attributes, events] == [said[0], sorted(said[1])]
        assert all(each["description"] for each in element["events"])


@pytest.mark.parametrize("room", ["sketch", "camera", "tryon", "head"])
def test_an_element_emits_the_events_that_it_lists_and_no_others(room: str) -> None:
    texts = [p.read_text() for p in (JS / "src" / room).rglob("*.ts")]
    shared = [p.read_text() for p in (JS / "src/ui").rglob("*.ts")]
    emitted = re.findall(r'(?:\bemit\(|announce\([\w.]+, )"([\w-]+)"', "\n".join(texts + shared))
    (element,) = (
        module["declarations"][0]
        for module in manifest()["modules"]
        if module["declarations"][0]["tagName"] == f"livedraft-{room}"
    )
    assert {each["name"] for each in element["events"]} == set(emitted)


@pytest.mark.parametrize("resolution", [("NodeNext", "NodeNext"), ("ESNext", "Bundler")])
def test_a_strict_typescript_project_reads_the_types(
    project: Path, resolution: tuple[str, str]
) -> None:
    module, how = resolution
    (project / "app.ts").write_text(Path(__file__).with_name("consumer.ts").read_text())
    flags = ["--strict", "--noEmit", "--target", "ES2022", "--lib", "ES2022,DOM,DOM.Iterable"]
    flags += ["--module", module, "--moduleResolution", how, "--types", "react"]
    done = subprocess.run(
        ["node", MODULES / "typescript/bin/tsc", *flags, "--skipLibCheck", "false", "app.ts"],
        cwd=project,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout
