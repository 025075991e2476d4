"""How many wait, in blocks of the line, counted by triggers whoever writes.

The release before writes tickets and knows nothing of it; so both may run at once.

Revision 0014 after 0013.
"""

import sqlalchemy as sa
from alembic import op

from server.kit.db import Id, UtcDateTime

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

# As they are made by this step, whatever `server/queueing/counts.py` says one day.
TRIGGERS = {
    "sqlite": (
        "CREATE TRIGGER queue_blocks_insert AFTER INSERT ON queue_tickets FOR EACH ROW WHEN "
        "(NEW.state = 'waiting') BEGIN INSERT INTO queue_blocks (clinic_id, profession, level, "
        "since, waiting) SELECT NEW.clinic_id, NEW.profession, NEW.level, NEW.arrived_at, 0 WHERE"
        " NEW.state = 'waiting' AND (NOT EXISTS (SELECT 1 FROM queue_blocks AS b WHERE "
        "b.clinic_id = NEW.clinic_id AND b.profession = NEW.profession AND b.level = NEW.level "
        "AND b.since <= NEW.arrived_at) OR ((SELECT b.waiting FROM queue_blocks AS b WHERE "
        "b.clinic_id = NEW.clinic_id AND b.profession = NEW.profession AND b.level = NEW.level "
        "AND b.since <= NEW.arrived_at ORDER BY b.since DESC LIMIT 1) >= 256 AND NOT EXISTS "
        "(SELECT 1 FROM queue_tickets AS t WHERE t.clinic_id = NEW.clinic_id AND t.profession = "
        "NEW.profession AND t.level = NEW.level AND t.state = 'waiting' AND t.arrived_at >= "
        "NEW.arrived_at AND t.id <> NEW.id))); UPDATE queue_blocks SET waiting = waiting + 1 "
        "WHERE NEW.state = 'waiting' AND clinic_id = NEW.clinic_id AND profession = "
        "NEW.profession AND level = NEW.level AND since = (SELECT max(b.since) FROM queue_blocks "
        "AS b WHERE b.clinic_id = NEW.clinic_id AND b.profession = NEW.profession AND b.level = "
        "NEW.level AND b.since <= NEW.arrived_at); END",
        "CREATE TRIGGER queue_blocks_update AFTER UPDATE OF state, clinic_id, profession, level, "
        "arrived_at ON queue_tickets FOR EACH ROW WHEN ((OLD.state = 'waiting') <> (NEW.state = "
        "'waiting') OR OLD.clinic_id <> NEW.clinic_id OR OLD.profession <> NEW.profession OR "
        "OLD.level <> NEW.level OR OLD.arrived_at <> NEW.arrived_at) BEGIN UPDATE queue_blocks "
        "SET waiting = waiting - 1 WHERE OLD.state = 'waiting' AND clinic_id = OLD.clinic_id AND "
        "profession = OLD.profession AND level = OLD.level AND since = (SELECT max(b.since) FROM "
        "queue_blocks AS b WHERE b.clinic_id = OLD.clinic_id AND b.profession = OLD.profession "
        "AND b.level = OLD.level AND b.since <= OLD.arrived_at); DELETE FROM queue_blocks WHERE "
        "OLD.state = 'waiting' AND waiting = 0 AND clinic_id = OLD.clinic_id AND profession = "
        "OLD.profession AND level = OLD.level AND since = (SELECT max(b.since) FROM queue_blocks "
        "AS b WHERE b.clinic_id = OLD.clinic_id AND b.profession = OLD.profession AND b.level = "
        "OLD.level AND b.since <= OLD.arrived_at); INSERT INTO queue_blocks (clinic_id, "
        "profession, level, since, waiting) SELECT NEW.clinic_id, NEW.profession, NEW.level, "
        "NEW.arrived_at, 0 WHERE NEW.state = 'waiting' AND (NOT EXISTS (SELECT 1 FROM "
        "queue_blocks AS b WHERE b.clinic_id = NEW.clinic_id AND b.profession = NEW.profession "
        "AND b.level = NEW.level AND b.since <= NEW.arrived_at) OR ((SELECT b.waiting FROM "
        "queue_blocks AS b WHERE b.clinic_id = NEW.clinic_id AND b.profession = NEW.profession "
        "AND b.level = NEW.level AND b.since <= NEW.arrived_at ORDER BY b.since DESC LIMIT 1) >= "
        "256 AND NOT EXISTS (SELECT 1 FROM queue_tickets AS t WHERE t.clinic_id = NEW.clinic_id "
        "AND t.profession = NEW.profession AND t.level = NEW.level AND t.state = 'waiting' AND "
        "t.arrived_at >= NEW.arrived_at AND t.id <> NEW.id))); UPDATE queue_blocks SET waiting = "
        "waiting + 1 WHERE NEW.state = 'waiting' AND clinic_id = NEW.clinic_id AND profession = "
        "NEW.profession AND level = NEW.level AND since = (SELECT max(b.since) FROM queue_blocks "
        "AS b WHERE b.clinic_id = NEW.clinic_id AND b.profession = NEW.profession AND b.level = "
        "NEW.level AND b.since <= NEW.arrived_at); END",
        "CREATE TRIGGER queue_blocks_delete AFTER DELETE ON queue_tickets FOR EACH ROW WHEN "
        "(OLD.state = 'waiting') BEGIN UPDATE queue_blocks SET waiting = waiting - 1 WHERE "
        "OLD.state = 'waiting' AND clinic_id = OLD.clinic_id AND profession = OLD.profession AND "
        "level = OLD.level AND since = (SELECT max(b.since) FROM queue_blocks AS b WHERE "
        "b.clinic_id = OLD.clinic_id AND b.profession = OLD.profession AND b.level = OLD.level "
        "AND b.since <= OLD.arrived_at); DELETE FROM queue_blocks WHERE OLD.state = 'waiting' AND"
        " waiting = 0 AND clinic_id = OLD.clinic_id AND profession = OLD.profession AND level = "
        "OLD.level AND since = (SELECT max(b.since) FROM queue_blocks AS b WHERE b.clinic_id = "
        "OLD.clinic_id AND b.profession = OLD.profession AND b.level = OLD.level AND b.since <= "
        "OLD.arrived_at); END",
    ),
    "postgresql": (
        "CREATE FUNCTION queue_blocks_insert() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        "INSERT INTO queue_blocks (clinic_id, profession, level, since, waiting) SELECT "
        "NEW.clinic_id, NEW.profession, NEW.level, NEW.arrived_at, 0 WHERE NEW.state = 'waiting' "
        "AND (NOT EXISTS (SELECT 1 FROM queue_blocks AS b WHERE b.clinic_id = NEW.clinic_id AND "
        "b.profession = NEW.profession AND b.level = NEW.level AND b.since <= NEW.arrived_at) OR "
        "((SELECT b.waiting FROM queue_blocks AS b WHERE b.clinic_id = NEW.clinic_id AND "
        "b.profession = NEW.profession AND b.level = NEW.level AND b.since <= NEW.arrived_at "
        "ORDER BY b.since DESC LIMIT 1) >= 256 AND NOT EXISTS (SELECT 1 FROM queue_tickets AS t "
        "WHERE t.clinic_id = NEW.clinic_id AND t.profession = NEW.profession AND t.level = "
        "NEW.level AND t.state = 'waiting' AND t.arrived_at >= NEW.arrived_at AND t.id <> "
        "NEW.id))); UPDATE queue_blocks SET waiting = waiting + 1 WHERE NEW.state = 'waiting' AND"
        " clinic_id = NEW.clinic_id AND profession = NEW.profession AND level = NEW.level AND "
        "since = (SELECT max(b.since) FROM queue_blocks AS b WHERE b.clinic_id = NEW.clinic_id "
        "AND b.profession = NEW.profession AND b.level = NEW.level AND b.since <= "
        "NEW.arrived_at); RETURN NULL; END $$",
        "CREATE TRIGGER queue_blocks_insert AFTER INSERT ON queue_tickets FOR EACH ROW WHEN "
        "(NEW.state = 'waiting') EXECUTE FUNCTION queue_blocks_insert()",
        "CREATE FUNCTION queue_blocks_update() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        "UPDATE queue_blocks SET waiting = waiting - 1 WHERE OLD.state = 'waiting' AND clinic_id "
        "= OLD.clinic_id AND profession = OLD.profession AND level = OLD.level AND since = "
        "(SELECT max(b.since) FROM queue_blocks AS b WHERE b.clinic_id = OLD.clinic_id AND "
        "b.profession = OLD.profession AND b.level = OLD.level AND b.since <= OLD.arrived_at); "
        "DELETE FROM queue_blocks WHERE OLD.state = 'waiting' AND waiting = 0 AND clinic_id = "
        "OLD.clinic_id AND profession = OLD.profession AND level = OLD.level AND since = (SELECT "
        "max(b.since) FROM queue_blocks AS b WHERE b.clinic_id = OLD.clinic_id AND b.profession ="
        " OLD.profession AND b.level = OLD.level AND b.since <= OLD.arrived_at); INSERT INTO "
        "queue_blocks (clinic_id, profession, level, since, waiting) SELECT NEW.clinic_id, "
        "NEW.profession, NEW.level, NEW.arrived_at, 0 WHERE NEW.state = 'waiting' AND (NOT EXISTS"
        " (SELECT 1 FROM queue_blocks AS b WHERE b.clinic_id = NEW.clinic_id AND b.profession = "
        "NEW.profession AND b.level = NEW.level AND b.since <= NEW.arrived_at) OR ((SELECT "
        "b.waiting FROM queue_blocks AS b WHERE b.clinic_id = NEW.clinic_id AND b.profession = "
        "NEW.profession AND b.level = NEW.level AND b.since <= NEW.arrived_at ORDER BY b.since "
        "DESC LIMIT 1) >= 256 AND NOT EXISTS (SELECT 1 FROM queue_tickets AS t WHERE t.clinic_id "
        "= NEW.clinic_id AND t.profession = NEW.profession AND t.level = NEW.level AND t.state = "
        "'waiting' AND t.arrived_at >= NEW.arrived_at AND t.id <> NEW.id))); UPDATE queue_blocks "
        "SET waiting = waiting + 1 WHERE NEW.state = 'waiting' AND clinic_id = NEW.clinic_id AND "
        "profession = NEW.profession AND level = NEW.level AND since = (SELECT max(b.since) FROM "
        "queue_blocks AS b WHERE b.clinic_id = NEW.clinic_id AND b.profession = NEW.profession "
        "AND b.level = NEW.level AND b.since <= NEW.arrived_at); RETURN NULL; END $$",
        "CREATE TRIGGER queue_blocks_update AFTER UPDATE OF state, clinic_id, profession, level, "
        "arrived_at ON queue_tickets FOR EACH ROW WHEN ((OLD.state = 'waiting') <> (NEW.state = "
        "'waiting') OR OLD.clinic_id <> NEW.clinic_id OR OLD.profession <> NEW.profession OR "
        "OLD.level <> NEW.level OR OLD.arrived_at <> NEW.arrived_at) EXECUTE FUNCTION "
        "queue_blocks_update()",
        "CREATE FUNCTION queue_blocks_delete() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        "UPDATE queue_blocks SET waiting = waiting - 1 WHERE OLD.state = 'waiting' AND clinic_id "
        "= OLD.clinic_id AND profession = OLD.profession AND level = OLD.level AND since = "
        "(SELECT max(b.since) FROM queue_blocks AS b WHERE b.clinic_id = OLD.clinic_id AND "
        "b.profession = OLD.profession AND b.level = OLD.level AND b.since <= OLD.arrived_at); "
        "DELETE FROM queue_blocks WHERE OLD.state = 'waiting' AND waiting = 0 AND clinic_id = "
        "OLD.clinic_id AND profession = OLD.profession AND level = OLD.level AND since = (SELECT "
        "max(b.since) FROM queue_blocks AS b WHERE b.clinic_id = OLD.clinic_id AND b.profession ="
        " OLD.profession AND b.level = OLD.level AND b.since <= OLD.arrived_at); RETURN NULL; END"
        " $$",
        "CREATE TRIGGER queue_blocks_delete AFTER DELETE ON queue_tickets FOR EACH ROW WHEN "
        "(OLD.state = 'waiting') EXECUTE FUNCTION queue_blocks_delete()",
    ),
}
_NAMES = ("queue_blocks_insert", "queue_blocks_update", "queue_blocks_delete")
# Equal arrivals have one rank, and so are in one block.
_COUNT = """
INSERT INTO queue_blocks (clinic_id, profession, level, since, waiting)
SELECT clinic_id, profession, level, min(arrived_at), count(*)
FROM (
    SELECT clinic_id, profession, level, arrived_at, (rank() OVER (
        PARTITION BY clinic_id, profession, level ORDER BY arrived_at
    ) - 1) / 256 AS block
    FROM queue_tickets WHERE state = 'waiting'
) AS line
GROUP BY clinic_id, profession, level, block
"""


