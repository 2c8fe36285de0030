"""What ON News is measured against: each module is one peer, run as a process of its own."""
