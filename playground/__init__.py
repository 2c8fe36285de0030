"""A stand-in for Telegram on this machine, with a chat page and a newsstand.

    async with Playground() as town:      # playground.server
        ana = town.person("Ana", "it")    # playground.people.people
        await ana.start()
        welcome = await ana.next()
        await ana.tap("Motor")

Give a bot `town.url` as its Bot API server and `town.token`, and it talks to Ana. The playground
enforces Telegram's rules: what Telegram would refuse is refused in its words, and requests that
could never be right are collected in `town.violations`.
"""
