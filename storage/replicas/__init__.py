"""Several processes that share one bot: who they are, and what each of them holds."""
