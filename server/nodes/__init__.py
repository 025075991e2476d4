"""The machines that forward media, and which of them holds a visit."""
