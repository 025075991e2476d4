"""What the real-time side counts. Labels are names of the protocol, never a client's words."""

from functools import cache

from prometheus_client import Counter, Gauge, Histogram

CONNECTIONS = Gauge("vardrum_socket_connections", "Open sockets", ["namespace"])
REFUSED = Counter("vardrum_socket_refused_total", "Handshakes without a valid session")
_HINTS = Counter("vardrum_socket_hints_total", "Hints sent, each counted once per room", ["event"])
_REQUESTS = Counter("vardrum_socket_requests_total", "Client events by answer", ["event", "answer"])
_REQUEST_SECONDS = Histogram(
    "vardrum_socket_request_seconds",
    "Time from a client event to its ack",
    ["event"],
    buckets=(0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1, 3, 10),
)
# To look up the one that counts some labels costs more than to count.
hints = cache(_HINTS.labels)
requests = cache(_REQUESTS.labels)
request_seconds = cache(_REQUEST_SECONDS.labels)
LEGS = Gauge("vardrum_call_legs", "Legs that this process knows of")
ECHOES = Gauge("vardrum_call_echoes", "Tests of equipment that this process knows of")
