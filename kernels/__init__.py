"""Fused operations, each a plain function with its torch reference beside it: none so far."""
