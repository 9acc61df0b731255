# SPDX-License-Identifier: Apache-2.0
"""Horizon's settings and WSGI entry point for the demo and the tests."""
