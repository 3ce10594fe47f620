"""A film of the element, with sound from beside the session: each picture lies on its sound."""

from __future__ import annotations

from pathlib import Path

import av
import numpy as np
import pytest
from numpy.typing import NDArray
from playwright.sync_api import Page
from tests.e2e.camera.double import CAMERA, Double
from tests.e2e.camera.film import CAM, Film, press, wait_pictures

BEAT_S = 0.5  # bright with a tone, then dark without
_WITHIN_S = 0.06  # that sound may be early or late; on a busy machine its source itself is
_LATE = 8  # pictures that the double keeps: a quarter of a second
_LOUD = 0.02  # of full scale
_WITHOUT = "delete window.VideoEncoder;"  # as on a page without https
# A camera that flashes, and a microphone that sounds, by one clock; and a clip of both.
_DEVICES = f"""
  window.beats = (() => {{
    let made = null;
    return () => {{
      if (made) return made;
      const canvas = Object.assign(document.createElement("canvas"), {{ width: 320, height: 180 }});
      const context = canvas.getContext("2d"), sound = new AudioContext();
      const tone = new OscillatorNode(sound, {{ frequency: 440 }});
      const gain = new GainNode(sound, {{ gain: 0 }}), out = sound.createMediaStreamDestination();
      tone.connect(gain).connect(out); tone.start(); void sound.resume();
      let grain = 0;
      const draw = () => {{
        const on = Math.floor(performance.now() / {1000 * BEAT_S}) % 2 === 1;
        gain.gain.value = on ? 0.5 : 0;
        context.fillStyle = on ? "#fff" : "#000"; context.fillRect(0, 0, 320, 180);
        context.fillStyle = "#888"; context.fillRect(grain++ % 320, 170, 4, 4);
        requestAnimationFrame(draw);
      }};
      draw();
      return (made = {{ picture: canvas.captureStream(30), sound: out.stream }});
    }};
  }})();
  navigator.mediaDevices.getUserMedia = async ({{ video }}) => {{
    const {{ picture, sound }} = beats();
    return new MediaStream((video ? picture : sound).getTracks().map((each) => each.clone()));
  }};
"""


@pytest.fixture
def double() -> Double:
    return Double(tracks=CAMERA, behind=_LATE)


def test_each_picture_lies_on_the_microphones_sound(film: Film, tmp_path: Path) -> None:
    page = film(before=_DEVICES)
    press(page, "Start")
    wait_pictures(page, 5)
    _judge(_recorded(page, tmp_path))


def test_each_picture_lies_on_the_clips_sound(film: Film, tmp_path: Path) -> None:
    clip = tmp_path / "clip.mp4"
    _clip(clip)
    page = film()
    page.get_by_role("radio", name="Clip").click()
    page.locator("input[type=file]").set_input_files(clip)
    wait_pictures(page, 5)
    film_ = _recorded(page, tmp_path)
    _judge(film_)
    with av.open(str(film_)) as opened:
        assert opened.streams.audio[0].channels == 2


def test_a_page_without_web_codecs_is_filmed_by_the_browsers_recorder(
    film: Film, tmp_path: Path
) -> None:
    page = film(before=_WITHOUT + _DEVICES)
    press(page, "Start")
    wait_pictures(page, 5)
    with av.open(str(_recorded(page, tmp_path))) as opened:
        assert {stream.type for stream in opened.streams} == {"video", "audio"}


def _recorded(page: Page, folder: Path) -> Path:
    """Film some beats; return the file."""
    page.evaluate(f"{CAM}.record()")
    begun = page.evaluate("performance.now()")
    page.wait_for_function(f"(begun) => performance.now() > begun + {1000 * 8 * BEAT_S}", arg=begun)
    wait_pictures(page, 3)
    content = page.evaluate(
        f"""async () => [...new Uint8Array(await (await {CAM}.stopRecording()).arrayBuffer())]"""
    )
    file = folder / "film.mp4"
    file.write_bytes(bytes(content))
    return file


def _judge(file: Path) -> None:
    """The shift of sound by which most pictures agree with it is none that anybody notices."""
    at, bright = _seen(file)
    from_s, loud = _heard(file)
    assert 0.2 < bright.mean() < 0.8

    def same(by: float) -> float:
        places = np.round((at + by - from_s) * 100).astype(int)
        inside = (places >= 0) & (places < len(loud))
        assert inside.sum() > 12, "on a busy machine the microphone may begin late"
        return float((loud[places[inside]] == bright[inside]).mean())

    shifts = np.arange(-0.25, 0.251, 0.01)
    agreed = np.array([same(shift) for shift in shifts])
    assert agreed.max() > 0.85
    assert agreed.max() > max(agreed[0], agreed[-1]) + 0.2, "a quarter of a second is told apart"
    assert abs(shifts[agreed == agreed.max()].mean()) < _WITHIN_S


def _seen(file: Path) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """Return when each picture is shown, s, and whether it is bright."""
    with av.open(str(file)) as film:
        frames = [
            (float(frame.time or 0), frame.to_ndarray(format="gray")[:100].mean() > 128)
            for frame in film.decode(video=0)
        ]
    return np.array([at for at, _ in frames]), np.array([bright for _, bright in frames])


def _heard(file: Path) -> tuple[float, NDArray[np.bool_]]:
    """Return when the sound begins, s, and of each hundredth of a second whether it is loud."""
    resampler = av.AudioResampler("flt", "mono", 48_000)
    with av.open(str(file)) as film:
        frames = list(film.decode(audio=0))
    parts = [part.to_ndarray()[0] for frame in frames for part in resampler.resample(frame)]
    sound = np.concatenate(parts)
    blocks = sound[: len(sound) // 480 * 480].reshape(-1, 480)
    return float(frames[0].time or 0), np.asarray(np.abs(blocks).max(1) > _LOUD)


def _clip(path: Path) -> None:
    """Write four seconds of the same beats, in stereo."""
    with av.open(str(path), "w") as file:
        picture, sound = file.add_stream("libx264", rate=30), file.add_stream("aac", rate=48_000)
        assert isinstance(picture, av.VideoStream)
        assert isinstance(sound, av.AudioStream)
        picture.width, picture.height, picture.pix_fmt = 320, 180, "yuv420p"
        sound.layout = "stereo"
        for number in range(120):
            on = number // round(30 * BEAT_S) % 2 == 1
            pixels = np.full((180, 320, 3), 255 if on else 0, np.uint8)
            pixels[170:174, number : number + 4] = 136
            file.mux(picture.encode(av.VideoFrame.from_ndarray(pixels, "rgb24")))
            wave = np.sin(2 * np.pi * 440 * (np.arange(1600) + 1600 * number) / 48_000)
            samples = np.repeat((0.5 * on * wave).astype(np.float32)[None], 2, 0)
            heard = av.AudioFrame.from_ndarray(samples, "fltp", "stereo")
            heard.rate, heard.pts = 48_000, 1600 * number
            file.mux(sound.encode(heard))
        file.mux(picture.encode())
        file.mux(sound.encode())
