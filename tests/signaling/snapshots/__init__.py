"""An old snapshot and the hints since make the fresh snapshot, by the book and in the client."""
