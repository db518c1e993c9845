"""Visitors' questions that an editor ticked, in a deletable place until the approval."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Adds the table."""
    op.create_table(
        "kept_question",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("entry", sa.String(200), sa.ForeignKey("desk_entry.id"), nullable=False),
        sa.Column("language", sa.String(2), nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("asked", sa.DateTime(timezone=True), nullable=False),
    )
    op.create_index("ix_kept_question_entry", "kept_question", ["entry"])


def downgrade() -> None:
    """Drops it; what is ticked and not approved is lost."""
    op.drop_table("kept_question")
