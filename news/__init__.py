"""Processing of news, from a source on the web to an article in the archive.

Whatever reads or writes the archive may raise DatabaseUnavailableError; what writes, LeaseLostError
once another process serves the archive.
"""
