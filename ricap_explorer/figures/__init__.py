"""Results in, pictures out. The only package that imports matplotlib, and only where a picture needs it."""
