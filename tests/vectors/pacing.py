"""Traces of when a client sends: what happened, and how long the next input then waits.

Each trace is a list of events in order, at ms of one clock, with two inputs in flight at most:
``sent`` an id; ``answered`` an id, with the frame's ``timings``; ``forget`` an id, or all (null);
``wait`` is what a client that asks then is told, in ms: null until an answer comes. It is until
the encoded input goes; who encodes first begins so much earlier.
"""

from __future__ import annotations

import math
import random
from typing import Any

from livedraft.client.pacing import Pacing

IN_FLIGHT = 2
ENCODE_MS = 5.0  # of the server, after the model
PREPARE_MS = 4.0

Event = dict[str, Any]

SERVER = {"queued": 0.0, "prepared": 5.0, "decoded": 195.0, "sent": 200.0}
LEARNED: list[Event] = [{"at": 0.0, "sent": 1}, {"at": 220.0, "answered": 1, "timings": SERVER}]
BUSY: list[Event] = [*LEARNED, {"at": 1000.0, "sent": 2}]


def _asked(*at: float) -> list[Event]:
    return [{"at": each, "wait": None} for each in at]


SCENES: dict[str, list[Event]] = {
    "the first goes at once": _asked(5000.0),
    "without a measure the second goes at once": [{"at": 0.0, "sent": 1}, *_asked(0.0, 50.0)],
    "a third waits for an answer": [
        {"at": 0.0, "sent": 1},
        {"at": 1.0, "sent": 2},
        *_asked(1.0, 60_000.0),
    ],
    "the second arrives when the model is about to be done": [
        *BUSY,
        *_asked(1000.0, 1100.0, 1179.0, 1180.0, 1181.0),
    ],
    "a frame answers older inputs, too": [
        *BUSY,
        {"at": 1200.0, "sent": 3},
        {"at": 1420.0, "answered": 3, "timings": SERVER},
        *_asked(1420.0),
    ],
    "one that waits in the slot begins when the one before is done": [
        *BUSY,
        {"at": 1010.0, "sent": 3},
        {"at": 1220.0, "answered": 2, "timings": SERVER},
        *_asked(1220.0, 1300.0),
    ],
    "a wait in the slot is not the model's time": [
        {"at": 0.0, "sent": 1},
        {
            "at": 420.0,
            "answered": 1,
            "timings": {name: ms + 200.0 for name, ms in SERVER.items()},
        },
        {"at": 1000.0, "sent": 2},
        *_asked(1000.0),
    ],
    "a frame without timings teaches nothing": [
        {"at": 0.0, "sent": 1},
        {"at": 420.0, "answered": 1, "timings": {}},
        {"at": 1000.0, "sent": 2},
        *_asked(1000.0),
    ],
    "nor does one with a time below zero": [
        *LEARNED,
        {"at": 300.0, "sent": 2},
        {"at": 900.0, "answered": 2, "timings": {**SERVER, "prepared": -1.0}},
        {"at": 1000.0, "sent": 3},
        *_asked(1000.0),
    ],
    "nor one that answers nothing": [
        *LEARNED,
        {"at": 900.0, "answered": 1, "timings": {**SERVER, "decoded": 900.0, "sent": 905.0}},
        {"at": 1000.0, "sent": 2},
        *_asked(1000.0),
    ],
    "the mean follows a model that slows down": [
        *LEARNED,
        {"at": 300.0, "sent": 2},
        {"at": 820.0, "answered": 2, "timings": {**SERVER, "decoded": 495.0, "sent": 500.0}},
        {"at": 1000.0, "sent": 3},
        *_asked(1000.0),
    ],
    "a clock that runs slower than the server's makes no way below zero": [
        {"at": 0.0, "sent": 1},
        {"at": 150.0, "answered": 1, "timings": SERVER},
        {"at": 1000.0, "sent": 2},
        *_asked(1000.0),
    ],
    "a refused input makes room": [*BUSY, {"at": 1100.0, "forget": 2}, *_asked(1100.0)],
    "an unknown one does not": [*BUSY, {"at": 1100.0, "forget": 7}, *_asked(1100.0)],
    "a lost connection makes room": [
        *BUSY,
        {"at": 1100.0, "sent": 3},
        {"at": 1200.0, "forget": None},
        *_asked(1200.0),
    ],
}


def traces() -> list[dict[str, Any]]:
    """Return all traces with their answers."""
    scenes = [{"name": name, "events": _answered(events)} for name, events in SCENES.items()]
    return [
        *scenes,
        *(
            {"name": f"{work_ms} ms of work, {way_ms} ms away", "events": _driven(work_ms, way_ms)}
            for work_ms, way_ms in [(200, 3), (40, 60), (900, 25)]
        ),
    ]


def replay(pacing: Pacing, event: Event) -> float | None:
    """Let one event happen; return the wait in ms where it asks, infinity for no end."""
    now_s = event["at"] / 1e3
    if "sent" in event:
        pacing.sent(event["sent"], now_s)
    elif "answered" in event:
        pacing.answered(event["answered"], now_s, event["timings"])
    elif "forget" in event:
        if event["forget"] is None:
            pacing.forget_all()
        else:
            pacing.forget(event["forget"])
    else:
        return pacing.wait_s(now_s) * 1e3
    return None


def _answered(events: list[Event]) -> list[Event]:
    pacing, made = Pacing(IN_FLIGHT), []
    for event in events:
        wait = replay(pacing, event)
        made.append(event if wait is None else {**event, "wait": _finite(wait)})
    return made


def _driven(work_ms: float, way_ms: float, count: int = 25) -> list[Event]:
    """Return what a client that always has something to send meets at a server that staggers."""
    rng = random.Random(f"{work_ms} {way_ms}")
    pacing, made = Pacing(IN_FLIGHT), list[Event]()
    now = free = 0.0
    coming: list[Event] = []  # frames on their way here

    def happen(event: Event) -> float | None:
        wait = replay(pacing, event)
        made.append(event if wait is None else {**event, "wait": _finite(wait)})
        return wait

    for id in range(1, count + 1):
        while True:
            wait = happen({"at": now, "wait": None})
            assert wait is not None
            due = coming[0]["at"] if coming else math.inf
            if now + wait < due:
                now = round(now + wait, 3)
                break
            now = due
            happen(coming.pop(0))
        happen({"at": now, "sent": id})
        came = now + rng.uniform(0.8, 1.2) * way_ms
        prepared = max(came + PREPARE_MS, free)
        free = prepared + rng.uniform(0.7, 1.3) * work_ms
        times = {"queued": 0.0, "prepared": prepared - came, "decoded": free - came}
        times["sent"] = times["decoded"] + ENCODE_MS
        back = came + times["sent"] + rng.uniform(0.8, 1.2) * way_ms
        timings = {name: round(ms, 3) for name, ms in times.items()}
        coming.append({"at": round(back, 3), "answered": id, "timings": timings})
        coming.sort(key=lambda event: event["at"])
    return made


def _finite(wait_ms: float) -> float | None:
    return None if math.isinf(wait_ms) else round(wait_ms, 6)
