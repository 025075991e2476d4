"""The relay's limits and delays in one place. Times are seconds."""

# Browsers call a connection disconnected after 5 s of silence and give up after 15 to 30 s.
DISCONNECTED_AFTER = 5.0
FAILED_AFTER = 30.0
# From the offer to the answer, and from the answer to a finished DTLS handshake.
ANSWER_WITHIN = 30.0
HANDSHAKE_WITHIN = 30.0

MAX_LEGS = 400
# Legs that hear only themselves, to test equipment: beside the others, never in their place.
MAX_ECHOES = 40
ECHO_FOR = 120.0
# Addresses that one leg may have proved to own: a phone has Wi-Fi, mobile, IPv4, IPv6.
MAX_PATHS = 8
# Streams that one leg may send over its life. libsrtp keeps a context for each.
MAX_SOURCES = 16
# Names that one leg may report under: Firefox has one for each section of the offer.
MAX_REPORTERS = 32
# Handshake datagrams that wait for the answer or for the handshake task.
MAX_WAITING_DTLS = 32

# A path that is silent for so long loses its leg to another path that is alive.
PATH_SILENT_AFTER = 2.0

# Packets that are kept to answer a NACK, a power of two; at 720p about four seconds.
CACHE = 512
# A keyframe costs as much as a second of video: don't ask more often.
KEYFRAME_INTERVAL = 0.3
# A stream that waits for its source to begin asks again after the first, for as long as the
# second; then it begins with whatever comes.
KEYFRAME_AGAIN = 0.8
KEYFRAME_PATIENCE = 2.0
# Who was silent for so long, and lost so many packets meanwhile, had no network: a keyframe is
# there before all that could be repaired, and the loss says nothing of what the network carries. A
# receiver that lacks so many that it was sent at least a second ago is treated alike.
OUTAGE = 0.7
OUTAGE_LOST = 8
# The same loss is not repaired again before the repair can have arrived: the round trip, within
# these bounds, or the second of them while it is unknown.
RESEND_INTERVAL = (0.01, 0.1, 0.5)
# The part of the receiver's estimate that repairs may fill: on a full link each of them is one
# more cause for the next. What does not fit waits for a keyframe.
RESEND_PART = 0.5
NACK_UPSTREAM_INTERVAL = 0.03
# Numbers honoured in one RTCP compound, so that a feedback storm costs a bounded time.
MAX_NACKS = 256

# Bits a second that a sender starts with. Browsers start at 300 kbit/s and need many seconds to
# climb; a face needs about a megabit.
START_BITRATE = 1_000_000
MAX_BITRATE = 2_500_000

# What one leg may send: camera, screen and sound at their most, repairs and probes. Beyond it
# packets are dropped before they cost anything, sound last; so many octets may come at once.
UPLINK_BITRATE = 8_000_000
UPLINK_BURST = UPLINK_BITRATE // 16
UPLINK_RESERVE = 32 << 10
# What a sender is told at most, so that it stays below that by itself.
TOLD_BITRATE = 6_000_000
# A worker that forwards more takes no new visits: some four fifths of what one core can.
WORKER_BITRATE = 400_000_000
# Checks for one leg that are looked at between two ticks, each an HMAC: browsers send some ten.
MAX_CHECKS = 100
# RTCP datagrams of one leg that are looked at between two ticks: who receives six pictures over a
# link that loses sends some sixty. Of each sender's report and each estimate others are told.
MAX_REPORTS = 200
# What a leg holds at most: the packets of two pictures that it sends, and for a peer without RTX
# copies of six that it is sent, all as large as datagrams may be: 20 MiB. Usually it is 1.5 MB.
LEG_OCTETS = 8 * CACHE * 4096 + (4 << 20)

# Of header extensions a browser sends three short ones; 32-bit words.
MAX_EXTENSION_WORDS = 16
# Of three and more: the bits a second below which a picture is not worth sending, how long a
# receiver may have less for each before it loses them, and for how long at first and at most.
FLOOR = 100_000
THIN_FOR = 3.0
HELD_FOR = (10.0, 60.0)
# What signing takes: see the profiles of `signaling/rooms`. Beyond it all pictures are alike.
SIGNED = 600_000
# What was silent for so long takes no part of anybody's link.
LIVE_WINDOW = 2.0

REPORT_INTERVAL = 1.0
# How often a sender is told of its packets' arrival: what draft-holmer-rmcat-transport-wide-cc
# asks for is once a round trip, and browsers themselves do it ten times a second.
ARRIVALS_INTERVAL = 0.08
# Packets that one such message tells of, so that it fits in a datagram whatever was lost between.
MAX_ARRIVALS = 128
# Numbers between two packets beyond which the sender has begun anew: nothing was lost there.
MAX_ARRIVALS_GAP = 4096
# Packets that came out of order are told of one by one; so many at a time, and so many messages
# about the others where one can't hold them.
MAX_ARRIVALS_APART = 8
TICK = 0.1
MEDIA_WINDOW = 1.0

# Datagrams read before the event loop gets its turn.
BATCH = 64
DATAGRAM = 4096
SOCKET_BUFFER = 8 << 20

# Over TCP. How long a connection has to show that it is a leg's, how many may not have shown it
# yet, in all and from one network; the legs' own, for each leg that there may be.
TCP_PROOF_WITHIN = 5.0
TCP_UNPROVED = 128
TCP_UNPROVED_EACH = 16
TCP_LINKS_EACH_LEG = 4
# Connections that are accepted before the event loop gets its turn, and that wait in the kernel.
TCP_ACCEPTS = 16
TCP_BACKLOG = 128
# When the process can open no more sockets, it asks again after so long.
TCP_REST = 1.0
# A connection that nothing comes from, and one that takes nothing of what waits for it, are closed.
TCP_SILENT = 60.0
TCP_STALLED = 10.0
# Octets: read at once; not yet sent by the kernel; waiting here beyond that, above which first
# pictures and then everything is dropped: half a second of 1 Mbit/s.
TCP_READ = 16 << 10
TCP_UNSENT = 16 << 10
TCP_QUEUE_VIDEO = 64 << 10
TCP_QUEUE = 96 << 10

SDP_BYTES = 64 * 1024
STUN_BYTES = 1280
