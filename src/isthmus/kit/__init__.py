"""Small tools that know nothing of the product; every other folder may import them."""
