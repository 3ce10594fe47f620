"""Teach one small net all styles."""
