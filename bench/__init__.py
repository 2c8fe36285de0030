"""Measurements: `./dev bench NAME [--json]`."""
