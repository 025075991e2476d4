"""Media nodes as they last told of themselves, and the visits on them."""

import sqlalchemy as sa

from server.kit.db import Id, UtcDateTime, metadata

media_nodes = sa.Table(
    "media_nodes",
    metadata,
    sa.Column("id", Id, primary_key=True),
    sa.Column("address", sa.String(300), nullable=False),
    sa.Column("capacity", sa.Integer, nullable=False),
    sa.Column("legs", sa.Integer, nullable=False),
    sa.Column("draining", sa.Boolean, nullable=False),
    sa.Column("seen_at", UtcDateTime, nullable=False),
)

# No foreign keys: a test of equipment is a visit to the relay and none of care, and a visit stays
# where it was put for a moment longer than the node's row.
media_visits = sa.Table(
    "media_visits",
    metadata,
    sa.Column("visit_id", Id, primary_key=True),
    sa.Column("node_id", Id, nullable=False),
    sa.Column("placed_at", UtcDateTime, nullable=False, index=True),
)
