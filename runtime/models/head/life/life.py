"""Idle life of any face: small motions, each from what is known of people, none of them told.

Motion of heads that speak goes with the voice: nods and brows come with stressed syllables (Munhall
et al., Psychological Science 15, 2004). Listeners are still, look at the speaker, and nod now and
then.
"""

from __future__ import annotations

import math
from random import Random
from typing import Literal

from ..expression import Expression
from .blinking import Blinking
from .gaze import WIDE, Gaze, Look
from .smooth import Noise, Spring

State = Literal["idle", "listening", "speaking"]

_MOST_US = 200_000  # that a face lives on between two calls: it stands still, and does not leap
_BREATH_US = 4_200_000
_NOD_US = 520_000

# Of a face as lively as can be; rad and px.
_YAW, _PITCH, _ROLL = 0.05, 0.026, 0.03
_SWAY = (3.0, 1.0)
_BREATH = 2.2
_BEAT = 0.1  # that the head goes down with a loud syllable
_LISTENER_NOD = 0.05


class Life:
    """What one face does; calls come with the time of each frame.

    The same seed and calls give the same life. It keeps a few numbers, however long it lasts.
    """

    def __init__(self, seed: int = 0, liveliness: float = 0.6) -> None:
        """Take how lively it is, 0..1; at 0 it only blinks, breathes and looks about a little."""
        self._chance = Random(seed)
        self.liveliness = liveliness
        self._now = 0  # µs that it has lived
        self._last: int | None = None  # the time of the last call
        self._state: State = "idle"
        self._blinking = Blinking(self._chance)
        self._gaze = Gaze(self._chance)
        self._lively = Spring(0.3, liveliness)
        self._speaks, self._listens = Spring(0.16), Spring(0.2)  # 0..1
        self._follows = Spring(0.25), Spring(0.25)  # the head, its eyes
        self._loud = Spring(0.03), Spring(0.35)  # now, and lately
        self._beat, self._brows = Spring(0.07), Spring(0.09)
        self._nod_us, self._nods = 0, 0
        noises = [self._chance.getrandbits(64) for _ in range(8)]
        self._slow = [Noise(seed, us) for seed, us in zip(noises, _SLOW_US, strict=True)]
        self._quick = [Noise(~seed, us // 3) for seed, us in zip(noises, _SLOW_US, strict=True)]

    def at(self, time_us: int, state: State, loudness: float = 0.0) -> Expression:
        """Return the expression at a time, with a mouth at rest.

        ``loudness`` (0..1) is that of the face's own speech.
        """
        passed = 0 if self._last is None else min(max(time_us - self._last, 0), _MOST_US)
        self._last = time_us
        self._now += passed
        self._change(state)
        seconds = passed / 1e6
        lively = self._lively.follow(self.liveliness, seconds)
        speaks = self._speaks.follow(float(state == "speaking"), seconds)
        listens = self._listens.follow(float(state == "listening"), seconds)
        beat, raised = self._stress(loudness if state == "speaking" else 0.0, seconds)
        gaze = self._look(state, lively)
        right, down = (
            spring.follow(look, seconds) for spring, look in zip(self._follows, gaze, strict=True)
        )
        yaw, pitch, roll, brow, sway_x, sway_y = (
            lively * self._wander(number, speaks, listens) for number in range(6)
        )
        breath = self._breath()
        attentive = listens * (0.4 + 0.6 * lively)
        return Expression(
            blink=self._blinking.at(self._now, passed, state),
            brows=_held(0.22 * brow + lively * raised + 0.16 * attentive),
            gaze=gaze,
            yaw=_YAW * yaw + 0.06 * lively * right,
            pitch=_PITCH * pitch
            + 0.035 * lively * down
            + lively * beat
            + 0.012 * attentive
            + lively * listens * self._nod(state)
            - 0.004 * breath,
            roll=_ROLL * (roll + 0.5 * attentive * self._slow[6].at(self._now)),
            shift=(
                _SWAY[0] * sway_x,
                _SWAY[1] * sway_y - _BREATH * (0.5 + 0.5 * lively) * breath,
            ),
        )

    def _change(self, state: State) -> None:
        """Blink where speech has ended, as a rule."""
        if self._state == "speaking" and state != "speaking" and self._chance.random() < 0.6:
            self._blinking.want()
        self._state = state

    def _look(self, state: State, lively: float) -> Look:
        right, down = self._gaze.at(self._now, state)
        if self._gaze.turned(self._now) > WIDE and self._chance.random() < 0.4:
            self._blinking.want()
        reach = 0.3 + 0.7 * lively
        return reach * right, reach * down

    def _wander(self, number: int, speaks: float, listens: float) -> float:
        """Return slow noise, quicker for one who speaks, less for one who listens."""
        slow, quick = self._slow[number].at(self._now), self._quick[number].at(self._now)
        return slow * (1 - 0.45 * listens) + 0.55 * speaks * quick

    def _stress(self, loudness: float, seconds: float) -> tuple[float, float]:
        """Return how far head and brows go with a syllable that is louder than those before."""
        loud = min(1.0, max(0.0, loudness)) if loudness == loudness else 0.0
        now, lately = (spring.follow(loud, seconds) for spring in self._loud)
        onset = max(0.0, now - lately - 0.05)
        beat = self._beat.follow(_BEAT * onset, seconds)
        # Not with every one: brows go up where a slow dice says so.
        taken = max(0.0, self._slow[7].at(self._now))
        return beat, self._brows.follow(1.6 * taken * onset, seconds)

    def _nod(self, state: State) -> float:
        """Return how far a listener's nod has gone, once or twice every few seconds."""
        since = self._now - self._nod_us
        if since >= self._nods * _NOD_US:
            if state != "listening":
                self._nod_us, self._nods = self._now + 1_500_000, 0
            elif since >= 0:
                wait = round(1e6 * self._chance.uniform(3.0, 8.0))
                self._nod_us, self._nods = self._now + wait, self._chance.choice((1, 2, 2))
            return 0.0
        if since < 0:
            return 0.0
        return _LISTENER_NOD * (1 - math.cos(2 * math.pi * since / _NOD_US)) / 2

    def _breath(self) -> float:
        """Return how far breath is drawn, -1..1: in faster than out, and no two quite alike."""
        turn = 2 * math.pi * (self._now % _BREATH_US) / _BREATH_US
        turn += 0.7 * self._slow[6].at(self._now)
        return (math.sin(turn) + 0.25 * math.sin(2 * turn)) / 1.1


# How slowly each motion wanders: yaw, pitch, roll, brows, sway to the side and down, two more.
_SLOW_US = (3_700_000, 3_100_000, 4_300_000, 2_900_000, 5_300_000, 4_700_000, 9_100_000, 1_300_000)


def _held(brows: float) -> float:
    """Return brows within -1..1 without a corner."""
    return math.tanh(brows)
