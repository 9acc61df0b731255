# SPDX-License-Identifier: Apache-2.0
"""What only the measured Horizon has: a count of its requests, and pages with nothing in them."""
