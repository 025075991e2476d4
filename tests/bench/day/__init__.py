"""The peak day: everybody logs in, waits, is called and writes, while somebody attacks."""
