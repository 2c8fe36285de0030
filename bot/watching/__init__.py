"""How the process, its sources and its deliveries are: health, metrics, systemd, nightly upkeep."""
