"""A stand-in for Telegram on this machine, with a chat page and a newsstand.

    async with Playground() as town:      # playground.server
        ana = town.person("Ana", "it")    # playground.people.people
        await ana.start()
        welcome = await ana.next()
        await ana.tap("Motor")

A bot that is given `town.url` as its Bot API server, and `town.token`, talks to Ana. It is held
to Telegram's rules: what Telegram would refuse is refused in its words, and what can never have
been right is kept in `town.violations`.
"""
