"""Words in, rows and matrices out: vocabularies, rules for case and unknown words.

Import from the modules: every load imports `rows` alone.
"""
