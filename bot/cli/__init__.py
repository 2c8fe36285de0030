"""The commands of `onnews`, which operators use in a terminal.

What an operator gave wrongly, or what cannot be used, raises click.ClickException: the command ends
with one line that says what to do.
"""
