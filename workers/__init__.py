"""Worker processes that parse untrusted documents within limits of time and memory."""
