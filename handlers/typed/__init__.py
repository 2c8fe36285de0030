"""The reading of typed text as values: commands, times, days, cities and requests."""
