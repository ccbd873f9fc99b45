"""The frame of every case: what it waits for, what was promised, its story, and what changes while one looks."""
