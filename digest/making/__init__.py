"""What a row of the ledger carries, as messages that are ready to be sent."""
