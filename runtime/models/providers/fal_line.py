"""fal's realtime API, as its clients speak it: a token, a WebSocket, messages in msgpack.

Source: https://docs.fal.ai/model-apis/model-endpoints/websockets, and fal's client for Python.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlencode

from livedraft.errors import ModelFailed

from .line import Line
from .provider import File

if TYPE_CHECKING:
    from .fal import Fal

REALTIME = "wss://fal.run"
TOKENS = "https://rest.fal.ai"
_TOKEN_S = 120  # that a token is good for; a connection outlives it
_MOST_SAID = 200


class FalLine(Line):
    """One connection to a model of fal's."""

    def __init__(self, fal: Fal) -> None:
        super().__init__(fal)
        self._fal = fal
        self._tokens = fal.tokens

    async def address(self) -> str:
        """Return the model's realtime with a token, which is good for that model alone."""
        fal = self._fal
        owner_app = fal.model.split("/")[:2]
        asked = {"allowed_apps": [owner_app[1]], "token_expiration": _TOKEN_S}
        token = fal.token_of(await self._tokens.call("POST", f"{fal.tokens_at}/tokens/", asked))
        path = "/".join(map(quote, owner_app))
        return f"{fal.realtime_at}/{path}/realtime?{urlencode({'fal_jwt_token': token})}"

    def is_word(self, answer: Mapping[str, Any]) -> bool:
        """Say whether it is fal's own, of how the connection is."""
        return answer.get("type") == "x-fal-message"

    def told(self, answer: Mapping[str, Any]) -> None:
        """Raise ModelFailed where an answer is an error."""
        if "error" not in answer:
            return
        words = " ".join(str(answer.get(name) or "") for name in ("error", "reason")).strip()
        raise ModelFailed(
            f"fal's realtime says: {words[:_MOST_SAID]}",
            fix="change what it names; whether the model has a realtime API, its page says",
        )

    def file_of(self, answer: Mapping[str, Any]) -> tuple[File, bytes]:
        """Return the first picture: bytes in the answer, or an address."""
        pictures = answer.get("images") or [answer.get("image")]
        first = pictures[0] if isinstance(pictures, list) and pictures else None
        content = first.get("content") if isinstance(first, dict) else None
        if isinstance(content, bytes) and content:
            return File("", "image"), content
        return self._fal.files(answer)[0], b""
