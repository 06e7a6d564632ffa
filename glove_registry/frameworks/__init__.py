"""From rows to what frameworks take: Keras layers, ``tf.data`` datasets, files.

Each framework is imported by the function that needs it, not before.
"""
