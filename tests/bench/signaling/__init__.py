"""`make bench-signaling`: our socket beside Node's socket.io server and plain python-socketio."""
