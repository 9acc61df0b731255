# SPDX-License-Identifier: Apache-2.0
"""Two Horizon nodes with the panel under fifty users for some minutes: ``make soak``."""
