"""The real-time side: hints, chat and call signalling over Socket.IO, and the media relay."""
