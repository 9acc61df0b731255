# SPDX-License-Identifier: Apache-2.0
"""The command's exit statuses."""

#: Nothing to do, or all of it done.
DONE = 0
#: Something was not done, or is not known.
FAILED = 1
#: The call has to be another one: its options, its file, the user or the node.
USAGE = 2
#: The plan has changes, and nothing is wrong with its file.
CHANGES = 3
