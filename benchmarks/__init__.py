# SPDX-License-Identifier: Apache-2.0
"""The panel's cost compared with Keystone's, Glance's and Horizon's own: ``make bench``."""
