"""The items of the shadcn registry: valid by its schema, right in a React project."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import httpx
import jsonschema
import pytest

from livedraft.elements.package import NAME
from livedraft.errors import LivedraftError
from livedraft.runtime.transports.shadcn import NAMES, SCHEMA, item

from .conftest import Project

TYPES = "lib block component ui hook theme page file style item example internal".split()
# What https://ui.shadcn.com/schema/registry-item.json asks of the keys that we use.
TYPE = {"enum": [f"registry:{each}" for each in TYPES]}
TEXT = {"type": "string"}
FILE = {
    "type": "object",
    "properties": {"path": TEXT, "content": TEXT, "type": TYPE, "target": TEXT},
    "required": ["path", "type", "content"],  # of an item that a server gives
    "additionalProperties": False,
    # Who says `file` or `page` says where it goes, too.
    "if": {"properties": {"type": {"enum": ["registry:file", "registry:page"]}}},
    "then": {"required": ["target"]},
}
ITEM = {
    "type": "object",
    "properties": {
        "$schema": {"const": SCHEMA},
        "name": TEXT,
        "type": TYPE,
        "title": TEXT,
        "description": TEXT,
        "dependencies": {"type": "array", "items": TEXT},
        "files": {"type": "array", "items": FILE, "minItems": 1},
        "docs": TEXT,
    },
    "required": ["$schema", "name", "type", "files"],
    "additionalProperties": False,
}


def given(server: str, name: str) -> Any:
    answer = httpx.get(f"{server}/r/{name}.json")
    assert answer.status_code == 200
    return answer.json()


@pytest.mark.parametrize("name", NAMES)
def test_a_server_gives_an_item_that_installs_from_it(server: str, name: str) -> None:
    found = given(server, name)
    jsonschema.validate(found, ITEM)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(found | {"type": "registry:element"}, ITEM)
    assert found["name"] == name
    (package,) = found["dependencies"]
    assert package == f"livedraft@{server}/{NAME}"
    assert httpx.get(package.partition("@")[2]).headers["content-type"] == "application/gzip"
    assert f'"{server}"' in found["files"][0]["content"]


def test_other_items_are_not_there(server: str) -> None:
    for name in ("sketch", "livedraft-nothing", "..%2Flivedraft", "livedraft-sketch.json"):
        assert httpx.get(f"{server}/r/{name}.json").status_code == 404
    for name in ("sketch", "livedraft-", "nothing"):
        with pytest.raises(LivedraftError):
            item(name, server)


def test_an_address_cannot_end_the_text_that_it_is_written_into() -> None:
    (file,) = item(NAMES[0], 'http://x";alert(1)//')["files"]
    assert 'const SERVER = "http://x\\";alert(1)//";' in file["content"]


def test_the_react_example_and_the_components_in_it_have_right_types(
    server: str, project: Callable[[str], Project]
) -> None:
    react = project("react")
    folder = react.path / "src/components"
    folder.mkdir()
    for name in NAMES:
        (file,) = given(server, name)["files"]
        (folder / file["path"].removeprefix("components/")).write_text(file["content"])
    (folder / "all.tsx").write_text(
        'import { LivedraftSketch } from "./livedraft-sketch";\n'
        'export const Own = () => <LivedraftSketch prompt="a red fox" style={{ height: 400 }} />;\n'
        "// @ts-expect-error: there is no such prop\n"
        "export const Wrong = () => <LivedraftSketch prompts={1} />;\n"
        "// @ts-expect-error: its words are text\n"
        "export const Mistaken = () => <LivedraftSketch prompt={[]} />;\n"
    )
    done = react.run("typescript/bin/tsc")
    assert done.returncode == 0, done.stdout
