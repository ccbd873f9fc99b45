"""The edge of the pages: sessions in cookies, forms, errors, languages, and how a page is drawn."""
