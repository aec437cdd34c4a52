-- SPDX-License-Identifier: Apache-2.0
-- Gives each school of a server a role that sees the rows of its own site alone (row-level security, PostgreSQL manual, "Row
-- Security Policies"). Run it once as the owner of the tables, after a first command of portillon has made them:
--   psql -d DATABASE -f roles.sql
-- Then for each school (the site id is in the table sites, and `portillon site check DIR --json` prints it):
--   CREATE ROLE lycee_exemple LOGIN PASSWORD '...' IN ROLE portillon_school;
--   INSERT INTO portillon_roles (role, site) VALUES ('lycee_exemple', '0123456789abcdef');
-- The owner sees all sites. Backups and reports over all schools are the owner's.
BEGIN;
CREATE ROLE portillon_school NOLOGIN;
CREATE TABLE portillon_roles (role NAME PRIMARY KEY, site TEXT NOT NULL);
CREATE FUNCTION portillon_own_site() RETURNS TEXT LANGUAGE sql STABLE SECURITY DEFINER SET search_path FROM CURRENT
    AS $$ SELECT site FROM portillon_roles WHERE role = session_user $$;
DO $$
DECLARE
    name TEXT;
BEGIN
    FOREACH name IN ARRAY ARRAY['journal', 'anomalies', 'devices', 'sites', 'people', 'holdings', 'office_cards', 'gates',
                                'wishes', 'wishes_done', 'lists', 'audit', 'meal_counts'] LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', name);
        EXECUTE format('CREATE POLICY own_site ON %I USING (site = portillon_own_site())', name);
        EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON %I TO portillon_school', name);
    END LOOP;
END $$;
GRANT SELECT ON passages, events, runs, in_force, undated, portillon_schema TO portillon_school;
GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO portillon_school;
REVOKE ALL ON portillon_roles FROM PUBLIC;
COMMIT;
