"""Live packets: one a frame, nothing held back, and a key frame after what is damaged."""

import random
from typing import Any

import numpy as np
import pytest
from tests.sdk.media.codecs.films import RATE, plain, tone
from tests.sdk.media.codecs.test_reading import COLOURS, joined, middle

from livedraft.errors import InvalidMedia
from livedraft.media.chunks import SECOND, AudioChunk
from livedraft.media.codecs import (
    Encoded,
    Limits,
    OpusDecoder,
    OpusEncoder,
    VideoDecoder,
    VideoEncoder,
    hardware,
)

CODECS = ["h264", "vp8", "vp9"]
STEP = 40_000  # µs


def packets(codec: str, count: int = 8, keys: tuple[int, ...] = ()) -> list[Encoded]:
    encoder = VideoEncoder(codec, (64, 48), frame_rate=25)
    return [
        encoder.encode(plain(COLOURS[number % 4]), number * STEP, STEP, key=number in keys)
        for number in range(count)
    ]


@pytest.mark.parametrize("codec", CODECS)
def test_each_frame_comes_back_at_once(codec: str) -> None:
    decoder = VideoDecoder(codec)
    for number, packet in enumerate(packets(codec)):
        assert packet.key == (number == 0)
        (chunk,) = decoder.decode(packet)
        assert (chunk.pts, chunk.duration) == (number * STEP, STEP)
        assert middle(chunk) == pytest.approx(COLOURS[number % 4], abs=20)


@pytest.mark.parametrize("codec", CODECS)
def test_a_key_frame_comes_when_it_is_asked_for(codec: str) -> None:
    made = packets(codec, keys=(5,))
    assert [packet.key for packet in made] == [number in (0, 5) for number in range(8)]
    decoder = VideoDecoder(codec)  # of one who joins late
    with pytest.raises(InvalidMedia, match="without those before") as refusal:
        decoder.decode(made[4])
    assert "key frame" in refusal.value.fix
    assert decoder.decode(made[5])[0].pts == 5 * STEP


