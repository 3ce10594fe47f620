"""The stage that keeps moving pictures calm, and at pace, before and after a model's calls."""
