"""What was kept for long enough is looked for at each build: by an index, not by reading every mail and webhook.

Every statement stands here as it was, whatever the tables are by now.
"""

from __future__ import annotations

from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the two indexes."""
    op.create_index("events_by_age", "events", ["created_at"], unique=False)
    op.create_index("messages_by_age", "messages", ["created_at"], unique=False)
