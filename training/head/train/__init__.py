"""Teach a net to hear mouths."""
