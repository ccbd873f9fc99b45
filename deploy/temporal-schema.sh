#!/bin/sh
# Brings Temporal's two databases to the schema of its server: at the first start, and after an upgrade.
set -eu

versions=/etc/temporal/schema/postgresql/v12

update() {
    tool="temporal-sql-tool --plugin postgres12 --endpoint $POSTGRES_SEEDS --port $DB_PORT --user $POSTGRES_USER --database $1"
    $tool setup-schema --version 0.0 || echo "$1 has been set up before"
    $tool update-schema --schema-dir "$versions/$2/versioned"
}

update temporal temporal
update temporal_visibility visibility
