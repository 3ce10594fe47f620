"""A handshake that is refused is answered once, and leaves no error in the log."""

from __future__ import annotations

import logging

import pytest
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect
from websockets.typing import Origin

from livedraft.runtime.config import Config
from livedraft.runtime.running import Thread


def test_a_refused_website_is_told_why_and_fills_no_log(caplog: pytest.LogCaptureFixture) -> None:
    with Thread(Config(models=("echo",), port=0)) as server:
        address = f"{server.url.replace('http', 'ws', 1)}/v1/realtime"
        for _ in range(3):
            with pytest.raises(InvalidStatus) as refused:
                connect(address, origin=Origin("http://stranger.example"))
            assert refused.value.response.status_code == 403
            assert b"--origins http://stranger.example" in refused.value.response.body
    assert [r.message for r in caplog.records if r.levelno >= logging.ERROR] == []
    warnings = [r.message for r in caplog.records if r.levelno == logging.WARNING]
    assert len(warnings) == 1, "once, however often it is tried"
