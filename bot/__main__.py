"""`python -m bot` is `onnews`."""

from bot.cli.cli import program

if __name__ == "__main__":
    program()
