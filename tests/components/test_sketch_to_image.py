"""The component as Gradio's Python side sees it."""

import json
import re
import sys
from html import unescape
from pathlib import Path
from typing import Any

import gradio as gr
import httpx
import pytest
from gradio.data_classes import FileData
from PIL import Image

from livedraft.components import SketchToImage, SketchValue
from livedraft.components.home import program, state_key
from livedraft.components.markup import on_load, tag
from livedraft.components.sketch_value import SketchData
from livedraft.errors import InvalidParams
from livedraft.runtime.launch import launch

# Gradio makes loops that nobody closes, unless one is running.
pytestmark = pytest.mark.anyio


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the folder that Gradio puts uploads into."""
    monkeypatch.setenv("GRADIO_TEMP_DIR", str(tmp_path))
    return tmp_path


def config(demo: gr.Blocks) -> dict[str, Any]:
    """Return the props of the one component in an app."""
    (found,) = [c for c in demo.get_config_file()["components"] if "livedraft" in str(c["props"])]
    props: dict[str, Any] = found["props"]
    return props


async def test_the_page_gets_the_element_with_all_that_was_asked() -> None:
    with gr.Blocks() as demo:
        SketchToImage(
            model="ink",
            prompt="a `red` fox",
            style="flat",
            seed=7,
            strength=0.6,
            size=1024,
            palette=["#e5484d", "#f6c744"],
            loras={"wood": 0.5, "night": 1},
            made_up=[1],  # of a model that nobody here knows
            steps=None,  # which says nothing
            examples=[{"name": "dot", "prompt": "a `dot`", "strokes": [{"points": [[0, 0]]}]}],
            layout="over",
            locked=True,
            height=480,
            label="Sketch",
        )
    html = config(demo)["html_template"]
    for attribute in (
        'model="ink"',
        'layout="over"',
        'locked=""',
        'height="480"',
    ):
        assert f" {attribute}" in html
    (params,) = re.findall(r' params="([^"]*)"', html)
    assert json.loads(unescape(params)) == {
        "prompt": "a `red` fox",
        "style": "flat",
        "seed": 7,
        "strength": 0.6,
        "size": 1024,
        "palette": ["#e5484d", "#f6c744"],
        "loras": {"wood": 0.5, "night": 1},
        "made_up": [1],
    }
    assert not set("${}`") & set(params), "Gradio's templates would act on it"
    (examples,) = re.findall(r' examples="([^"]*)"', html)
    assert "a `dot`" in unescape(examples)
    assert not set("${}`") & set(examples), "Gradio's templates would act on it"
    assert ' url="${window.gradio_config' in html, "what only the page knows"
    assert config(demo)["head"].startswith("<script>")


async def test_two_components_keep_two_drawings() -> None:
    named: list[dict[str, Any]] = [{"elem_id": "1"}, {"key": "1"}, {"label": "1"}]
    keys = {state_key(SketchToImage(**given), given.get("label")) for given in [{}, {}, *named]}
    with gr.Blocks(title="another"):
        keys.add(state_key(SketchToImage(elem_id="1"), None))
    assert len(keys) == 6


@pytest.mark.parametrize("text", ["${alert(1)}", "{{value}}", "`x`", "\\n", '"><script>', "<!--"])
async def test_no_text_acts_in_the_template(text: str) -> None:
    html = tag("livedraft-sketch", prompt=text)
    inner = re.fullmatch(r'<livedraft-sketch prompt="([^"<>]*)"></livedraft-sketch>', html)
    assert inner is not None
    assert not set("${}`\\") & set(inner[1])


async def test_attributes_that_say_nothing_are_left_out() -> None:
    assert tag("x-y", a=None, b=False, c=True, state_key="k") == '<x-y c="" state-key="k"></x-y>'


@pytest.mark.parametrize("event", ["change", "input", "submit", "clear", "ready", "stroke"])
async def test_every_event_takes_a_listener(event: str) -> None:
    with gr.Blocks() as demo:
        sketch = SketchToImage()
        getattr(sketch, event)(lambda value: None, sketch, None)
    (listener,) = demo.get_config_file().get("dependencies", [])
    assert listener["targets"] == [(sketch._id, event)]


async def test_words_of_the_script_hide_no_attribute() -> None:
    quoted = set(
        re.findall(r"[\"'`]([A-Za-z_]\w*)[\"'`]", on_load("a-b", [], SketchToImage.joining))
    )
    known = vars(SketchToImage()).keys() | set(dir(SketchToImage))
    events = {"submit", "change", "input", "clear", "ready", "stroke"}
    assert quoted - events - known <= {"value"}


async def test_a_value_comes_as_pictures_and_params(cache: Path) -> None:
    path = cache / "red.png"
    Image.new("RGBA", (8, 8), "red").save(path)
    sketch = SketchToImage()
    value = sketch.preprocess(SketchData(sketch=FileData(path=str(path)), prompt="a fox"))
    assert isinstance(value, SketchValue)
    assert value.sketch is not None
    assert value.prompt == "a fox"
    assert sketch.preprocess(None) is None
    assert sketch.postprocess(None) is None


async def test_a_bad_picture_is_told_in_the_page(cache: Path) -> None:
    path = cache / "no.png"
    path.write_bytes(b"no picture")
    with pytest.raises(gr.Error, match="not a picture"):
        SketchToImage().preprocess(SketchData(sketch=FileData(path=str(path))))


async def test_no_file_but_an_upload_is_read(cache: Path, tmp_path_factory: Any) -> None:
    outside: Path = tmp_path_factory.mktemp("home") / "red.png"
    Image.new("RGBA", (8, 8), "red").save(outside)
    (cache / "link.png").symlink_to(outside)
    for path in (outside, cache / "link.png", cache, cache / ".." / outside, "http://x/a.png"):
        given = SketchData(sketch=FileData(path=str(path)))
        with pytest.raises(gr.Error, match="none that was uploaded"):
            SketchToImage().preprocess(given)
        with pytest.raises(gr.Error, match="none that was uploaded"):  # before Gradio copies it
            await SketchToImage().async_move_resource_to_block_cache(str(path))


async def test_no_param_names_a_file() -> None:
    named = {"path": "/etc/passwd", "meta": {"_type": "gradio.FileData"}}
    for params in (named, {"prompt": named}, {"a": [[{"b": named}]]}):
        with pytest.raises(gr.Error, match="names a file"):
            SketchToImage().preprocess(SketchData(params=params))
        with pytest.raises(InvalidParams, match="names a file"):
            SketchToImage().postprocess({"params": params})


async def test_a_first_value_goes_into_the_page() -> None:
    with gr.Blocks() as demo:
        SketchToImage({"sketch": Image.new("RGBA", (8, 8)), "prompt": "a fox"})
    value = config(demo)["value"]
    assert value["params"] == {"prompt": "a fox"}
    assert value["sketch"]["path"].endswith("sketch.png")


async def test_a_function_gives_the_first_value() -> None:
    with gr.Blocks() as demo:
        SketchToImage(lambda: {"prompt": "a fox"})
    assert config(demo)["value"]["params"] == {"prompt": "a fox"}


async def test_an_interface_takes_it_in_and_out_with_examples() -> None:
    sketch = Image.new("RGBA", (8, 8), "red")
    demo = gr.Interface(
        lambda value: value.image,
        SketchToImage(label="Sketch"),
        gr.Image(),
        examples=[[{"sketch": sketch, "prompt": "a fox"}]],
        cache_examples=False,
    )
    samples = [c for c in demo.get_config_file()["components"] if c["type"] == "dataset"]
    assert "data:image/png" in samples[0]["props"]["samples"][0][0]


async def test_answers_to_examples_are_kept_by_gradio(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)  # where Gradio keeps them
    monkeypatch.setenv("GRADIO_TEMP_DIR", str(tmp_path / "uploads"))
    with gr.Blocks() as demo:
        prompt, sketch = gr.Textbox(), SketchToImage()
        gr.Examples(
            [["a fox"]],
            prompt,
            sketch,
            lambda text: {"sketch": Image.new("RGBA", (8, 8), "red"), "prompt": text},
            cache_examples=True,
            api_name="example",
        )
    with launch(demo, models=["echo"], port=0, prevent_thread_lock=True) as server:
        asked = httpx.post(f"{server.url}/gradio_api/run/example", json={"data": [0]}).json()
        (value,) = asked["data"]
        assert httpx.get(value["sketch"]["url"]).content.startswith(b"\x89PNG")
    assert value["params"] == {"prompt": "a fox"}


async def test_the_api_describes_the_value() -> None:
    with gr.Blocks() as demo:
        sketch = SketchToImage(label="Sketch")
        sketch.submit(lambda value: value.prompt, sketch, gr.Textbox(), api_name="submit")
    info = demo.get_api_info()
    assert info is not None
    (parameter, *_) = info["named_endpoints"]["/submit"]["parameters"]
    assert {"image", "sketch", "prompt", "params"} <= parameter["type"]["properties"].keys()


@pytest.mark.parametrize(
    ("params", "fix"),
    [({"promt": "a fox"}, "did you mean 'prompt'?"), ({"seed": -1}, "seed takes: integer 0 to")],
)
async def test_params_that_the_model_does_not_take_are_refused_before_it_is_served(
    params: dict[str, Any], fix: str
) -> None:
    with gr.Blocks() as demo:
        SketchToImage(model="echo", **params)
    with pytest.raises(InvalidParams) as caught:
        launch(demo, models=["echo"], port=0, prevent_thread_lock=True)
    assert fix in caught.value.fix
    with gr.Blocks() as demo:
        SketchToImage(url="http://elsewhere.example", **params)  # whose models are not known
    launch(demo, models=["echo"], port=0, prevent_thread_lock=True).close()


async def test_what_no_message_can_carry_is_refused_at_once() -> None:
    with pytest.raises(InvalidParams):
        SketchToImage(prompt=object())


def test_programs_on_one_port_are_told_apart_and_runs_of_one_are_not(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def name(main: Path, *args: str) -> str:
        monkeypatch.setattr(sys.modules["__main__"], "__file__", str(main), raising=False)
        monkeypatch.setattr(sys, "argv", [str(main), *args])
        return program()

    one, two, command = tmp_path / "one.py", tmp_path / "two.py", Path(sys.prefix, "bin/gradio")
    assert name(one) == name(one, "--port", "7861") != name(two)
    assert name(command, "one.py") != name(command, "two.py")
