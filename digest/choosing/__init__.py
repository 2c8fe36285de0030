"""Which stories an edition has, in which order, and why."""
