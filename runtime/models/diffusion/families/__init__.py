"""Families of diffusion models, each in terms of its own diffusers classes."""
