# SPDX-License-Identifier: Apache-2.0
"""A small OpenStack on this machine: Keystone, Glance and Horizon with the panel.

``make demo`` runs it for people (:mod:`demo.__main__`); the tests run the same cloud
(``tests/conftest.py``).
"""
