"""How long a picture is gone when something breaks."""
