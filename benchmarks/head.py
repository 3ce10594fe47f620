"""A talking head: what a frame costs, how soon it moves and falls silent, what a server holds."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import cv2
import numpy as np
from skimage import data
from training.head.evaluate.meter import Lips

from livedraft.media.chunks import AudioChunk, VideoChunk
from livedraft.media.codecs import Writer
from livedraft.protocol.messages import Stage
from livedraft.runtime.models.base import Job, Request
from livedraft.runtime.models.head.expression import SIZE
from livedraft.runtime.models.head.model import Head
from livedraft.runtime.models.head.params import HeadParams

from .harness import Goal, Result, command, option, summary
from .lip_sync import PARTED, apart_ms, decoded, lines, read
from .server import Server, serving
from .speaking import made, portrait, spoken
from .talking import RATE, Piece, Sound, talking

_TICK = RATE // 25
_WORD, _REST = 8, 10  # frames: spoken at least before an interruption, and waited for after
_WARM = 25  # frames that are not counted: the first portrait, the first speech
_QUALITY = [cv2.IMWRITE_JPEG_QUALITY, 80]


@dataclass(frozen=True, slots=True)
class Options:
    """Speak from a photograph of 512 px, on a server of its own."""

    frames: int = option(250, "that are timed in this process")
    seconds: float = option(10.0, "that several heads speak at once")
    rounds: int = option(8, "beginnings and interruptions")
    heads: int = option(4, "at most, at once: 1, 2, 4, …")


def measure(options: Options) -> Result:
    """Return the processor's ms of a frame, frames a second, and how soon a head does as told."""
    result = Result("head", asdict(options))
    sound = spoken()
    result.ms["frame, processor"] = summary(frame_ms(sound, options.frames))
    _in_a_file(result, sound)
    with serving("head") as server:
        result.figures["server ready, s"] = server.ready_s
        asyncio.run(_live(server, result, sound, options.rounds))
        count = 1
        while count <= options.heads:
            asyncio.run(_crowd(server, result, sound, count, options.seconds))
            count *= 2
    frame = result.ms["frame, processor"]
    began = result.ms["first moving frame after the first sound"]
    result.goals += [
        Goal("frame of a head, processor, p95", frame["p95"], 20, "ms"),
        Goal("first moving frame after the first sound, p95", began["p95"], 200, "ms"),
        Goal(
            "interrupt to closed lips, p95", result.ms["interrupt to closed lips"]["p95"], 100, "ms"
        ),
        Goal("server with one head", result.figures["server with one head, MiB"], 400, "MiB"),
        Goal("server of a head ready", server.ready_s, 2, "s"),
    ]
    if options.heads >= 2:
        rate = result.figures["frames a second of each, 2 heads"]
        # What is counted begins and ends within a frame, so that a head in time may miss one.
        whole = 25 - 1 / options.seconds
        result.goals.append(Goal("ms a frame of each of 2 heads", 1e3 / rate, 1e3 / whole, "ms"))
    return result


def frame_ms(sound: Sound, count: int) -> list[float]:
    """Return what each frame takes of the processor: hearing, drawing, encoding, all in."""
    model = Head.tiny()  # without threads: the portrait is there at once
    state, params = model.open(), HeadParams(consent=True)
    pieces = [sound[start : start + _TICK] for start in range(0, len(sound), _TICK)]
    inputs = {"portrait": data.astronaut()}
    times: list[float] = []
    job: Job | None = None
    for number in range(count + _WARM):
        heard = AudioChunk(pieces[number % len(pieces)][:, None], RATE, number * 40_000)
        at = number * 40_000

        audio = {"speech": [heard]}
        asked = Request(params, inputs, Stage.DRAFT, 1, audio=audio, at=at, running=job)
        begun = time.process_time()
        (job,) = model.prepare([(state, asked)])
        model.step([job])
        for output in model.emit([job])[0]:
            if isinstance(output, VideoChunk):
                cv2.imencode(".jpg", output.frames[0][..., ::-1], _QUALITY)
        times.append(1e3 * (time.process_time() - begun))
    model.close(state)
    return times[_WARM:]


def _in_a_file(result: Result, sound: Sound) -> None:
    """Write a film as users do, read it as a player does, and see how picture and sound lie."""
    lips, seconds = Lips(), len(sound) / RATE
    film = made(sound)
    truth = lines(film, sound, lips)
    with TemporaryDirectory() as folder:
        for name in ("talk.mp4", "talk.webm"):
            path = Path(folder) / name
            with Writer(path, size=(SIZE, SIZE), frame_rate=25, sound=(RATE, 1)) as file:
                for number, frame in enumerate(film.frames):
                    at = number * 40_000
                    heard = film.sound[number * _TICK : (number + 1) * _TICK, None]
                    file.write(VideoChunk(frame[None], at, 40_000))
                    file.write(AudioChunk(heard, RATE, at))
            found = apart_ms(lines(read(path), sound, lips), truth, seconds)
            result.figures[f"picture late against sound in {path.suffix[1:]}, ms"] = found
            result.goals.append(Goal(f"picture against sound, {name}", abs(found), 40, "ms"))


