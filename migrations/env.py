"""Runs migrations with the owner's connection, given by the caller as `config.attributes["url"]`.

What autogenerate and `check` compare with is `config.attributes["metadata"]`. Who only migrates gives none: to import
every table takes as long as all migrations together.
"""

from alembic import context
from sqlalchemy import MetaData, create_engine

# As every migration so far was written for: a name is part of the schema, whatever models may do later.
NAMES = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}

engine = create_engine(context.config.attributes["url"])
with engine.connect() as connection:
    context.configure(
        connection=connection,
        target_metadata=context.config.attributes.get("metadata", MetaData(naming_convention=NAMES)),
        compare_server_default=True,
        autogenerate_plugins=["alembic.autogenerate.*", "alembic.ext.checkconstraint_byname"],
    )
    with context.begin_transaction():
        context.run_migrations()
engine.dispose()
