"""The process: settings, assembly, command line, Telegram transport."""