async def _live(server: Server, result: Result, sound: Sound, rounds: int) -> None:
    """Begin to speak and interrupt it, several times, in one session."""
    began, heard, shut, silent = [], [], [], []
    async with talking(server.url) as talk:
        await talk.begin(portrait(), consent=True)
        await talk.alive()
        result.figures["server with one head, MiB"] = server.rss_mib()
        for number in range(rounds):
            since = len(talk.pieces)
            # Each time at another place between two frames, and in another syllable.
            await asyncio.sleep(0.4 + 0.007 * number)
            length = round((0.9 + 0.05 * number) * RATE)
            first = await talk.say(sound[:length])
            await talk.hand(sound[length:])  # so that it is interrupted in the middle
            await talk.shown("speaking", _WORD, since)
            await talk.shown("aa", 1, len(talk.pieces), "viseme")
            told = await talk.interrupt()
            await talk.shown("idle", _REST, len(talk.pieces))
            pieces = talk.pieces[since:]
            lips = _Seen(pieces, first)
            began.append(1e3 * (lips.first_open(first) - first))
            shut.append(1e3 * (lips.closed_from(told) - told))
            heard.append(1e3 * (_first_loud(pieces, first) - first))
            silent.append(1e3 * max(0.0, _last_loud(pieces) - told))
        result.figures["server with one head that spoke, MiB"] = server.rss_mib()
    result.ms |= {
        "first moving frame after the first sound": summary(began),
        "first sound back after the first sound": summary(heard),
        "interrupt to closed lips": summary(shut),
        "interrupt to the last sound": summary(silent),
    }


class _Seen:
    """The lips of the frames that came, against how they were before the first sound."""

    def __init__(self, pieces: Sequence[Piece], first: float) -> None:
        frames = [piece for piece in pieces if piece.kind == "video"]
        self._at = np.array([piece.at for piece in frames])
        self._gaps = Lips().gaps(decoded(piece.data) for piece in frames)
        rest = float(np.median(self._gaps[self._at < first]))
        most = float(self._gaps[self._at > first].max())
        self._parted = self._gaps > rest + PARTED * (most - rest)

    def first_open(self, since: float) -> float:
        """Return when the first frame came that shows lips which parted."""
        return float(self._at[self._parted & (self._at > since)].min())

    def closed_from(self, since: float) -> float:
        """Return when the first frame came from which on they stay closed."""
        open_ = self._at[self._parted & (self._at > since)]
        later = self._at[self._at > (open_.max() if len(open_) else since)]
        return float(later.min()) if len(later) else since


async def _crowd(server: Server, result: Result, sound: Sound, count: int, seconds: float) -> None:
    """Have some heads speak at once; count what each is shown."""
    async with asyncio.TaskGroup() as group:
        begun = asyncio.Barrier(count)
        work = [group.create_task(_one(server.url, sound, begun, seconds)) for _ in range(count)]
        await asyncio.sleep(2)
        before, at = server.cpu_s(), time.perf_counter()
        await asyncio.sleep(seconds)
        share = (server.cpu_s() - before) / (time.perf_counter() - at)
    rates = [task.result() for task in work]
    heads = f"{count} head" + "s" * (count > 1)
    result.figures[f"frames a second of each, {heads}"] = min(rates)
    result.figures[f"of a core, the server with {heads}"] = share


async def _one(url: str, sound: Sound, begun: asyncio.Barrier, seconds: float) -> float:
    async with talking(url) as talk:
        await talk.begin(portrait(), consent=True)
        await talk.alive()
        await begun.wait()
        whole = np.tile(sound, 1 + round((seconds + 4) * RATE) // len(sound))
        speaking = asyncio.create_task(talk.say(whole[: round((seconds + 2) * RATE)]))
        await asyncio.sleep(2)
        since = time.perf_counter()
        await speaking
        frames = [p for p in talk.pieces if p.kind == "video" and p.at > since]
        return (len(frames) - 1) / (frames[-1].at - frames[0].at)


def _loud(pieces: Sequence[Piece]) -> list[float]:
    return [p.at for p in pieces if p.kind == "audio" and _level(p.data) > 300]


def _level(data: bytes) -> float:
    return float(np.sqrt(np.square(np.frombuffer(data, np.int16).astype(np.float32)).mean()))


def _first_loud(pieces: Sequence[Piece], since: float) -> float:
    return next(at for at in _loud(pieces) if at > since)


def _last_loud(pieces: Sequence[Piece]) -> float:
    return _loud(pieces)[-1]


if __name__ == "__main__":
    command(measure, Options)
