"""Real time: Socket.IO for hints and signalling, and the media relay."""
