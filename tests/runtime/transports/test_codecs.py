"""VP8, H.264 and Opus on a live line: decoded in order, encoded unbroken, asked for when broken."""

import gc
import os
import sys

import numpy as np
import pytest
from tests.doubles import FakeClock
from tests.memory import MemoryClient
from tests.runtime.sessions.turning import eventually
from tests.runtime.transports.filming import ASKED, STEP, Camera, Screen, loopback, shows
from tests.sdk.media.codecs.films import tone

from livedraft.media.chunks import AudioChunk, VideoChunk
from livedraft.media.codecs import Encoded, OpusDecoder, OpusEncoder
from livedraft.protocol.messages import Ack, Error, Key, Media, Open
from livedraft.runtime.config import Config
from livedraft.runtime.models.base import VideoInput
from livedraft.runtime.server import Server
from livedraft.runtime.sessions.mailbox import Packets
from livedraft.runtime.transports.decoding import Asking, Decoding
from livedraft.runtime.transports.picture_pool import PicturePool
from livedraft.runtime.transports.tracks import MEDIA_WINDOW_MS
from livedraft.runtime.transports.turns import Flow

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize("codec", ["vp8", "h264"])
async def test_a_camera_comes_back_in_its_codec(codec: str) -> None:
    async with loopback(codec) as (client, opened):
        codecs = {track["name"]: track["codecs"] for track in opened.tracks}
        assert opened.features == ASKED
        assert codecs["camera"] == ["jpeg", "webp", "png", "vp8", "h264"]
        assert codecs["video"] == [codec]
        camera, screen = Camera(codec), Screen(client, codec)
        for number in range(1, 9):
            await client.say(camera.frame())
            media, chunk = await screen.next()
            assert (media.id, media.key) == (number, number == 1)
            assert shows(chunk, number)


async def test_a_key_frame_comes_down_when_it_is_asked_for() -> None:
    async with loopback("vp8") as (client, _):
        camera, screen = Camera("vp8"), Screen(client, "vp8")
        for asked in (False, False, True, False):
            if asked:
                await client.say(Key(track="video"))
                await client.say(Key(track="nonsense"))
            await client.say(camera.frame())
            media, _ = await screen.next()
            assert media.key == (asked or media.id == 1)


@pytest.mark.parametrize("codec", ["vp8", "h264"])
async def test_who_reads_slowly_misses_frames_and_none_that_others_need(codec: str) -> None:
    async with loopback(codec) as (client, _):
        camera, screen = Camera(codec), Screen(client, codec)
        most = MEDIA_WINDOW_MS * 1000 // STEP + 1
        for number in range(1, most + 1):
            await client.say(camera.frame())
            media, chunk = await screen.next(confirm=False)
            assert (media.id, shows(chunk, number)) == (number, True)
        for _ in range(30):
            await client.say(camera.frame())
        await client.say(Ack(seq=most))
        media, chunk = await screen.next()
        assert media.id > most, "the newest, whatever was superseded"
        assert media.dropped == media.id - most - 1
        assert shows(chunk, media.id)


async def test_what_waits_for_too_long_is_left_out_up_to_a_key_frame() -> None:
    async with loopback("vp8") as (client, _):
        camera, screen = Camera("vp8"), Screen(client, "vp8")
        most = MEDIA_WINDOW_MS * 1000 // STEP + 1
        for _ in range(most):
            await client.say(camera.frame())
            await screen.next(confirm=False)
        for _ in range(100):
            await client.say(camera.frame())
        await client.say(Ack(seq=most))
        assert await client.hear(Key) == Key(track="camera")
        await client.say(camera.frame(key=True))
        media, chunk = await screen.next()
        assert (media.id, shows(chunk, camera.number)) == (camera.number, True)


async def test_frames_of_another_size_begin_with_a_key_frame_both_ways() -> None:
    async with loopback("vp8") as (client, _):
        camera, screen = Camera("vp8"), Screen(client, "vp8")
        for size in [(64, 48), (128, 96), (48, 64)]:
            camera.resize(size)
            for number in range(2):
                await client.say(camera.frame())
                media, chunk = await screen.next()
                assert (chunk.size, media.key) == (size, number == 0)


async def test_a_session_goes_on_with_a_key_frame_both_ways() -> None:
    async with Server(Config(models=("loopback",))) as service:
        camera = Camera("vp8")
        async with MemoryClient(service) as client:
            opened = await client.open(Open(features=ASKED, codecs=["vp8"]))
            await client.say(camera.frame())
            await Screen(client, "vp8").next()
            await client.leave()
        async with MemoryClient(service) as client:
            await client.open(Open(features=ASKED, codecs=["vp8"], resume=opened.resume))
            await client.say(camera.frame())
            error = await client.hear(Error)
            assert (error.code, "key frame" in error.fix) == ("invalid_media", True)
            await client.say(camera.frame(key=True))
            media, chunk = await Screen(client, "vp8").next()
            assert (media.key, shows(chunk, camera.number)) == (True, True)


async def test_who_does_not_speak_of_keys_has_pictures_one_by_one() -> None:
    async with loopback("vp8", "webp", features=["media"]) as (client, opened):
        codecs = {track["name"]: track["codecs"] for track in opened.tracks}
        assert codecs["camera"] == ["jpeg", "webp", "png"]
        assert codecs["video"] == ["webp"]
        await client.say(Camera("vp8").frame())
        assert (await client.hear(Error)).code == "invalid_media"


