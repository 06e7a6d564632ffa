"""Sample data that ships with the package; see NOTICE.txt."""
