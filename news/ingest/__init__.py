"""What a round brought, into the archive: what is new, what is known, one transaction."""
