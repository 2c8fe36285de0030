"""One database: its address, connections, reads and writes, outages and failures."""
