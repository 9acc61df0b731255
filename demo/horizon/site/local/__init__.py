"""Found by Horizon's ``from local.local_settings import *``."""
