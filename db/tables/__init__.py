"""The tables: schema, writes, and the stored rows as domain objects."""
