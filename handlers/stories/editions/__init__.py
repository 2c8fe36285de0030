"""`/digest`: today's edition and earlier ones, and the pages behind their buttons."""
