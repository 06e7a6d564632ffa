"""What people are shown: escaped, with units, as a table, a bar or a log line."""
