"""The data classes of ON News, and the archive that stores them.

Every call that uses the database may raise `db.outage.DatabaseUnavailableError`: the database
cannot be used now. Nothing was done then, unless a COMMIT got no answer. Await its `over`, then try
again.
"""
