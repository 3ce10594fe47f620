"""What the cards of `ink` and of its LoRAs show: tables, goals and pictures."""

from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
CARD = ROOT / "runtime" / "models" / "ink" / "README.md"
IMAGES = ROOT / "docs" / "images"
