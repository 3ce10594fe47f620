"""The Python client: one-shot pictures over HTTP, live sessions over a WebSocket."""

from .asynchronous import AsyncClient
from .blocking import Client, Session
from .finals import FilmFile
from .frame import Frame, save
from .info import InputInfo, LoraInfo, ModelInfo, OutputInfo, RefineProgress, SwitchedModel
from .session import AsyncSession
from .terms import Retry, Timeouts

__all__ = [
    "AsyncClient",
    "AsyncSession",
    "Client",
    "FilmFile",
    "Frame",
    "InputInfo",
    "LoraInfo",
    "ModelInfo",
    "OutputInfo",
    "RefineProgress",
    "Retry",
    "Session",
    "SwitchedModel",
    "Timeouts",
    "save",
]
