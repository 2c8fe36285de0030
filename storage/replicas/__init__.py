"""Several processes that share one bot: who they are, and what each of them holds.

A write for a replica that others have removed raises IntegrityError.
"""
