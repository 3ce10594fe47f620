"""What try-on is worth: dressed people that it never saw, against exact truth, as figures."""

from pathlib import Path

REPORT = Path(__file__).parent / "evaluation.json"
SETS = {"front": "front", "all poses": "all"}  # in the report, and as `data.sets` names them
