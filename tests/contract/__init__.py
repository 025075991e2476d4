"""What must stay true of the tree itself: its rooms, its papers, its lock files."""
