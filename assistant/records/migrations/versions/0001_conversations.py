"""Conversations, turns and feedback."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """The tables as they were before there were migrations."""
    moment = sa.DateTime(timezone=True)
    op.create_table(
        "conversation",
        sa.Column("token", sa.String(64), primary_key=True),
        sa.Column("code", sa.String(12), nullable=False, unique=True),
        sa.Column("created", moment, nullable=False),
    )
    op.create_index("ix_conversation_created", "conversation", ["created"])
    op.create_table(
        "turn",
        sa.Column("answer_id", sa.String(32), primary_key=True),
        sa.Column(
            "conversation", sa.String(64), sa.ForeignKey("conversation.token", ondelete="CASCADE"), nullable=False
        ),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("asked", moment, nullable=False),
        sa.Column("question", sa.Text, nullable=False),
        sa.Column("standalone", sa.Text, nullable=False),
        sa.Column("topic", sa.Text),
        sa.Column("entry", sa.String(200)),
        sa.Column("language", sa.String(2), nullable=False),
        sa.Column("status", sa.String(32), nullable=False),
        sa.Column("mode", sa.String(16), nullable=False),
        sa.Column("answer", sa.JSON, nullable=False),
    )
    op.create_index("turn_by_conversation", "turn", ["conversation", "number"])
    op.create_table(
        "feedback",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("answer_id", sa.String(32), sa.ForeignKey("turn.answer_id", ondelete="CASCADE"), nullable=False),
        sa.Column("given", moment, nullable=False),
        sa.Column("rating", sa.String(4), nullable=False),
        sa.Column("reason", sa.String(64)),
        sa.Column("comment", sa.Text),
    )
    op.create_index("ix_feedback_answer_id", "feedback", ["answer_id"])


def downgrade() -> None:
    """Drops all three."""
    for table in ("feedback", "turn", "conversation"):
        op.drop_table(table)
