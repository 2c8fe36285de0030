"""Which process serves an archive, and which processes are alive.

One process has the lease (`lease.py`) and renews it; it sends, asks sources and polls. It takes the
lease under the lock (`lock.py`), which is also held while tables are changed. Whoever waits for it
knows by `liveness.py` when the holder is gone: by its process on the same machine, else by a row
that stands still. `bot/serving/standby.py` waits in that way, and stops the process that has lost
the lease. On PostgreSQL further processes answer readers meanwhile (`storage/replicas/`,
`bot/serving/replica.py`), alive by the same rule; one that Telegram does not answer leaves its work
to them (`bot/serving/telegram_silence.py`). People who look from outside read `heartbeat.py` and
`seen_replicas.py`.
"""
