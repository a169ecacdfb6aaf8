"""The page: services made at start-up, one file per tab, put together in page.py. torch is imported after the page is up."""
