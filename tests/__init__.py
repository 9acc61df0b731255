# SPDX-License-Identifier: Apache-2.0
"""Tests: ``unit`` needs no server, ``cloud`` and ``browser`` share one real cloud.

``horizon_own`` runs Horizon's tests of its Images panels with this panel enabled.
"""
