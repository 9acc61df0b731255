# SPDX-License-Identifier: Apache-2.0
"""``python -m demo.horizon.static``: collect and compress the static files, in one process.

Two commands would import Horizon twice.
"""

import django
from django.core.management import call_command

if __name__ == "__main__":
    django.setup()
    call_command("collectstatic", interactive=False, clear=True)
    call_command("compress", force=True)
