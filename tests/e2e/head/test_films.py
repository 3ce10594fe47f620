"""A film of the element: named, marked, and each of its pictures on its sound."""

from __future__ import annotations

from pathlib import Path

import av
import numpy as np
from numpy.typing import NDArray
from playwright.sync_api import Page, expect
from tests.e2e.head.stage import HEAD, Visit, press, say, wait

TICK_S = 0.04
_MARK = 12  # px, within the square that the double shows with sound
_LOUD = 0.02  # of full scale
_WITHOUT = "delete window.VideoEncoder"  # as on a page without https


def test_a_film_of_it_is_named_marked_and_has_sound(visit: Visit, tmp_path: Path) -> None:
    page = visit()
    press(page, "Record")
    wait(page, "d.recording")
    expect(page.locator(".pill")).to_have_text("Recording")
    say(page, "one two three four")
    wait(page, "d.words === 4 && d.talking === 'idle'")
    with page.expect_download() as download:
        press(page, "Stop recording and save")
    name = download.value.suggested_filename
    assert name.startswith("talking-head-")
    film = tmp_path / name
    download.value.save_as(film)
    content = film.read_bytes()
    assert b"digitalsourcetype/trainedAlgorithmicMedia" in content
    assert b"avatar" in content
    with av.open(str(film)) as opened:
        assert {stream.type for stream in opened.streams} == {"video", "audio"}
        frames = sum(1 for _ in opened.decode(video=0))
    assert frames > 10


def test_each_picture_of_a_film_lies_on_its_sound(visit: Visit, tmp_path: Path) -> None:
    page = visit()
    film = recorded(page, tmp_path)
    marks, loud = judged(film)
    assert 12 <= marks.sum() <= len(marks) - 12
    assert (marks == loud).all()
    marks, loud = judged(film, by=2 * TICK_S)
    assert (marks != loud).sum() >= 2, "a film whose pictures are 80 ms late is told apart"


def test_an_interruption_is_heard_in_a_film_as_it_was(visit: Visit, tmp_path: Path) -> None:
    page = visit()
    page.evaluate(f"{HEAD}.record()")
    say(page, "word " * 100)
    wait(page, "d.words > 3")
    page.evaluate(f"{HEAD}.interrupt()")
    wait(page, "d.talking === 'idle'")
    quiet(page)
    marks, loud = judged(saved(page, tmp_path))
    assert marks[:-5].any()
    assert not marks[-5:].any()
    assert not loud[-5:].any()
    # What was not heard any more is not in it; a picture or two may have been shown without it.
    assert (marks != loud).sum() <= 3


def test_a_page_without_web_codecs_is_filmed_by_the_browsers_recorder(
    visit: Visit, tmp_path: Path
) -> None:
    page = visit(before=_WITHOUT)
    with av.open(str(recorded(page, tmp_path))) as film:
        assert {stream.type for stream in film.streams} == {"video", "audio"}


def test_a_page_records_by_itself(visit: Visit) -> None:
    page = visit()
    page.evaluate(f"{HEAD}.record()")
    say(page, "one two")
    wait(page, "d.words === 2 && d.talking === 'idle'")
    name, size = page.evaluate(
        f"async () => {{ const film = await {HEAD}.stop(); return [film.name, film.size]; }}"
    )
    assert name.startswith("talking-head-")
    assert size > 1000
    assert page.evaluate(f"{HEAD}.stop()") is None


def recorded(page: Page, folder: Path) -> Path:
    """Film some words; return the file."""
    page.evaluate(f"{HEAD}.record()")
    quiet(page)
    say(page, "one two three four")
    wait(page, "d.words === 4 && d.talking === 'idle'")
    quiet(page)
    return saved(page, folder)


def quiet(page: Page) -> None:
    """Wait until twenty pictures more were seen."""
    seen = page.evaluate(f"{HEAD}.diagnostics.frames")
    wait(page, f"d.frames > {seen + 20}")


def saved(page: Page, folder: Path) -> Path:
    """End the film; return its file."""
    content = page.evaluate(
        f"""async () => [...new Uint8Array(await (await {HEAD}.stop()).arrayBuffer())]"""
    )
    file = folder / "film.mp4"
    file.write_bytes(bytes(content))
    return file


def judged(file: Path, by: float = 0.0) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Return of each picture whether it is marked, and whether there is sound in its tick.

    Pictures are taken as if they were shown later by some seconds.
    """
    at, marks = [], []
    with av.open(str(file)) as film:
        for frame in film.decode(video=0):
            at.append(float(frame.time or 0) + by)
            marks.append(frame.to_ndarray(format="gray")[:_MARK, :_MARK].mean() < 100)
    resampler = av.AudioResampler("flt", "mono", 24_000)
    with av.open(str(file)) as film:
        begins = float(next(film.decode(audio=0)).time or 0)
        film.seek(0)
        parts = [part for frame in film.decode(audio=0) for part in resampler.resample(frame)]
    sound = np.concatenate([part.to_ndarray()[0] for part in parts])
    # The middle of a tick: a codec blurs its edges.
    first = np.round((np.asarray(at) - begins + 0.25 * TICK_S) * 24_000).astype(int)
    ticks = [sound[max(0, start) : max(0, start) + 480] for start in first]
    loud = [bool(len(tick)) and float(np.abs(tick).max()) > _LOUD for tick in ticks]
    return np.array(marks), np.array(loud)
