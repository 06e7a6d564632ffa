"""Python alone: what any process costs."""
