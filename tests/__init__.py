"""Tests: ``unit`` needs no server, ``cloud`` and ``browser`` share one real cloud."""
