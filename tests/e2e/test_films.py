"""A drawing that a model of films finishes: it is played in place of a picture, and saved."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import expect
from tests.e2e.sheet import EL, LINE, Open, listen, stroke
from tests.websites import Website

from livedraft.media.codecs import probe, read_video
from livedraft.runtime.config import Config
from livedraft.runtime.models.diffusion.video_models import WanClips
from livedraft.runtime.running import Thread


@pytest.fixture(scope="module")
def served(website: Website, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Give the address of a server with `echo` and a folder of `wan`."""
    folder: Path = tmp_path_factory.mktemp("weights") / "wan"
    WanClips.tiny().save(folder)
    models = ("echo", f"wan={folder}")
    with Thread(Config(models=models, port=0, origins=(website.url,))) as server:
        yield server.url


def test_a_film_is_played_handed_over_and_saved(visit: Open, served: str) -> None:
    script = f'<script src="{served}/livedraft.js"></script>'
    page = visit(
        f'{script}<livedraft-sketch url="{served}" model="echo" refine-model="wan">'
        "</livedraft-sketch>"
    )
    listen(page, "change", "submit", "error")
    stroke(page, *LINE)
    page.wait_for_function("heard.change.length > 0")
    page.get_by_role("button", name="Refine", exact=True).click()
    page.wait_for_function("heard.submit.length === 1")
    assert page.evaluate("heard.submit[0].film.type") == "video/mp4"
    assert page.evaluate("heard.submit[0].model") == "wan"
    player = page.locator("livedraft-sketch video")
    expect(player).to_be_visible()
    page.wait_for_function(f"{EL}.shadowRoot.querySelector('video').videoWidth > 0")
    with page.expect_download() as saved:
        page.get_by_label("Download").click()
    data = saved.value.path().read_bytes()
    info = probe(data)
    assert info.recipe is not None
    assert info.recipe["model"] == "wan"
    assert b"trainedAlgorithmicMedia" in data
    assert sum(len(each) for each in read_video(io.BytesIO(data).getvalue())) > 1
    before = page.evaluate("heard.change.length")
    stroke(page, (0.2, 0.8), (0.6, 0.8))  # a draft takes the film's place
    page.wait_for_function(f"heard.change.length > {before}")
    expect(player).to_be_hidden()
    assert page.evaluate("heard.error.length") == 0


def test_the_client_asks_for_films_by_their_word(visit: Open, served: str) -> None:
    page = visit(
        f"""<script type="module">
        import {{ connect }} from "{served}/livedraft.mjs";
        const session = connect({{ url: "{served}", model: "wan", films: true }});
        window.told = [];
        session.on("progress", ({{ step, steps, done }}) => told.push([step, steps, done]));
        session.set({{ prompt: "a fox", seconds: 0.5 }});
        window.refused = session.refine({{ steps: 2 }}).catch(({{ code, fix }}) => [code, fix]);
        window.made = refused.then(() => session.film({{ steps: 2 }}));
        </script>""",
        live=False,
    )
    page.wait_for_function("window.made")
    code, fix = page.evaluate("refused")
    assert code == "invalid_params"
    assert "film()" in fix
    film = page.evaluate(
        "made.then(({ file, frames, model }) => [file.type, file.size > 1000, frames, model])"
    )
    assert film == ["video/mp4", True, 9, "wan"]
    assert [1, 2] in [each[:2] for each in page.evaluate("told")]
