"""Runs migrations with the owner's connection, given by the caller as `config.attributes["url"]`."""

from alembic import context
from sqlalchemy import create_engine
from sqlmodel import SQLModel

import models  # noqa: F401  registers every table

engine = create_engine(context.config.attributes["url"])
with engine.connect() as connection:
    context.configure(connection=connection, target_metadata=SQLModel.metadata, compare_server_default=False)
    with context.begin_transaction():
        context.run_migrations()
engine.dispose()
