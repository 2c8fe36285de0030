"""Several processes of the bot on one PostgreSQL, for `./dev bench replicas` and journeys."""
