# SPDX-License-Identifier: Apache-2.0
"""Found by Horizon's ``from local.local_settings import *``."""
