"""Another plugin on Horizon's Images panels, as small as one can be."""
