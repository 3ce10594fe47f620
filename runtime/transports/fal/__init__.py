"""fal's realtime protocol: its clients draw with our models, unmodified."""
