"""Talking heads: sound and text in, a speaking face with its sound out."""
