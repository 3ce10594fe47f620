"""What try-on is worth: dressed people that it never saw, against exact truth, as figures."""

from pathlib import Path

REPORT = Path(__file__).parent / "evaluation.json"
