# SPDX-License-Identifier: Apache-2.0
"""The demo with two Horizon nodes behind a balancer.

Keystone and Glance are on MariaDB, sessions and caches in memcached. Either node can
be stopped at any time: nothing is in its process that the other does not know.
"""
