"""`make bench-journey`: what one patient's way through the product costs, from login to goodbye."""
