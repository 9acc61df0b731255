# SPDX-License-Identifier: Apache-2.0
"""Additions to the measured Horizon: a request counter and empty pages."""
