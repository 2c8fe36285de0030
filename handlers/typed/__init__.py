"""What people type, read into values: commands, hours, days, cities, requests."""
