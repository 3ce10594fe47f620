"""Kernels with holes: loads, loops and stores here, the operation's own arithmetic passed in."""
