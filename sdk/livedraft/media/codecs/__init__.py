"""Video and sound between files and values, through FFmpeg (PyAV): needs the extra ``media``."""

from livedraft.errors import MissingExtraError

try:
    import av as av  # before the modules that need it
except ImportError:
    raise MissingExtraError("media", "video and sound") from None

from .ffmpeg import LIVE, OWN, STRANGERS, Limits
from .growing import Growing
from .live import Film, Packets
from .packets import Encoded, OpusDecoder, OpusEncoder, VideoDecoder, VideoEncoder
from .reading import MediaInfo, probe, read_audio, read_video
from .resampling import Resampler
from .writing import Writer

__all__ = [
    "LIVE",
    "OWN",
    "STRANGERS",
    "Encoded",
    "Film",
    "Growing",
    "Limits",
    "MediaInfo",
    "OpusDecoder",
    "OpusEncoder",
    "Packets",
    "Resampler",
    "VideoDecoder",
    "VideoEncoder",
    "Writer",
    "probe",
    "read_audio",
    "read_video",
]
