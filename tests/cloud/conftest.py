"""Tests in this folder talk to the real Keystone and Glance, from within this process."""
