"""What people are shown: safe to print, with units, as tables, bars, warnings, logs."""
