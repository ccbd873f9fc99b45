"""Runs migrations with the owner's connection, given by the caller as `config.attributes["url"]`.

What autogenerate and `check` compare with are the models, or the `config.attributes["metadata"]` that is given.
"""

from alembic import context
from sqlalchemy import create_engine
from sqlmodel import SQLModel

import models  # noqa: F401  registers every table

engine = create_engine(context.config.attributes["url"])
with engine.connect() as connection:
    context.configure(
        connection=connection,
        target_metadata=context.config.attributes.get("metadata", SQLModel.metadata),
        compare_server_default=True,
        autogenerate_plugins=["alembic.autogenerate.*", "alembic.ext.checkconstraint_byname"],
    )
    with context.begin_transaction():
        context.run_migrations()
engine.dispose()
