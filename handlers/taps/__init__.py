"""The data of buttons and deep links, encoded and decoded."""
