"""What comes on a track is judged before it costs anything, and what is refused changes nothing."""

from typing import Any, cast

import pytest

from livedraft.errors import InvalidMedia
from livedraft.protocol.messages import Media, Track
from livedraft.protocol.tracks import (
    MAX_DURATION_US,
    MAX_PACKET_BYTES,
    Tracks,
    family,
    opus_us,
)


def track(name: str, kind: Any, **more: Any) -> Track:
    fields: dict[str, Any] = {
        "name": name,
        "way": "in",
        "kind": kind,
        "policy": "append" if kind == "audio" else "latest",
        "max_s": 2.0,
        "codecs": ["pcm-s16", "opus"] if kind == "audio" else ["jpeg", "h264"],
        "width": 0,
        "height": 0,
        "rate": 0.0,
        "channels": 0,
        "required": False,
    }
    return cast(Track, fields | more)


CAMERA, MICROPHONE = track("camera", "video"), track("microphone", "audio", rate=16000.0)
SCREEN = track("screen", "video", way="out")


def frame(pts: int = 0, **more: Any) -> Media:
    fields: dict[str, Any] = {
        "track": "camera",
        "id": 1,
        "pts": pts,
        "duration": 33_333,
        "codec": "jpeg",
    }
    return Media.model_validate(fields | {"data": b"x"} | more)


def sound(**more: Any) -> Media:
    fields: dict[str, Any] = {"track": "microphone", "id": 1, "pts": 0, "duration": 10_000}
    fields |= {"codec": "pcm-s16", "rate": 16000, "channels": 1, "data": bytes(320)}
    return Media.model_validate(fields | more)


def test_each_track_keeps_its_own_time() -> None:
    tracks = Tracks([CAMERA, MICROPHONE])
    for media in (frame(50), sound(pts=7), frame(51), sound(pts=10_007), frame(33_384)):
        tracks.check(media)


@pytest.mark.parametrize(
    ("media", "says", "fix"),
    [
        (frame(track="camrea"), "no track 'camrea'", "did you mean 'camera'"),
        (frame(track="screen"), "no track 'screen'", "camera"),
        (frame(codec="gif"), "no codec 'gif'", "jpeg, h264"),
        (frame(track="microphone"), "no codec 'jpeg'", "pcm-s16, opus"),
        (frame(codec="h264", key=False), "a piece before it", "key frame"),
        (frame(duration=MAX_DURATION_US + 1), "a piece of 10000001", "at most"),
        (sound(duration=20_000), "160 samples last 10000 µs, not 20000", "duration"),
        (sound(data=bytes(321)), "no whole samples", "2 bytes a sample"),
        (sound(rate=0), "sound of 0 Hz", "rate"),
        (sound(channels=99), "99 channels", "1 to 8"),
        (sound(rate=48000), "rate 48000", "send rate 16000"),
        (sound(codec="opus", data=bytes(2**22 + 1)), "4194305 bytes", "at most"),
        (sound(codec="opus", data=b""), "Opus for 0 µs", "whole packets"),
        (sound(codec="opus", data=b"\x08"), "Opus for 20000 µs, not 10000", "duration"),
        (sound(codec="opus", data=b"\x00", channels=3), "3 channels", "1 or 2"),
        (frame(codec="h264", data=bytes(MAX_PACKET_BYTES + 1)), "2097153 bytes", "at most"),
    ],
)
def test_a_refusal_names_its_fix_and_keeps_the_track_as_it_was(
    media: Media, says: str, fix: str
) -> None:
    tracks = Tracks([CAMERA, MICROPHONE, SCREEN])
    with pytest.raises(InvalidMedia, match=says) as caught:
        tracks.check(media)
    assert fix in caught.value.fix
    tracks.check(frame())
    tracks.check(sound())


@pytest.mark.parametrize("pts", [99, 100])
def test_time_only_goes_on(pts: int) -> None:
    tracks = Tracks([CAMERA])
    tracks.check(frame(100))
    with pytest.raises(InvalidMedia, match=f"pts {pts} after 100"):
        tracks.check(frame(pts))
    tracks.check(frame(101, codec="h264", key=False))  # a key frame came before it


def test_strings_of_webcodecs_are_understood() -> None:
    told = [family(codec) for codec in ("avc1.42E01E", "avc3.640028", "vp8", "opus", "pcm-s16")]
    assert told == ["h264", "h264", "vp8", "opus", "pcm-s16"]


@pytest.mark.parametrize(
    ("packet", "us"),
    [
        ("00", 10_000),
        ("18", 60_000),
        ("19", 120_000),
        ("68", 20_000),
        ("80", 2_500),
        ("fb06", 120_000),
        ("fb07", 0),
        ("fb", 0),
        ("fb00", 0),
        ("", 0),
    ],
)
def test_a_packet_of_opus_says_how_long_it_is(packet: str, us: int) -> None:
    assert opus_us(bytes.fromhex(packet)) == us
