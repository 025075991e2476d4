"""``vardrum doctor``: looks at everything that the server stands on, and says what to do.

Each module reads one part of it, and judges what it read in functions that read nothing.
"""
