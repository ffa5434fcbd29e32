from hypothesis import settings

# No deadline: a slow machine is not a failure. Derandomised: a failure is the same every time.
settings.register_profile("pielab", deadline=None, max_examples=30, derandomize=True)
settings.load_profile("pielab")
