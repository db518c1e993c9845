"""A gap's question as it was typed, and what was spoken of before it."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Adds the columns; they stay empty for questions from before."""
    op.add_column("gap_question", sa.Column("typed", sa.Text, nullable=True))
    op.add_column("gap_question", sa.Column("context", sa.Text, nullable=True))


def downgrade() -> None:
    """Drops them."""
    op.drop_column("gap_question", "context")
    op.drop_column("gap_question", "typed")
