"""Horizon's settings and WSGI entry point for the demo and the tests."""
