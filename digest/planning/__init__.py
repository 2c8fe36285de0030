"""Who is due: the ledger's rows of editions and alerts."""
