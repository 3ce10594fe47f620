"""livedraft: embeddable real-time generative media.

Every public name is imported when it is first asked for, so that ``import livedraft`` costs
next to nothing: ``livedraft.Client`` brings in the client, ``livedraft.launch`` the runtime.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from livedraft.version import __version__

if TYPE_CHECKING:
    from livedraft import components
    from livedraft.client import (
        AsyncClient,
        AsyncSession,
        Client,
        FilmFile,
        Frame,
        InputInfo,
        LoraInfo,
        ModelInfo,
        OutputInfo,
        Retry,
        Session,
        SwitchedModel,
        Timeouts,
        save,
    )
    from livedraft.errors import (
        BadInput,
        BadMessage,
        ConfigError,
        ConnectFailed,
        ConnectionLost,
        EngineError,
        InvalidImage,
        InvalidMedia,
        InvalidParams,
        LivedraftError,
        MissingExtraError,
        ModelFailed,
        ModelLoading,
        ModelNotFound,
        OutOfMemory,
        OutOfOrder,
        ProtocolError,
        ServerBusy,
        SessionClosed,
        SessionError,
        SessionIdle,
        SessionUnknown,
        TimedOut,
        TransportError,
        Unauthorized,
        VersionMismatch,
        WeightsError,
    )
    from livedraft.media.chunks import AudioChunk, Still, VideoChunk
    from livedraft.protocol.messages import Stage
    from livedraft.runtime.launch import launch
    from livedraft.runtime.restyling import restyle

__all__ = [
    "AsyncClient",
    "AsyncSession",
    "AudioChunk",
    "BadInput",
    "BadMessage",
    "Client",
    "ConfigError",
    "ConnectFailed",
    "ConnectionLost",
    "EngineError",
    "FilmFile",
    "Frame",
    "InputInfo",
    "InvalidImage",
    "InvalidMedia",
    "InvalidParams",
    "LivedraftError",
    "LoraInfo",
    "MissingExtraError",
    "ModelFailed",
    "ModelInfo",
    "ModelLoading",
    "ModelNotFound",
    "OutOfMemory",
    "OutOfOrder",
    "OutputInfo",
    "ProtocolError",
    "Retry",
    "ServerBusy",
    "Session",
    "SessionClosed",
    "SessionError",
    "SessionIdle",
    "SessionUnknown",
    "Stage",
    "Still",
    "SwitchedModel",
    "TimedOut",
    "Timeouts",
    "TransportError",
    "Unauthorized",
    "VersionMismatch",
    "VideoChunk",
    "WeightsError",
    "__version__",
    "components",
    "launch",
    "restyle",
    "save",
]

_MODULES = {
    "AsyncClient": "client",
    "AsyncSession": "client",
    "AudioChunk": "media.chunks",
    "Client": "client",
    "FilmFile": "client",
    "Frame": "client",
    "InputInfo": "client",
    "LoraInfo": "client",
    "ModelInfo": "client",
    "OutputInfo": "client",
    "SwitchedModel": "client",
    "Retry": "client",
    "Session": "client",
    "Stage": "protocol.messages",
    "Still": "media.chunks",
    "Timeouts": "client",
    "VideoChunk": "media.chunks",
    "components": "components",
    "launch": "runtime.launch",
    "restyle": "runtime.restyling",
    "save": "client",
}  # every other public name is an error


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module 'livedraft' has no attribute '{name}'")
    module = import_module(f"livedraft.{_MODULES.get(name, 'errors')}")
    return module if name == "components" else getattr(module, name)


def __dir__() -> list[str]:
    return __all__
