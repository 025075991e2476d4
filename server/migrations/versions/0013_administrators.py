"""Administrators, and the log of what they did.

To the release before they are staff like others, and it writes no line of the log.

Revision 0013 after 0012.
"""

import sqlalchemy as sa
from alembic import op

from server.kit.db import UtcDateTime

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply the step."""
    op.add_column("accounts", sa.Column("administrator_since", UtcDateTime(), nullable=True))
    op.create_table(
        "admin_log",
        sa.Column(
            "id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=True,
            nullable=False,
        ),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("actor_id", sa.String(length=36), nullable=True),
        sa.Column("action", sa.String(length=40), nullable=False),
        sa.Column("account_id", sa.String(length=36), nullable=True),
        sa.Column("clinic_id", sa.String(length=36), nullable=True),
        sa.Column("profession", sa.String(length=20), nullable=True),
        sa.ForeignKeyConstraint(
            ["account_id"], ["accounts.id"], name=op.f("fk_admin_log_account_id_accounts")
        ),
        sa.ForeignKeyConstraint(
            ["actor_id"], ["accounts.id"], name=op.f("fk_admin_log_actor_id_accounts")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_admin_log")),
        sqlite_autoincrement=True,
    )
    if op.get_bind().dialect.name == "sqlite":
        for verb in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER admin_log_no_{verb.lower()} BEFORE {verb} ON admin_log "
                "BEGIN SELECT RAISE(ABORT, 'the log of administrators is append-only'); END"
            )
        return
    op.execute(
        "CREATE FUNCTION admin_log_only_grows() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION 'the log of administrators is append-only' "
        "USING ERRCODE = 'restrict_violation'; END $$"
    )
    op.execute(
        "CREATE TRIGGER admin_log_only_grows BEFORE UPDATE OR DELETE OR TRUNCATE ON admin_log "
        "FOR EACH STATEMENT EXECUTE FUNCTION admin_log_only_grows()"
    )


def downgrade() -> None:
    """Take the step back."""
    op.drop_table("admin_log")
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION admin_log_only_grows()")
    op.drop_column("accounts", "administrator_since")
