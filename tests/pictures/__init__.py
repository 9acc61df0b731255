# SPDX-License-Identifier: Apache-2.0
"""The documentation's pictures, and all others on demand."""
