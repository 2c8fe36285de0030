"""The entry point of `python -m bot`, which runs `onnews`."""

from bot.cli.cli import program

if __name__ == "__main__":
    program()
