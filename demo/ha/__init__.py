# SPDX-License-Identifier: Apache-2.0
"""The demo with two Horizon nodes behind a balancer.

Keystone and Glance use MariaDB; sessions and caches are in memcached. Either node can be stopped at
any time, because no process holds state that the other node lacks.
"""
