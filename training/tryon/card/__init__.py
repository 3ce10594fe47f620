"""What the model card of `tryon` shows: tables, pictures of failures, photographs."""

from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
CARD = ROOT / "runtime" / "models" / "tryon" / "README.md"
TRAINING = ROOT / "training" / "tryon" / "README.md"
IMAGES = ROOT / "docs" / "images"
