"""What may come on a track: known, in order, in one of its codecs, and no longer than it says."""

from __future__ import annotations

from collections.abc import Iterable

from livedraft.errors import InvalidMedia, did_you_mean

from .messages import Media, Track
from .values import text_fault

# By their names in ``media.codec``. Of "h264" and "vp8", WebCodecs' longer strings are understood
# too ("avc1.42E01E"); H.264 comes as Annex B, PCM as interleaved 16-bit integers, least byte first.
PICTURES = {"jpeg": "image/jpeg", "webp": "image/webp", "png": "image/png"}
MOVING = ("vp8", "h264")  # whose frames need those before them; for who speaks ``keys``
TEXT = "utf-8"
OPUS = "opus"
RTP = "rtp"  # downwards: what the message tells of goes by WebRTC, and its data are empty
PCM = "pcm-s16"
PCM_BYTES = 2  # of a sample

MAX_DURATION_US = 10_000_000  # of one piece
MAX_SOUND_BYTES = 4 * 2**20  # of one piece; of pictures the message's limit is enough
MAX_PACKET_BYTES = 2 * 2**20  # of one frame of a moving codec
MAX_RATE = 192_000  # samples a second
MAX_CHANNELS = 8

_FAMILIES = {"avc1": "h264", "avc3": "h264"}


def family(codec: str) -> str:
    """Return what a codec is called here, of a WebCodecs string the family that it belongs to."""
    head = codec.partition(".")[0]
    return _FAMILIES.get(head, head)


class Tracks:
    """The ways into a session, and where each stands in time."""

    def __init__(self, tracks: Iterable[Track]) -> None:
        self._inputs = {track["name"]: track for track in tracks if track["way"] == "in"}
        self._last: dict[str, int] = {}  # µs, of the newest piece on each

    def check(self, media: Media) -> None:
        """Take the next piece of a track; raise InvalidMedia and change nothing."""
        track = self._inputs.get(media.track)
        if track is None:
            name = media.track[:40]
            fix = did_you_mean(name, self._inputs) if self._inputs else "this model takes none"
            raise InvalidMedia(f"no track '{name}'", fix=fix)
        if family(media.codec) not in track["codecs"]:
            raise InvalidMedia(
                f"{track['name']}: no codec '{media.codec[:40]}'",
                fix="send one of " + ", ".join(track["codecs"]),
            )
        last = self._last.get(track["name"])
        if last is not None and media.pts <= last:
            raise InvalidMedia(
                f"{track['name']}: pts {media.pts} after {last}", fix="send pieces in their order"
            )
        if last is None and not media.key:
            raise InvalidMedia(
                f"{track['name']} begins with what needs a piece before it",
                fix="begin with a key frame",
            )
        if media.duration > MAX_DURATION_US:
            raise InvalidMedia(
                f"{track['name']}: a piece of {media.duration} µs",
                fix=f"send pieces of at most {MAX_DURATION_US} µs",
            )
        if family(media.codec) in MOVING and len(media.data) > MAX_PACKET_BYTES:
            raise InvalidMedia(
                f"{track['name']}: a frame of {len(media.data)} bytes",
                fix=f"send frames of at most {MAX_PACKET_BYTES} bytes",
            )
        if track["kind"] == "audio":
            _check_sound(media, track)
        elif track["kind"] == "text":
            _check_text(media, track)
        self._last[track["name"]] = media.pts


def _check_text(media: Media, track: Track) -> None:
    """Refuse what is no text, or more than may wait of it."""
    name, most = track["name"], track.get("max_chars", 0)
    try:
        text = media.data.decode()
    except UnicodeDecodeError:
        raise InvalidMedia(f"{name}: no UTF-8", fix="send whole characters") from None
    if media.duration:
        raise InvalidMedia(f"{name}: text of {media.duration} µs", fix="send it with duration 0")
    if len(text) > most:
        raise InvalidMedia(
            f"{name}: a text of {len(text)} characters", fix=f"send at most {most} at a time"
        )
    if (fault := text_fault(text)) is not None:
        raise InvalidMedia(f"{name}: {fault}", fix="leave control characters out")


def _check_sound(media: Media, track: Track) -> None:
    name = track["name"]
    if not (1 <= media.rate <= MAX_RATE and 1 <= media.channels <= MAX_CHANNELS):
        raise InvalidMedia(
            f"{name}: sound of {media.rate} Hz in {media.channels} channels",
            fix=f"name a rate up to {MAX_RATE} Hz and 1 to {MAX_CHANNELS} channels",
        )
    for key, wanted, given in (
        ("rate", track["rate"], media.rate),
        ("channels", track["channels"], media.channels),
    ):
        if wanted and given != wanted:
            raise InvalidMedia(f"{name}: {key} {given}", fix=f"send {key} {wanted:g}")
    if len(media.data) > MAX_SOUND_BYTES:
        raise InvalidMedia(
            f"{name}: a piece of {len(media.data)} bytes",
            fix=f"send pieces of at most {MAX_SOUND_BYTES} bytes",
        )
    if media.codec == PCM:
        _check_pcm(media)
    elif media.codec == OPUS:
        _check_opus(media)


def _check_pcm(media: Media) -> None:
    """Refuse samples that do not last as long as they say: nothing could be placed by them."""
    samples, rest = divmod(len(media.data), PCM_BYTES * media.channels)
    if rest:
        raise InvalidMedia(
            f"{media.track}: {len(media.data)} bytes are no whole samples",
            fix=f"send {PCM_BYTES} bytes a sample and channel",
        )
    lasts_us = samples * 1_000_000 / media.rate
    if abs(lasts_us - media.duration) > 1 + 1_000_000 / media.rate:
        raise InvalidMedia(
            f"{media.track}: {samples} samples last {lasts_us:.0f} µs, not {media.duration}",
            fix="give the duration of the samples",
        )


def _check_opus(media: Media) -> None:
    """Refuse a packet that lasts longer or shorter than it says, before anything is decoded."""
    lasts_us = opus_us(media.data)
    if not lasts_us or abs(lasts_us - media.duration) > 1_000 or media.channels > 2:
        raise InvalidMedia(
            f"{media.track}: {media.channels} channels of Opus for {lasts_us} µs, not "
            f"{media.duration}",
            fix="send whole packets of 1 or 2 channels, and their duration",
        )


def opus_us(packet: bytes) -> int:
    """Return how long a packet of Opus sounds, µs, by its first bytes (RFC 6716, 3.1); 0: never."""
    if not packet:
        return 0
    config, code = packet[0] >> 3, packet[0] & 3
    if config < 12:  # SILK
        frame = (10_000, 20_000, 40_000, 60_000)[config % 4]
    elif config < 16:  # hybrid
        frame = (10_000, 20_000)[config % 2]
    else:  # CELT
        frame = (2_500, 5_000, 10_000, 20_000)[config % 4]
    if code == 3:
        count = packet[1] & 63 if len(packet) > 1 else 0
    else:
        count = 1 if code == 0 else 2
    return count * frame if count * frame <= 120_000 else 0
