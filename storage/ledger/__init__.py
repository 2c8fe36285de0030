"""The ledger: deliveries that are planned, claimed, settled and counted."""
