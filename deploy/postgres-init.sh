#!/bin/sh
# Run once by the Postgres image, on an empty data folder: our two roles and database, and those of Temporal.
# The same roles as `ops/embedded/postgres_roles.py` makes: the owner migrates, the app owns nothing.
set -eu

psql --no-psqlrc --set ON_ERROR_STOP=1 --username "$POSTGRES_USER" --dbname postgres \
    --set owner_password="$CASEWRIGHT_OWNER_PASSWORD" \
    --set app_password="$CASEWRIGHT_APP_PASSWORD" \
    --set temporal_password="$TEMPORAL_DATABASE_PASSWORD" <<'SQL'
CREATE ROLE casewright_owner LOGIN NOSUPERUSER NOBYPASSRLS NOCREATEROLE NOCREATEDB PASSWORD :'owner_password';
CREATE ROLE casewright_app LOGIN NOSUPERUSER NOBYPASSRLS NOCREATEROLE NOCREATEDB PASSWORD :'app_password';
CREATE ROLE temporal LOGIN NOSUPERUSER NOBYPASSRLS NOCREATEROLE NOCREATEDB PASSWORD :'temporal_password';

CREATE DATABASE casewright OWNER casewright_owner;
CREATE DATABASE temporal OWNER temporal;
CREATE DATABASE temporal_visibility OWNER temporal;

REVOKE CONNECT, TEMPORARY ON DATABASE casewright, temporal, temporal_visibility FROM PUBLIC;
GRANT CONNECT ON DATABASE casewright TO casewright_app;

\connect casewright
CREATE EXTENSION IF NOT EXISTS pg_trgm;
CREATE EXTENSION IF NOT EXISTS unaccent;
CREATE EXTENSION IF NOT EXISTS btree_gist;
CREATE EXTENSION IF NOT EXISTS btree_gin;

-- No row-level security holds for large objects: bytes that one tenant's request leaves there another's could read.
DO $$ DECLARE found regprocedure; BEGIN
    FOR found IN SELECT oid FROM pg_proc
        WHERE pronamespace = 'pg_catalog'::regnamespace AND proname ~ '^(lo_|lowrite$|loread$)'
    LOOP EXECUTE format('REVOKE ALL ON FUNCTION %s FROM PUBLIC', found); END LOOP;
    REVOKE ALL ON pg_largeobject FROM PUBLIC;
END $$;

\connect temporal_visibility
CREATE EXTENSION IF NOT EXISTS btree_gin;
SQL
