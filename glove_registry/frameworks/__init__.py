"""Vectors for other libraries: Keras layers, ``tf.data`` datasets, files.

Each library is imported by the function that needs it, not before.
"""
