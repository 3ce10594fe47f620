"""Pictures and video in another style, live on a CPU."""
