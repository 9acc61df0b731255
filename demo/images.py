# SPDX-License-Identifier: Apache-2.0
"""Small disk images for Glance, in the format that they claim."""

import struct

_CLUSTER_BITS = 16
_CLUSTER = 1 << _CLUSTER_BITS
_COPIED = 1 << 63


def qcow2(content: bytes, virtual_size: int) -> bytes:
    """Return a QCOW2 image whose disk begins with ``content`` and is empty after it.

    The layout is that of QEMU's ``docs/interop/qcow2.rst``, version 3, one cluster each:
    header, refcount table, refcount block, L1 table, L2 table, data. Glance inspects uploads and
    refuses those that do not match their disk format.

    :param content: at most one cluster, 64 KiB
    :param virtual_size: of the disk, in bytes, at most 512 MiB so that one L2 table is enough
    """
    header = struct.pack(
        ">4sIQIIQIIQQIIQQQQII",
        b"QFI\xfb",
        3,  # version
        0,  # no backing file
        0,
        _CLUSTER_BITS,
        virtual_size,
        0,  # not encrypted
        1,  # entries in the L1 table
        3 * _CLUSTER,  # its position
        1 * _CLUSTER,  # position of the refcount table
        1,  # clusters of the refcount table
        0,  # no snapshots
        0,
        0,  # no incompatible features
        0,  # no compatible features
        0,  # no autoclear features
        4,  # refcounts of 2**4 bits
        104,  # length of this header
    )
    clusters = [
        header,
        struct.pack(">Q", 2 * _CLUSTER),
        struct.pack(">6H", *[1] * 6),
        struct.pack(">Q", 4 * _CLUSTER | _COPIED),
        struct.pack(">Q", 5 * _CLUSTER | _COPIED),
        content,
    ]
    return b"".join(cluster.ljust(_CLUSTER, b"\0") for cluster in clusters)
