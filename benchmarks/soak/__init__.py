# SPDX-License-Identifier: Apache-2.0
"""How two Horizon nodes with the panel bear fifty users for some minutes: ``make soak``."""
