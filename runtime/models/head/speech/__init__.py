"""Text to speech: voices, sentences as they are written, and when each of their words is heard."""
