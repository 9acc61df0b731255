# SPDX-License-Identifier: Apache-2.0
"""Horizon plugin: share images with chosen projects, and find images that others share."""
