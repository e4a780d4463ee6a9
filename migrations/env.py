"""Alembic's environment: it runs within the transaction that `migrations.upgrade` holds."""

from alembic import context

from shared.database import metadata

context.configure(connection=context.config.attributes["connection"], target_metadata=metadata, render_as_batch=False)
with context.begin_transaction():
    context.run_migrations()
