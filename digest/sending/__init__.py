"""From the ledger to Telegram, and back to the ledger."""
