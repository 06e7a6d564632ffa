"""From a text to words, and from words to one vector.

The rules are written here once: Beam applies them, and the Keras layer compiles them
into its graph.
"""
