"""Tests of the transport room; a package, so that they can share the server."""
