"""Horizon plugin: share images with chosen projects, and find what others share."""
