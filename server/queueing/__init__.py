"""The queue (kön): tickets, who is on duty, places and waits."""
