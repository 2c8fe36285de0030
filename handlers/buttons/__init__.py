"""The layout of buttons, and the buttons that several conversations share."""
