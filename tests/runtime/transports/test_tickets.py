"""Tickets of pages without an address: good for a time, for sessions, and for this server alone."""

from __future__ import annotations

from typing import Any

import pytest
from tests.doubles import FakeClock

from livedraft.errors import Unauthorized
from livedraft.runtime.transports.tickets import VALID_S, Tickets


def asked(path: str, *headers: tuple[bytes, bytes]) -> dict[str, Any]:
    return {"type": "http", "path": path, "headers": list(headers)}


def test_it_stands_for_the_token_and_ends() -> None:
    clock = FakeClock()
    tickets = Tickets("secret", clock)
    path = f"{tickets.issue()}/v1/realtime"
    forged = (b"authorization", b"Bearer mine")
    inside = tickets.admitted(asked(path, forged, (b"host", b"here")))
    assert inside is not None
    assert (inside["path"], inside["raw_path"]) == ("/v1/realtime", b"/v1/realtime")
    assert inside["headers"] == [(b"host", b"here"), (b"authorization", b"Bearer secret")]
    clock.advance(VALID_S + 1)
    with pytest.raises(Unauthorized):
        tickets.admitted(asked(path))


def test_that_of_another_run_or_with_more_time_is_none() -> None:
    clock = FakeClock()
    tickets, others = Tickets("", clock), Tickets("", clock)
    with pytest.raises(Unauthorized):
        tickets.admitted(asked(f"{others.issue()}/v1/realtime"))
    until, _, signature = tickets.issue().removeprefix("/ticket/").partition("-")
    longer = f"{int(until, 16) + 1:x}"
    with pytest.raises(Unauthorized):
        tickets.admitted(asked(f"/ticket/{longer}-{signature}/v1/realtime"))


def test_other_paths_are_none_of_its_business() -> None:
    assert Tickets("", FakeClock()).admitted(asked("/v1/realtime")) is None
