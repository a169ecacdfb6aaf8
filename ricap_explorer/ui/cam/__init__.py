"""The pieces of the CAM tab: what is looked at, and one module for each section."""
