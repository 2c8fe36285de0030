"""Choosing, rendering, planning and sending one subscriber's edition."""
