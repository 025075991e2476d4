"""Messages (meddelanden): the conversation of a visit."""
