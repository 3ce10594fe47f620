"""Prints on cloth and backgrounds, drawn."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from .cameras import FLAT

Float = NDArray[np.float32]
PRINTS = ("plain", "rows", "columns", "dots", "checks", "figure", "flowers", "marl")
SHARES = (0.22, 0.16, 0.1, 0.1, 0.12, 0.14, 0.08, 0.08)


def print_of(rng: Generator) -> Float:
    """Draw a print as the garment's picture shows it before light: (512, 512, 3), 0..255."""
    first, second = _colours(rng)
    y, x = np.mgrid[:FLAT, :FLAT].astype(np.float32)
    period = float(rng.uniform(18, 56))
    kind = str(rng.choice(PRINTS, p=SHARES))
    match kind:
        case "rows":
            weight = _step(np.sin(y * 2 * np.pi / period) - rng.uniform(-0.4, 0.6))
        case "columns":
            weight = _step(np.sin(x * 2 * np.pi / period) - rng.uniform(-0.4, 0.6))
        case "dots":
            dx, dy = x % period - period / 2, y % period - period / 2
            weight = _step(period * rng.uniform(0.16, 0.34) - np.hypot(dx, dy))
        case "checks":
            weight = 0.5 * _step(np.sin(y * 2 * np.pi / period))
            weight = weight + 0.5 * _step(np.sin(x * 2 * np.pi / period))
        case "figure":
            weight = _figure(rng)
        case "flowers":
            weight = _flowers(rng)
        case "marl":
            grain = rng.normal(0, 0.18, (FLAT, FLAT)).astype(np.float32)
            weight = np.clip(0.4 + cv2.GaussianBlur(grain, (0, 0), 0.9), 0, 1)
        case _:
            weight = np.zeros_like(x)
    cloth = first + (second - first) * weight[..., None].astype(np.float32)
    weave = rng.normal(0, rng.uniform(0.3, 2.5), (FLAT, FLAT, 1)).astype(np.float32)
    return np.asarray(np.clip(cloth + weave, 0, 255), np.float32)


def background(rng: Generator, size: tuple[int, int]) -> Float:
    """Draw what is behind a person: a wall, with a floor, blurred shapes or a texture."""
    height, width = size
    wall = _colour(rng, 0.0, 0.35, 0.45, 1.0)
    ground = np.broadcast_to(wall, (height, width, 3)).astype(np.float32).copy()
    ramp = np.linspace(rng.uniform(0.8, 1.05), rng.uniform(0.8, 1.05), width)[None, :, None]
    ground *= ramp * np.linspace(rng.uniform(0.85, 1.05), 1.0, height)[:, None, None]
    kind = rng.random()
    if kind > 0.35:
        _shapes(ground, rng)
    if kind > 0.2:
        coarse = rng.normal(0, rng.uniform(3, 16), (24, 18, 1)) + rng.normal(0, 2, (24, 18, 3))
        ground += cv2.resize(
            coarse.astype(np.float32), (width, height), interpolation=cv2.INTER_CUBIC
        )
    if rng.random() < 0.3:
        period = rng.uniform(14, 50)
        y, x = np.mgrid[:height, :width]
        lines = (np.sin(x * 2 * np.pi / period) > 0.93) | (np.sin(y * 4 * np.pi / period) > 0.93)
        ground -= rng.uniform(8, 26) * lines[..., None]
    return np.asarray(np.clip(ground, 0, 255), np.float32)


def _shapes(ground: Float, rng: Generator) -> None:
    """Put furniture-like blocks behind the person, out of focus."""
    height, width = ground.shape[:2]
    floor = int(height * rng.uniform(0.7, 0.98))
    ground[floor:] = _colour(rng, 0.05, 0.5, 0.2, 0.8)
    for _ in range(int(rng.integers(2, 9))):
        x, y = int(rng.integers(-60, width)), int(rng.integers(-60, height))
        w, h = int(rng.integers(20, 170)), int(rng.integers(20, 240))
        colour = [float(v) for v in _colour(rng, 0.0, 0.7, 0.15, 0.95)]
        if rng.random() < 0.7:
            cv2.rectangle(ground, (x, y), (x + w, y + h), colour, -1)
        else:
            cv2.ellipse(ground, (x, y), (w // 2, h // 2), 0.0, 0.0, 360.0, colour, -1)
    ground[:] = cv2.GaussianBlur(ground, (0, 0), float(rng.uniform(0.6, 9.0)))


def _figure(rng: Generator) -> Float:
    """A word or a shape on the chest."""
    canvas = np.zeros((FLAT, FLAT), np.uint8)
    y = int(rng.integers(190, 260))
    word = str(rng.choice(["LIVE", "DRAFT", "1984", "OK", "ABC"]))
    scale = float(rng.uniform(1.4, 2.6))
    (w, _), _ = cv2.getTextSize(word, cv2.FONT_HERSHEY_SIMPLEX, scale, 9)
    cv2.putText(
        canvas, word, (FLAT // 2 - w // 2, y), cv2.FONT_HERSHEY_SIMPLEX, scale, 255, 9, cv2.LINE_AA
    )
    if rng.random() < 0.6:
        cv2.circle(canvas, (FLAT // 2, y + 70), int(rng.integers(20, 44)), 255, -1, cv2.LINE_AA)
    return np.asarray(canvas / 255, np.float32)


def _flowers(rng: Generator) -> Float:
    canvas = np.zeros((FLAT, FLAT), np.uint8)
    for _ in range(int(rng.integers(40, 110))):
        x, y = rng.integers(0, FLAT, 2)
        r = float(rng.uniform(4, 11))
        for k in range(5):
            a = k * 2 * np.pi / 5
            at = (int(x + r * np.cos(a)), int(y + r * np.sin(a)))
            cv2.circle(canvas, at, int(r * 0.6), 255, -1, cv2.LINE_AA)
    return np.asarray(canvas / 255, np.float32)


def _colours(rng: Generator) -> tuple[Float, Float]:
    first = _colour(rng, 0.0, 0.9, 0.1, 1.0)
    if rng.random() < 0.25:  # white, grey and black are what most people wear
        first = np.full(3, rng.choice([28.0, 60.0, 140.0, 235.0]), np.float32)
    second = _colour(rng, 0.0, 0.95, 0.1, 1.0)
    while np.abs(second - first).max() < 60:
        second = _colour(rng, 0.0, 0.95, 0.05, 1.0)
    return first, second


def _colour(rng: Generator, low: float, high: float, dark: float, bright: float) -> Float:
    """Draw a colour of a saturation and value within bounds: (3,) 0..255."""
    hsv = np.array([[[rng.uniform(0, 360), rng.uniform(low, high), rng.uniform(dark, bright)]]])
    rgb = cv2.cvtColor(hsv.astype(np.float32), cv2.COLOR_HSV2RGB)[0, 0] * 255
    return np.asarray(rgb, np.float32)


def _step(value: NDArray[np.floating]) -> NDArray[np.floating]:
    return np.asarray(np.clip(value * 4 + 0.5, 0, 1))
