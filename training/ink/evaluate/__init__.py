"""What `ink` paints, measured: against held-out art, other drawings, and the words it was told."""

from pathlib import Path

REPORT = Path(__file__).with_name("evaluation.json")  # the evaluation that the card tells