async def test_a_server_without_pyav_offers_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "av", None)
    async with loopback("vp8", "opus") as (_, opened):
        codecs = {track["name"]: track["codecs"] for track in opened.tracks}
        assert opened.features == ["media"]
        assert codecs == {
            "camera": ["jpeg", "webp", "png"],
            "microphone": ["pcm-s16"],
            "video": ["jpeg"],
            "audio": ["pcm-s16"],
        }


@pytest.mark.parametrize("down", ["opus", "pcm-s16"])
async def test_a_microphone_comes_back_by_opus(down: str) -> None:
    async with loopback(down) as (client, _):
        sound, encoder, decoder = tone(1, 16_000), OpusEncoder(), OpusDecoder()
        packets = encoder.encode(AudioChunk(sound, 16_000, 0))
        heard = []
        for number, packet in enumerate(packets):
            await client.say(
                Media(
                    track="microphone",
                    id=number + 1,
                    pts=number * 20_000,
                    duration=20_000,
                    codec="opus",
                    rate=48_000,
                    channels=1,
                    data=packet.data,
                )
            )
            back = await client.hear(Media)
            assert (back.codec, back.rate) == (down, 48_000)
            await client.say(Ack(seq=back.seq))
            if down == "opus":
                coded = Encoded(back.data, back.pts, back.duration)
                heard += [chunk.samples[:, 0] for chunk in decoder.decode(coded)]
            else:
                heard.append(np.frombuffer(back.data, "<i2"))
        made = np.concatenate(heard).astype(float)
        spectrum = np.abs(np.fft.rfft(made * np.hanning(len(made))))
        assert abs(np.argmax(spectrum) * 48_000 / len(made) - 440) < 5
        assert 8_000 < np.abs(made).max() < 20_000


def sps(width: int, height: int) -> bytes:
    """Return a key frame's first bytes in H.264 that say this size, and nothing behind them."""

    def ue(value: int) -> str:
        bits = bin(value + 1)[2:]
        return "0" * (len(bits) - 1) + bits

    fields = [0, 0, 2, 1]  # id, frame numbers, order of pictures, references
    bits = "".join(map(ue, fields)) + "0" + ue(width // 16 - 1) + ue(height // 16 - 1) + "11001"
    bits += "0" * (-len(bits) % 8)
    head = b"\0\0\0\1\x67\x42\xc0\x33"
    return head + int(bits, 2).to_bytes(len(bits) // 8, "big") + b"\0\0\0\1\x65"


@pytest.mark.parametrize(
    ("codec", "bomb"),
    [
        ("vp8", b"\x10\0\0\x9d\x01\x2a\xff\x3f\xff\x3f\0"),
        ("vp8", b"\x10\0\0\x9d\x01\x2a\x81\x07\x40\x04\0"),
        ("h264", sps(16_384, 16_384)),
        ("h264", sps(65_536, 1_024)),
        ("vp8", bytes(3 * 2**20)),
    ],
)
async def test_a_few_bytes_of_a_large_frame_are_refused_before_they_are_decoded(
    codec: str, bomb: bytes
) -> None:
    async with loopback(codec) as (client, _):
        camera, screen = Camera(codec), Screen(client, codec)
        await client.say(camera.frame().model_copy(update={"data": bomb}))
        error = await client.hear(Error)
        assert (error.code, error.id) == ("invalid_media", 1)
        assert "at most" in error.fix
        await client.say(camera.frame(key=True))
        _, chunk = await screen.next()
        assert shows(chunk, 2)


async def test_two_tracks_are_decoded_each_by_its_own_frames() -> None:
    pictures = PicturePool(threads=2, max_pixels=100_000)
    asked = list[str]()
    asking = Asking(key=asked.append, failed=lambda *_: None, clock=FakeClock())
    decoding, flow = Decoding(pictures, asking), Flow("", "")
    film = {"left": Camera("vp8"), "right": Camera("h264")}
    film["right"].number = 2
    for _ in range(4):
        for name, camera in film.items():
            media = camera.frame().model_copy(update={"track": name})
            piece = decoding.piece(media, VideoInput(name), flow)
            assert isinstance(piece, Packets)
            [chunk] = await piece.decoder.decode(piece)
            assert isinstance(chunk, VideoChunk)
            assert shows(chunk, camera.number)
    broken = film["left"].frame(key=True).model_copy(update={"track": "left", "data": bytes(9)})
    for media, name in ((broken, "left"), (film["right"].frame(), "right")):
        piece = decoding.piece(media.model_copy(update={"track": name}), VideoInput(name), flow)
        assert isinstance(piece, Packets)
        assert len(await piece.decoder.decode(piece)) == (name == "right")
    assert asked == ["left"]
    pictures.close()


@pytest.mark.skipif(sys.platform != "linux", reason="threads of libraries are counted by /proc")
async def test_the_threads_of_encoders_end_with_their_session() -> None:
    sound = Media(
        track="microphone",
        id=1,
        pts=0,
        duration=100_000,
        codec="pcm-s16",
        rate=16_000,
        channels=1,
        data=np.zeros(1_600, "<i2").tobytes(),
    )
    gc.disable()  # what lives in a cycle would end with it, sooner or later
    try:
        async with Server(Config(models=("loopback",))) as service:
            held = []
            for _ in range(4):
                async with MemoryClient(service, depth=200) as client:
                    await client.open(Open(features=ASKED, codecs=["opus"]))
                    await client.say(sound)
                    await client.hear(Media)
                held.append(threads())
            await eventually(lambda: threads() <= held[0])
    finally:
        gc.enable()


def threads() -> int:
    """Return how many threads this process has, those of libraries too."""
    return len(os.listdir("/proc/self/task"))
