"""The settings of each job: exactly what it uses of the config, as canonical JSON."""