@pytest.mark.parametrize("codec", ["vp8", "h264"])
@pytest.mark.parametrize("fps", [8, 15, 30])
def test_bit_rates_are_kept_at_any_rate_of_frames(codec: str, fps: int) -> None:
    rng, seconds, bit_rate = np.random.default_rng(1), 6, 20_000 * fps
    scene = rng.integers(40, 215, (200, 900, 3)).astype(np.int16)
    scene = (scene + np.roll(scene, 1, 0) + np.roll(scene, 1, 1)) // 3
    encoder = VideoEncoder(codec, (320, 180), frame_rate=fps, bit_rate=bit_rate)
    sizes = []
    for number in range(seconds * fps):
        at = number * 90 // fps
        grain = rng.normal(0, 3, (180, 320, 1)).astype(np.int16)
        pixels = (scene[:180, at : at + 320] + grain).clip(0, 255).astype(np.uint8)
        pts = number * SECOND // fps
        sizes.append(len(encoder.encode(pixels, pts, SECOND // fps).data))
    settled = sizes[fps:]
    assert 8 * sum(settled) / (seconds - 1) == pytest.approx(bit_rate, rel=0.15)


def test_h264_is_annex_b_with_its_parameters() -> None:
    made = packets("h264", keys=(3,))
    kinds = [[part[0] & 31 for part in packet.data.split(b"\0\0\1")[1:]] for packet in made]
    assert kinds[0][:2] == kinds[3][:2] == [7, 8]
    assert kinds[1] == [1]


@pytest.mark.parametrize("codec", CODECS)
def test_damaged_packets_are_frames_or_refusals_and_a_key_frame_mends(codec: str) -> None:
    rng, made = random.Random(codec), packets(codec, keys=(5,))
    refused = 0
    for _ in range(60):
        decoder = VideoDecoder(codec, limits=Limits(pixels=256 * 256))
        for number, packet in enumerate(made):
            data = bytearray(packet.data)
            if number in (0, 2, 3):
                for _ in range(rng.randrange(1, 6)):
                    data[rng.randrange(len(data))] = rng.randrange(256)
                del data[rng.randrange(1, len(data) + 1) :]
            try:
                for chunk in decoder.decode(
                    Encoded(bytes(data), packet.pts, packet.duration, packet.key)
                ):
                    assert chunk.size[0] * chunk.size[1] <= 256 * 256
            except InvalidMedia:
                refused += 1
                assert number < 5
    assert refused


def test_a_frame_that_grows_is_refused_by_its_size() -> None:
    small = VideoDecoder("vp8", limits=Limits(pixels=64 * 48))
    assert small.decode(packets("vp8")[0])
    large = VideoEncoder("vp8", (128, 96)).encode(plain((9, 9, 9), (128, 96)), 0, STEP)
    with pytest.raises(InvalidMedia):
        small.decode(large)


@pytest.mark.parametrize(("size", "pts"), [((32, 32), 9), ((64, 48), 0)])
def test_a_frame_of_another_size_or_an_older_one_is_refused(size: Any, pts: int) -> None:
    encoder = VideoEncoder("vp8", (64, 48))
    encoder.encode(plain((9, 9, 9)), 0, STEP)
    with pytest.raises(InvalidMedia) as refusal:
        encoder.encode(plain((9, 9, 9), size), pts, STEP)
    assert refusal.value.fix


@pytest.mark.parametrize("channels", [1, 2])
def test_opus_carries_sound_in_pieces_of_20_ms(channels: int) -> None:
    encoder, decoder = OpusEncoder(channels), OpusDecoder(channels)
    sound, made = tone(1, RATE, channels=channels), list[Encoded]()
    for at in range(0, RATE, 441):
        made += encoder.encode(AudioChunk(sound[at : at + 441], RATE, round(at * SECOND / RATE)))
    made += encoder.flush()
    assert {packet.duration for packet in made[:-2]} == {20_000}
    heard = joined([chunk for packet in made for chunk in decoder.decode(packet)])
    assert len(heard) == pytest.approx(RATE, abs=2_000)
    assert heard.shape[1] == channels
    delay = 312  # samples that Opus looks ahead
    error = heard[delay + 4_000 : delay + 40_000, 0].astype(int) - sound[4_000:40_000, 0]
    assert np.abs(error).mean() < 600


def test_damaged_opus_is_sound_or_a_refusal() -> None:
    rng, encoder = random.Random(7), OpusEncoder()
    made = encoder.encode(AudioChunk(tone(1, RATE), RATE, 0))
    for _ in range(100):
        decoder = OpusDecoder()
        data = bytearray(rng.choice(made).data)
        data[rng.randrange(len(data))] ^= 1 << rng.randrange(8)
        del data[rng.randrange(1, len(data) + 1) :]
        try:
            chunks = decoder.decode(Encoded(bytes(data), 0, 20_000))
        except InvalidMedia:
            continue
        assert sum(map(len, chunks)) <= RATE * 0.12


@pytest.mark.parametrize(
    "make",
    [
        lambda: VideoEncoder("theora", (9, 9)),
        lambda: VideoDecoder("theora"),
        lambda: OpusEncoder(3),
        lambda: OpusDecoder(0),
        lambda: VideoEncoder("vp8", (0, 0)).encode(plain((0, 0, 0)), 0, 1),
    ],
)
def test_what_is_no_codec_is_refused(make: Any) -> None:
    with pytest.raises(InvalidMedia) as refusal:
        make()
    assert refusal.value.fix


@pytest.mark.parametrize("codec", CODECS)
def test_an_empty_packet_is_damage_and_no_end_of_video(codec: str) -> None:
    made = packets(codec, keys=(4,))
    decoder = VideoDecoder(codec)
    decoder.decode(made[0])
    with pytest.raises(InvalidMedia, match="empty"):
        decoder.decode(Encoded(b"", STEP, STEP, key=True))
    assert not decoder.whole
    assert middle(decoder.decode(made[4])[0]) == pytest.approx(COLOURS[0], abs=20)


def test_an_empty_packet_is_damage_and_no_end_of_sound() -> None:
    encoder, decoder = OpusEncoder(), OpusDecoder()
    made = encoder.encode(AudioChunk(np.zeros((RATE, 1), np.int16), RATE, 0))
    decoder.decode(made[0])
    with pytest.raises(InvalidMedia, match="empty"):
        decoder.decode(Encoded(b"", STEP, STEP))
    assert decoder.decode(made[1])


def test_a_driver_without_an_encoder_is_told_and_not_used(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(hardware, "_LIBRARIES", ("no-such-driver.so",))
    with caplog.at_level("INFO", hardware.__name__):
        assert "no NVIDIA driver" in hardware.why_not.__wrapped__()
        monkeypatch.setattr(hardware, "_LIBRARIES", ("libc.so.6",))
        monkeypatch.setattr(hardware, "NAME", "no_such_encoder")
        assert "no_such_encoder" in hardware.why_not.__wrapped__()
    assert caplog.text.count("NVENC is not used: ") == 2