def upgrade() -> None:
    """Apply the step. The triggers come first: on PostgreSQL they keep others from writing."""
    op.create_table(
        "queue_blocks",
        sa.Column("clinic_id", Id, nullable=False),
        sa.Column("profession", sa.String(length=20), nullable=False),
        sa.Column("level", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("since", UtcDateTime(), nullable=False),
        sa.Column("waiting", sa.Integer(), nullable=False),
        sa.CheckConstraint("waiting >= 0", name=op.f("ck_queue_blocks_waiting")),
        sa.ForeignKeyConstraint(
            ["clinic_id"], ["clinics.id"], name=op.f("fk_queue_blocks_clinic_id_clinics")
        ),
        sa.PrimaryKeyConstraint(
            "clinic_id", "profession", "level", "since", name=op.f("pk_queue_blocks")
        ),
        sqlite_with_rowid=False,
    )
    for statement in TRIGGERS[op.get_bind().dialect.name]:
        op.execute(statement)
    op.execute(_COUNT)


def downgrade() -> None:
    """Take the step back."""
    postgresql = op.get_bind().dialect.name == "postgresql"
    for name in _NAMES:
        op.execute(f"DROP TRIGGER {name}" + (" ON queue_tickets" if postgresql else ""))
        if postgresql:
            op.execute(f"DROP FUNCTION {name}()")
    op.drop_table("queue_blocks")
