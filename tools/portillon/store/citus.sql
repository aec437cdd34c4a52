-- SPDX-License-Identifier: Apache-2.0
-- Distributes a store over several servers by site (Citus, https://docs.citusdata.com). Each key of the tables begins with the
-- site or holds it, and no statement of portillon joins two sites, so each school's rows stay together on one server.
-- psql -d DATABASE -f citus.sql, once, on the coordinator, after a first command of portillon has made the tables.
SELECT create_distributed_table('journal', 'site');
SELECT create_distributed_table('anomalies', 'site', colocate_with => 'journal');
SELECT create_distributed_table('devices', 'site', colocate_with => 'journal');
SELECT create_distributed_table('people', 'site', colocate_with => 'journal');
SELECT create_distributed_table('holdings', 'site', colocate_with => 'journal');
SELECT create_distributed_table('office_cards', 'site', colocate_with => 'journal');
SELECT create_distributed_table('gates', 'site', colocate_with => 'journal');
SELECT create_distributed_table('wishes', 'site', colocate_with => 'journal');
SELECT create_distributed_table('wishes_done', 'site', colocate_with => 'journal');
SELECT create_distributed_table('lists', 'site', colocate_with => 'journal');
SELECT create_distributed_table('audit', 'site', colocate_with => 'journal');
SELECT create_distributed_table('meal_counts', 'site', colocate_with => 'journal');
SELECT create_distributed_table('sites', 'site', colocate_with => 'journal');
