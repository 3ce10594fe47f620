"""The component finds its own server: below a path, with a token, in apps within apps."""

from __future__ import annotations

import re
from pathlib import Path

import gradio as gr
import httpx
import pytest
from playwright.async_api import expect
from tests.components.pages import SKETCH, Visit, connected, draw
from tests.nginx import INSTALLED, free_port, nginx

from livedraft.components import SketchToImage
from livedraft.runtime.launch import launch

pytestmark = [
    pytest.mark.anyio,
    # Gradio's queue counts its calls with pandas.
    pytest.mark.filterwarnings("ignore:'future.no_silent_downcasting'"),
    pytest.mark.filterwarnings("ignore:The copy keyword is deprecated"),
]

GUIDE = Path(__file__).parents[2] / "docs" / "guides" / "gradio.md"


def app() -> gr.Blocks:
    demo = gr.Blocks()
    with demo:
        sketch, said = SketchToImage(label="Sheet"), gr.Textbox(label="said")
        sketch.submit(lambda value: f"{value.image.size} drawn", sketch, said)
    return demo


@pytest.mark.skipif(INSTALLED is None, reason="needs nginx")
async def test_it_works_below_a_path_behind_nginx(visit: Visit, tmp_path: Path) -> None:
    """With the configuration that the guide gives."""
    port = free_port()
    (block,) = re.findall(r"```nginx\n(.*?)```", GUIDE.read_text("utf-8"), re.DOTALL)
    assert "location /draw/" in block
    with nginx(tmp_path, block.replace("127.0.0.1:7860", f"127.0.0.1:{port}")) as site:
        page = await visit(app(), at=f"{site}/draw/", port=port, root_path="/draw")
        await connected(page)
        await draw(page)
        await page.get_by_role("button", name="Refine").click()
        await expect(page.get_by_label("said")).to_have_value("(512, 512) drawn")


async def test_the_token_of_launch_reaches_the_component(visit: Visit) -> None:
    page = await visit(app(), token="hu$h{{}}`")
    await connected(page)
    assert await page.evaluate(f"{SKETCH}.getAttribute('token')") == "hu$h{{}}`"


async def test_the_token_reaches_what_is_rendered_later(visit: Visit) -> None:
    with gr.Blocks() as demo:

        @gr.render(triggers=[demo.load])  # type: ignore[untyped-decorator]  # Gradio has no types
        def show() -> None:
            SketchToImage(key="late")

    await connected(await visit(demo, token="hush"))


async def test_the_token_reaches_an_app_within_an_app(visit: Visit) -> None:
    await connected(await visit(gr.TabbedInterface([app()], ["one"]), token="hush"))


async def test_the_token_goes_to_no_other_server_and_to_nobody_who_may_not_see_the_page() -> None:
    with gr.Blocks() as demo:
        SketchToImage(url="https://draw.example.org")
        SketchToImage()
    with launch(
        demo, models=["echo"], port=0, token="hush", auth=("ann", "pass"), prevent_thread_lock=True
    ) as server:
        for path in ("/", "/config", "/gradio_api/info", "/login"):
            assert "hush" not in httpx.get(server.url + path).text
        with httpx.Client(base_url=server.url) as client:
            client.post("/login", data={"username": "ann", "password": "pass"})
            components = client.get("/config").json()["components"]
    other, own = [c["props"]["html_template"] for c in components if c["type"] == "html"]
    assert "hush" not in other
    assert 'token="hush"' in own


async def test_its_label_is_shown_and_names_it(visit: Visit) -> None:
    with gr.Blocks() as demo:
        sketch = SketchToImage(label="A <b>fox</b> ${1}")
        SketchToImage(label="Hidden", show_label=False)
        gr.Button("rename").click(
            lambda: SketchToImage(label="A whale"), None, sketch, show_progress="hidden"
        )
    page = await visit(demo)
    await expect(page.get_by_text("A <b>fox</b> ${1}", exact=True)).to_be_visible()
    await expect(page.get_by_role("group", name="A <b>fox</b> ${1}")).to_be_visible()
    await expect(page.get_by_role("group", name="Hidden")).to_be_visible()
    assert await page.get_by_text("Hidden", exact=True).count() == 0
    await page.get_by_role("button", name="rename").click()
    await expect(page.get_by_text("A whale", exact=True)).to_be_visible()
    await expect(page.get_by_role("group", name="A whale")).to_be_visible()
