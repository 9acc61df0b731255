# SPDX-License-Identifier: Apache-2.0
"""Another plugin on Horizon's Images panels, as small as one can be."""
