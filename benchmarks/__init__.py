"""Measurements of the whole path: each module is one, all report in one form."""
