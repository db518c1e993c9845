"""Runs the migrations on the connection that `open_engine` hands over."""

from alembic import context

from assistant.records import desk_tables  # noqa: F401 - its tables belong to the metadata
from assistant.records.tables import Base

context.configure(
    connection=context.config.attributes["connection"], target_metadata=Base.metadata, transactional_ddl=True
)
with context.begin_transaction():
    context.run_migrations()
