"""The looks at the test set. Never edited once released: a change is a new migration."""

import sqlalchemy as sa
from alembic import op

revision = "m002"
down_revision = "m001"


def upgrade() -> None:
    """Create the table of looks."""
    op.create_table(
        "looks",
        sa.Column("seq", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("test", sa.Text, nullable=False, index=True),
        sa.Column("rows", sa.Integer, nullable=False),
        sa.Column("version", sa.Text, nullable=False),
        sa.Column("what", sa.Text, nullable=False),
        sa.Column("metric", sa.Text, nullable=False),
        sa.Column("who", sa.Text, nullable=False),
        sa.Column("looked_at", sa.Text, nullable=False),
    )


def downgrade() -> None:
    """Drop the table."""
    op.drop_table("looks")
