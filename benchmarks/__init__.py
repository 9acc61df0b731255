# SPDX-License-Identifier: Apache-2.0
"""What the panel costs, beside what Keystone, Glance and Horizon cost anyway: ``make bench``."""
