"""Two people in a real browser, over a network that can be broken on purpose."""
