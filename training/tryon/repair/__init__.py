"""Training of the repair net: what old clothes leave bare, of synthetic bodies."""
