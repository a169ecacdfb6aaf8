"""The page: services made at start-up, a file per tab, put together in page.py. torch comes after the page is up."""
