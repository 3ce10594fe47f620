"""Sound and moving pictures on their way to a client: in pieces, in time, within its window."""

import numpy as np
import pytest
from PIL import Image
from tests.memory import MemoryClient

from livedraft.media.chunks import AudioChunk, VideoChunk
from livedraft.media.images import decode, encode
from livedraft.protocol.messages import Ack, Close, Error, Media, Open, ParamsUpdate
from livedraft.runtime.config import Config
from livedraft.runtime.models.metronome import TICK_US
from livedraft.runtime.server import Server
from livedraft.runtime.transports.picture_pool import PicturePool
from livedraft.runtime.transports.pieces import frames, pcm
from livedraft.runtime.transports.tracks import MEDIA_WINDOW_MS
from livedraft.runtime.transports.turns import Flow

pytestmark = pytest.mark.anyio
METRONOME = Config(models=("metronome",))


async def test_a_clock_is_heard_and_seen_at_the_same_time() -> None:
    async with Server(METRONOME) as service, MemoryClient(service) as client:
        opened = await client.open(Open(features=["media"], codecs=["h264", "png"]))
        assert [(t["name"], t["way"], t["codecs"]) for t in opened.tracks] == [
            ("video", "out", ["png"]),
            ("audio", "out", ["pcm-s16"]),
        ]
        await client.say(ParamsUpdate(id=1, params={"beat_ms": 200}))
        await client.hear(Ack)
        for tick in range(6):
            video, audio = await client.hear(Media), await client.hear(Media)
            assert (video.track, audio.track) == ("video", "audio")
            assert video.pts == audio.pts == tick * TICK_US
            assert video.duration == audio.duration == TICK_US
            assert (audio.codec, audio.rate, audio.channels) == ("pcm-s16", 16_000, 1)
            lit = decode(video.data).getpixel((0, 0)) == (255, 255, 255)
            assert lit == (tick % 5 == 0) == bool(np.frombuffer(audio.data, "<i2").any())
            assert audio.seq is not None
            await client.say(Ack(seq=audio.seq))


async def test_a_client_that_confirms_nothing_is_sent_no_more_than_its_window() -> None:
    async with Server(METRONOME) as service, MemoryClient(service, depth=100) as client:
        await client.open(Open(features=["media"]))
        await client.say(ParamsUpdate(id=1, params={}))
        await client.hear(Ack)
        most = MEDIA_WINDOW_MS * 1000 // TICK_US + 1
        seen = [await client.hear(Media) for _ in range(2 * most)]
        await client.say(ParamsUpdate(id=2, params={"beat_ms": 200}))
        await client.hear(Ack)  # and no more of it
        assert seen[-1].seq is not None
        await client.say(Ack(seq=seen[-1].seq))
        assert (await client.hear(Media)).id == 2, "what was asked meanwhile shapes the next"


async def test_who_does_not_ask_for_media_cannot_open_a_model_of_nothing_else() -> None:
    async with Server(METRONOME) as service, MemoryClient(service) as client:
        await client.say(Open())
        error = await client.hear(Error)
        assert (error.code, error.fatal) == ("bad_message", True)
        assert "open.features" in error.fix
        await client.hear(Close)


async def test_frames_share_the_time_of_their_chunk() -> None:
    pictures = PicturePool(threads=1, max_pixels=10_000)
    chunk = VideoChunk(np.zeros((3, 4, 6, 3), np.uint8), pts=10, duration=100)
    made = await frames(chunk, "png", pictures, Flow("", ""))
    assert [(piece.pts, piece.duration) for piece in made] == [(10, 33), (43, 33), (76, 34)]
    assert decode(made[0].data).size == (6, 4)
    pictures.close()


def test_sound_becomes_whole_numbers_and_is_cut_off_at_full_scale() -> None:
    loud = np.array([[0.0], [1.0], [-1.0], [7.0]], np.float32)
    piece = pcm(AudioChunk(loud, 16_000, 5))
    assert np.frombuffer(piece.data, "<i2").tolist() == [0, 32767, -32767, 32767]
    assert (piece.pts, piece.duration, piece.rate, piece.channels) == (5, 250, 16_000, 1)


async def test_a_camera_and_a_microphone_come_back_over_the_line() -> None:
    picture = encode(Image.new("RGB", (64, 36), "teal"), "image/jpeg")
    async with Server(Config(models=("loopback",))) as service, MemoryClient(service) as client:
        opened = await client.open(Open(features=["media"]))
        ways = {(track["name"], track["kind"], track["way"]) for track in opened.tracks}
        assert ("microphone", "audio", "in") in ways
        assert ("camera", "video", "in") in ways
        seen = Media(
            track="camera", id=1, pts=9_000_000, duration=33_333, codec="jpeg", data=picture
        )
        await client.say(seen)
        back = await client.hear(Media)
        assert (back.track, back.id, back.pts, back.duration) == ("video", 1, 0, 33_333)
        assert decode(back.data).size == (64, 36)
        heard = Media(
            track="microphone",
            id=2,
            pts=9_010_000,
            duration=10_000,
            codec="pcm-s16",
            rate=16_000,
            channels=1,
            data=bytes(range(160)) * 2,
        )
        await client.say(heard)
        sound = await client.hear(Media)
        assert (sound.track, sound.pts, sound.data) == ("audio", 10_000, heard.data)
        await client.say(heard.model_copy(update={"id": 3}))
        assert (await client.hear(Error)).code == "invalid_media"
