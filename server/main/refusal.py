"""Why a command can't be done, in a sentence for the person who typed it."""


class RefusalError(Exception):
    """What is wrong and what to do about it. The command ends with exit status 1."""
