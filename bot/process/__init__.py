"""Logging, memory settings and the stopping of this process."""
