"""The ports on which this process answers HTTP, bounded in connections, time and descriptors."""
