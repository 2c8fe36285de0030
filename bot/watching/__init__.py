"""Monitoring of the process and its deliveries: health, metrics, systemd, nightly jobs."""
