"""Telegram's limits, who goes first, and what its errors mean."""
