"""``livedraft talk``: a film of a head that says something, with its recipe, or a clear refusal."""

import asyncio
import threading
import wave
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner, Result
from PIL import Image
from tests.parrot import RATE, SAMPLES, Parrot, ParrotJob, serve_a_parrot
from tests.sdk.client.test_real_server import serving

from livedraft.cli import main
from livedraft.media.codecs import probe, read_audio, read_video
from livedraft.protocol.messages import Note

TALK = ["talk", "-m", "parrot"]


@pytest.fixture(autouse=True)
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    serve_a_parrot(monkeypatch)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def run(*arguments: str, stdin: str | None = None) -> Result:
    return CliRunner().invoke(main, [*TALK, *arguments], input=stdin)


def speech(path: str = "speech.wav", ticks: int = 25, rate: int = RATE) -> str:
    """Write beeps of one tick, every fifth."""
    sound = np.zeros((ticks, rate // 25), np.int16)
    sound[::5] = 9000
    with wave.open(path, "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(rate)
        out.writeframes(sound.astype("<i2").tobytes())
    return path


def film(path: str) -> tuple[list[bool], list[bool]]:
    """Return of each tick whether its frame is bright, and whether its sound is loud."""
    frames = [frame.mean() > 128 for chunk in read_video(path) for frame, _ in chunk]
    sound = np.concatenate([chunk.samples[:, 0] for chunk in read_audio(path, RATE, 1)])
    ticks = [sound[at * SAMPLES : (at + 1) * SAMPLES] for at in range(len(frames))]
    return frames, [len(tick) > 0 and np.abs(tick.astype(float)).max() > 500 for tick in ticks]


def test_a_text_becomes_a_film_that_tells_what_made_it() -> None:
    done = run("--text", "Hello, you.", "-o", "out.mp4", "-p", "voice=en")
    assert done.exit_code == 0, done.output
    assert "out.mp4: 0.4 s, made in" in done.stderr
    info = probe("out.mp4")
    assert (info.width, info.height, info.rate) == (64, 36, RATE)
    assert info.recipe is not None
    assert (info.recipe["model"], info.recipe["text"]) == ("parrot", "Hello, you.")
    assert info.recipe["params"]["voice"] == "en"
    assert b"trainedAlgorithmicMedia" in Path("out.mp4").read_bytes()
    frames, sound = film("out.mp4")
    assert frames == [True] * 11
    assert all(sound)


@pytest.mark.parametrize("rate", [RATE, 8000, 44_100])
def test_a_file_of_sound_is_said_from_its_beginning_to_its_end(rate: int) -> None:
    done = run(speech(rate=rate), "-o", "out.webm", "--avatar", "ada")
    assert done.exit_code == 0, done.output
    frames, sound = film("out.webm")
    assert len(frames) in (25, 26)
    assert all(frames[:25])
    assert [at for at in range(25) if sound[at]][::2][:1] == [0]
    assert abs(probe("out.webm").duration - 1_000_000) <= 80_000


def test_who_agrees_is_kept_in_the_recipe() -> None:
    Image.new("RGB", (64, 36), "teal").save("me.png")
    done = run("me.png", speech(), "--consent")
    assert done.exit_code == 0, done.output
    recipe = probe("out.mp4").recipe
    assert recipe is not None
    assert recipe["params"]["consent"] is True
    assert len(film("out.mp4")[0]) == 25, "what came before the portrait was ready is left out"


def test_a_text_comes_from_stdin() -> None:
    done = run("--text", "-", stdin="abc")
    assert done.exit_code == 0, done.output
    assert len(film("out.mp4")[0]) == 3


def test_a_server_makes_it_as_well() -> None:
    with Served() as url:
        done = run("--text", "Hello.", "--url", url)
    assert done.exit_code == 0, done.output
    frames, sound = film("out.mp4")
    assert frames == [True] * 6
    assert all(sound)


def test_notes_and_all_params_of_a_server_reach_who_asked_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(Parrot, "step", noting(Parrot.step))
    with Served() as url:
        done = run("--text", "Hello.", "--url", url)
    assert done.exit_code == 0, done.output
    assert done.stderr.count("Polly wants a cracker.") == 1
    recipe = probe("out.mp4").recipe
    assert recipe is not None
    assert recipe["params"] == {"avatar": "", "consent": False, "voice": ""}


def test_of_a_server_that_says_nothing_no_film_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Parrot, "step", noting(Parrot.step, mute=True))
    with Served() as url:
        done = run("--text", "Hello.", "--url", url)
    assert done.exit_code == 1, done.output
    assert "nothing was said; Polly wants a cracker." in done.stderr
    assert not Path("out.mp4").exists()


def noting(step: Callable[..., None], *, mute: bool = False) -> Callable[..., None]:
    """Return a step that adds a note, and has nothing said."""

    def noted(self: Parrot, jobs: Sequence[ParrotJob]) -> None:
        for job in jobs:
            if mute:
                job.line.clear()
            job.notes = (
                Note(code="hungry", message="Polly wants a cracker.", param="", choices=[]),
            )
        step(self, jobs)

    return noted


class Served:
    """A server on a thread of its own."""

    def __enter__(self) -> str:
        self._ready, self._over, self._url = threading.Event(), threading.Event(), ""
        self._thread = threading.Thread(target=lambda: asyncio.run(self._serve()))
        self._thread.start()
        assert self._ready.wait(60), "it starts"
        return self._url

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()

    async def _serve(self) -> None:
        async with serving(models=("parrot",)) as client:
            self._url = client.url
            self._ready.set()
            await asyncio.to_thread(self._over.wait)


@pytest.mark.parametrize(
    ("arguments", "why", "fix"),
    [
        ((), "nothing to say", "--text"),
        (("--text", ""), "nothing to say", "--text"),
        (("speech.wav", "--text", "x"), "sound and text at once", "leave one"),
        (("missing.wav",), "missing.wav", ""),
        (("missing.png", "--text", "x"), "no file missing.png", "name one"),
        (("a.png", "b.png"), "one portrait is enough", "one picture"),
        (("a.wav", "b.wav"), "one speech is enough", "--text"),
        (("note.txt",), "note.txt", ""),
        (("odd.gif", "--text", "x"), "not a picture of a known type", "image/webp"),
        (("speech.wav", "-o", "out.gif"), "out.gif", ".mp4"),
        (("speech.wav", "-o", "no/out.mp4"), "no folder", "make it"),
        (("speech.wav", "--avatr", "x"), "avatr", "did you mean 'avatar'"),
        (("--text", "x", "-m", "echo"), "echo", "choose"),
        (("--text", "x", "--url", "http://127.0.0.1:9"), "no connection", "livedraft serve"),
    ],
)
def test_what_cannot_be_made_is_refused_with_a_fix(
    arguments: tuple[str, ...], why: str, fix: str
) -> None:
    speech()
    Path("note.txt").write_text("no sound")
    Image.new("RGB", (64, 36)).save("odd.gif")
    done = run(*arguments)
    assert done.exit_code == 1, (done.output, done.exception)
    assert why in done.stderr
    assert "Fix: " in done.stderr
    assert fix in done.stderr
    assert not list(Path.cwd().glob("out.*"))


def test_help_teaches() -> None:
    said = CliRunner().invoke(main, ["talk", "--help"]).output
    for word in ("speech.wav", "--consent", "--text", "--avatar", "--url", "PORTRAIT"):
        assert word in said


def test_help_imports_no_codec(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "av", None)
    assert CliRunner().invoke(main, ["talk", "--help"]).exit_code == 0


def test_the_model_that_ships_says_a_text_with_a_mark_in_picture_and_file() -> None:
    done = CliRunner().invoke(main, ["talk", "--text", "Hi.", "--avatar", "kofi"])
    assert done.exit_code == 0, done.output
    info = probe("out.mp4")
    assert (info.width, info.height, info.sound) == (512, 512, "aac")
    assert info.recipe is not None
    assert info.recipe["params"]["badge"] is True
    sound = np.concatenate([chunk.samples[:, 0] for chunk in read_audio("out.mp4", RATE, 1)])
    first = int(np.flatnonzero(np.abs(sound.astype(float)) > 300)[0])
    assert first < RATE // 2, "it begins with its first word"


def test_the_model_that_ships_says_sound_with_pauses_to_its_end() -> None:
    tone = np.full(RATE // 2, 9000, np.int16)
    tone[::2] = -9000
    pause = np.zeros(RATE, np.int16)
    with wave.open("pauses.wav", "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(RATE)
        out.writeframes(np.concatenate([pause, tone, pause, tone]).astype("<i2").tobytes())
    done = CliRunner().invoke(main, ["talk", "pauses.wav"])
    assert done.exit_code == 0, done.output
    sound = np.concatenate([chunk.samples[:, 0] for chunk in read_audio("out.mp4", RATE, 1)])
    loud = np.flatnonzero(np.abs(sound.astype(float)) > 1000) / RATE
    assert abs(loud[0] - 1.0) < 0.1
    assert abs(loud[-1] - 3.0) < 0.1


def test_a_photograph_without_consent_is_refused_by_what_is_typed_here() -> None:
    Image.new("RGB", (600, 600), "teal").save("me.png")
    done = CliRunner().invoke(main, ["talk", "me.png", speech()])
    assert done.exit_code == 1, done.output
    assert "consent" in done.stderr
    assert "--consent" in done.stderr
    assert not Path("out.mp4").exists()
