"""OpenAI's client for JavaScript, from npm, at our server."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from livedraft.runtime.config import Config
from livedraft.runtime.running import Thread

from .conftest import Node

BEGIN = """
import { writeFileSync } from "node:fs";
import OpenAI, { toFile } from "openai";
const client = new OpenAI({ baseURL: "%s/v1", apiKey: "any", maxRetries: 0 });
const kind = (b64) => Buffer.from(b64, "base64").subarray(1, 4).toString();
const tell = (value) => console.log(JSON.stringify(value));
"""


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    with Thread(Config(models=("echo", "ink"), port=0)) as server:
        yield server.url


def test_pictures_of_words_and_of_pictures(node: Node, url: str) -> None:
    found = node(
        BEGIN % url
        + """
        const made = await client.images.generate({ model: "echo", prompt: "a fox", n: 2 });
        const image = await toFile(Buffer.from(made.data[0].b64_json, "base64"), "a.png");
        const changed = await client.images.edit({ model: "echo", prompt: "a hen", image });
        const models = [];
        for await (const model of client.models.list()) models.push(model.id);
        const kinds = [...made.data, ...changed.data].map((each) => kind(each.b64_json));
        tell([kinds, models]);
        """
    )
    assert found == [["PNG", "PNG", "PNG"], ["echo", "ink"]]


def test_a_stream_of_what_is_on_the_way(node: Node, url: str) -> None:
    found = node(
        BEGIN % url
        + """
        const how = { model: "echo", prompt: "a fox", stream: true, partial_images: 2 };
        const events = [];
        for await (const event of await client.images.generate(how))
          events.push([event.type, kind(event.b64_json), event.partial_image_index ?? null]);
        tell(events);
        """
    )
    assert found[-1] == ["image_generation.completed", "PNG", None]
    partial = [event for event in found if event[0] == "image_generation.partial_image"]
    assert [event[2] for event in partial] == list(range(len(partial)))
    assert partial, "previews come on the way"


def test_its_errors_are_its_own_classes(node: Node, url: str) -> None:
    found = node(
        BEGIN % url
        + """
        const why = async (asked) => {
          try { await client.images.generate(asked); return null; }
          catch (error) { return [error.constructor.name, error.status, error.code]; }
        };
        tell([await why({ prompt: "", model: "nothing" }), await why({ prompt: "", n: 1000 })]);
        """
    )
    (unknown, many) = found
    assert unknown[0] == "NotFoundError"
    assert many[:2] == ["BadRequestError", 400]
