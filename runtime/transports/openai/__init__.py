"""Pictures as OpenAI's clients ask for them, under ``/v1/images``."""
