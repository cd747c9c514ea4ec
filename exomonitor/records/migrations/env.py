"""What Alembic runs for every command: it works on the connection it was handed, inside the caller's transaction."""

from __future__ import annotations

from alembic import context

from exomonitor.records.schema import METADATA

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=METADATA,
    render_as_batch=True,
    transactional_ddl=True,
)
context.run_migrations()
