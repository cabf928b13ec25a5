"""File formats without a publisher: text, numbers, HTML tables, strict JSON, XBRL."""
