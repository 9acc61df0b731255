# SPDX-License-Identifier: Apache-2.0
"""Another, minimal plugin on Horizon's Images panels."""
