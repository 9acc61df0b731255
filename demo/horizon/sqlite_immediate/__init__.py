# SPDX-License-Identifier: Apache-2.0
"""A database engine for Django before 5.1; see :mod:`.base`."""
