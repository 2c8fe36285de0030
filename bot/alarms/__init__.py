"""Alarms that operators receive in chat: one message when a problem lasts, one when it is over."""
