"""Tools for AI assistants over the Model Context Protocol: pictures, and a live drawing."""
