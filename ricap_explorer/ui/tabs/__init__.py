"""One file per tab: pure handlers first, then `build`, which lays out widgets and wires them."""
