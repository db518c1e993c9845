"""The desk: staff, gaps, entries, evaluation questions, audit, counts; and what turns keep for it."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

APPEND_ONLY = ("audit", "desk_step", "desk_version")
MOMENT = sa.DateTime(timezone=True)


def column(name: str, kind: object, **more: object) -> sa.Column:
    """A column that must be filled unless said otherwise."""
    return sa.Column(name, kind, **{"nullable": False, **more})  # type: ignore[arg-type] - Column's options, passed on


def upgrade() -> None:
    """Adds the columns and tables."""
    op.add_column("turn", column("probability", sa.Float, nullable=True))
    op.add_column("turn", column("threshold", sa.Float, nullable=True))
    op.add_column("turn", column("examined", sa.Boolean, server_default=sa.false()))
    op.add_column("feedback", column("examined", sa.Boolean, server_default=sa.false()))
    op.create_index("turn_by_examined", "turn", ["examined"])
    _staff()
    _gaps()
    _entries()
    _log()
    for table in APPEND_ONLY:
        _append_only(table)
    op.execute(
        sa.text("INSERT INTO desk_state (id, paused, notice, revision) VALUES (1, :off, '{}', 0)").bindparams(
            sa.bindparam("off", False, sa.Boolean)
        )
    )


def _staff() -> None:
    op.create_table(
        "staff",
        column("name", sa.String(100), primary_key=True),
        column("role", sa.String(8)),
        column("password", sa.Text, nullable=True),
        column("disabled", sa.Boolean),
        column("created", MOMENT),
    )
    op.create_table(
        "staff_session",
        column("token_hash", sa.String(64), primary_key=True),
        sa.Column("staff", sa.String(100), sa.ForeignKey("staff.name", ondelete="CASCADE"), nullable=False),
        column("csrf", sa.String(64)),
        column("created", MOMENT),
        column("seen", MOMENT),
    )
    op.create_index("ix_staff_session_staff", "staff_session", ["staff"])
    op.create_table(
        "sign_in_try",
        column("key", sa.String(120), primary_key=True),
        column("failures", sa.Integer),
        column("last", MOMENT),
        column("locked_until", MOMENT, nullable=True),
    )
    op.create_table(
        "provider_sign_in",
        column("state_hash", sa.String(64), primary_key=True),
        column("nonce", sa.String(64)),
        column("verifier", sa.String(128)),
        column("created", MOMENT),
    )


def _gaps() -> None:
    op.create_table(
        "gap",
        column("id", sa.Integer, primary_key=True, autoincrement=True),
        column("state", sa.String(12)),
        column("reason", sa.String(32), nullable=True),
        column("merged_into", sa.Integer, nullable=True),
        column("entry", sa.String(200), nullable=True),
        column("opened", MOMENT),
        column("closed", MOMENT, nullable=True),
        column("last", MOMENT),
        column("asked", sa.Integer),
    )
    op.create_index("ix_gap_state", "gap", ["state"])
    op.create_table(
        "gap_question",
        column("id", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("gap", sa.Integer, sa.ForeignKey("gap.id", ondelete="CASCADE"), nullable=False),
        column("answer_id", sa.String(32), unique=True),
        column("text", sa.Text),
        column("language", sa.String(2)),
        column("cause", sa.String(16)),
        column("asked", MOMENT),
        column("vector", sa.LargeBinary),
    )
    op.create_index("ix_gap_question_gap", "gap_question", ["gap"])
    op.create_table(
        "gap_week",
        sa.Column("gap", sa.Integer, sa.ForeignKey("gap.id", ondelete="CASCADE"), primary_key=True, nullable=False),
        column("week", sa.String(8), primary_key=True),
        column("asked", sa.Integer),
    )


def _entries() -> None:
    op.create_table(
        "desk_entry",
        column("id", sa.String(200), primary_key=True),
        sa.Column("gap", sa.Integer, sa.ForeignKey("gap.id", ondelete="SET NULL")),
        column("state", sa.String(12)),
        column("newest", sa.Integer),
        column("live", sa.Integer, nullable=True),
        column("note", sa.Text, nullable=True),
        column("changed", MOMENT),
    )
    op.create_index("ix_desk_entry_state", "desk_entry", ["state"])
    op.create_table(
        "desk_version",
        sa.Column("entry", sa.String(200), sa.ForeignKey("desk_entry.id"), primary_key=True, nullable=False),
        column("number", sa.Integer, primary_key=True, autoincrement=False),
        column("content", sa.JSON),
        column("author", sa.String(100)),
        column("created", MOMENT),
    )
    op.create_table(
        "desk_step",
        column("id", sa.Integer, primary_key=True, autoincrement=True),
        column("entry", sa.String(200)),
        column("version", sa.Integer),
        column("action", sa.String(12)),
        column("by", sa.String(100)),
        column("at", MOMENT),
        column("comment", sa.Text, nullable=True),
        sa.ForeignKeyConstraint(["entry", "version"], ["desk_version.entry", "desk_version.number"]),
    )
    op.create_index("desk_step_by_entry", "desk_step", ["entry", "version"])
    for name, more in (
        (
            "evaluation_question",
            (column("statuses", sa.JSON), column("must", sa.JSON), column("topic", sa.String(100))),
        ),
        (
            "asked_again",
            (
                column("version", sa.Integer),
                column("status", sa.String(32)),
                column("answered_by", sa.String(200), nullable=True),
                column("at", MOMENT),
            ),
        ),
    ):
        op.create_table(
            name,
            column("id", sa.Integer, primary_key=True, autoincrement=True),
            sa.Column("entry", sa.String(200), sa.ForeignKey("desk_entry.id"), nullable=False),
            column("language", sa.String(2)),
            column("text", sa.Text),
            *more,
        )
        op.create_index(f"ix_{name}_entry", name, ["entry"])


def _log() -> None:
    op.create_table(
        "outcome",
        column("id", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column(
            "conversation", sa.String(64), sa.ForeignKey("conversation.token", ondelete="CASCADE"), nullable=False
        ),
        column("by", sa.String(100)),
        column("at", MOMENT),
        column("outcome", sa.String(16)),
        column("note", sa.Text, nullable=True),
    )
    op.create_index("ix_outcome_conversation", "outcome", ["conversation"])
    op.create_table(
        "audit",
        column("id", sa.Integer, primary_key=True, autoincrement=True),
        column("at", MOMENT),
        column("actor", sa.String(100)),
        column("action", sa.String(40)),
        column("subject", sa.String(200)),
        column("detail", sa.JSON),
    )
    op.create_index("ix_audit_at", "audit", ["at"])
    op.create_index("audit_by_action", "audit", ["action", "at"])
    op.create_table(
        "daily_count",
        column("day", sa.String(10), primary_key=True),
        column("kind", sa.String(12), primary_key=True),
        column("language", sa.String(2), primary_key=True),
        column("key", sa.String(200), primary_key=True),
        column("count", sa.Integer),
    )
    op.create_table(
        "desk_state",
        column("id", sa.Integer, primary_key=True),
        column("paused", sa.Boolean),
        column("notice", sa.JSON),
        column("revision", sa.Integer),
        column("forgotten", sa.String(10), nullable=True),
    )


def _append_only(table: str) -> None:
    """The database itself refuses to change or delete a row."""
    if op.get_bind().dialect.name == "sqlite":
        for event in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER {table}_refuses_{event.lower()} BEFORE {event} ON {table} BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
            )
        return
    op.execute(
        f"CREATE FUNCTION {table}_refuses() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$ BEGIN RAISE EXCEPTION '{table} is append-only' USING ERRCODE = 'integrity_constraint_violation'; END $$"
    )
    op.execute(
        f"CREATE TRIGGER {table}_refuses_change BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} FOR EACH STATEMENT EXECUTE FUNCTION {table}_refuses()"
    )


def downgrade() -> None:
    """Back to conversations alone; what the desk holds is lost."""
    if op.get_bind().dialect.name == "sqlite":
        for table in APPEND_ONLY:
            for event in ("update", "delete"):
                op.execute(f"DROP TRIGGER {table}_refuses_{event}")
    for table in (
        "desk_state", "daily_count", "audit", "outcome", "asked_again", "evaluation_question", "desk_step", "desk_version", "desk_entry",
        "gap_week", "gap_question", "gap", "provider_sign_in", "sign_in_try", "staff_session", "staff",
    ):  # fmt: skip
        op.drop_table(table)
    if op.get_bind().dialect.name != "sqlite":
        for table in APPEND_ONLY:
            op.execute(f"DROP FUNCTION {table}_refuses()")
    op.drop_index("turn_by_examined", "turn")
    op.drop_column("feedback", "examined")
    for name in ("examined", "threshold", "probability"):
        op.drop_column("turn", name)
