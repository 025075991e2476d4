"""What a visit costs in the relay, beside Janus, aiortc's MediaRelay and no server at all."""
